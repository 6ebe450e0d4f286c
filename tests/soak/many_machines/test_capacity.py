"""How many sessions a day one worker carries: whole sessions of 37 files, with everything else on the same machine."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.demo.airflow import DAG
from nexuslims_core.demo.layout import published_times
from nexuslims_core.demo.samples import write_eels_session
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.servers.redis import RedisServer
from tests.servers.scheduler import LiveAirflow
from tests.soak.many_machines.conftest import MACHINES, celery, seconds_of, worker

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]

SESSIONS = 12
DAY = timedelta(days=1)


def test_one_worker_builds_all_that_waits(
    tmp_path_factory: pytest.TempPathFactory,
    cdcs: CdcsServer,
    share: Callable[[int], int],
    tell: Callable[[str], None],
) -> None:
    folder = tmp_path_factory.mktemp("capacity")
    count = share(SESSIONS)
    with (
        PostgresqlServer(folder / "postgresql", fsync=False) as postgresql,
        RedisServer(folder / "redis") as redis,
    ):
        url = postgresql.database("sessions")
        database = _lay_out(folder, url, count)
        settings = {
            "NEXUSLIMS_FILESTORE_PATH": str(folder / "store"),
            "NEXUSLIMS_DATA_PATH": str(folder / "data"),
            "NEXUSLIMS_DB_URL": url,
            "NEXUSLIMS_CDCS_URL": cdcs.url,
            "NEXUSLIMS_CDCS_TOKEN": cdcs.token,
        }
        options = {**celery(redis, postgresql), "CORE__HOSTNAME_CALLABLE": "socket.gethostname"}
        with LiveAirflow(folder, postgresql, facility=settings, options=options) as airflow:
            airflow.start(worker(MACHINES[0]), airflow.machine(MACHINES[0]))
            ended = airflow.wait_for_run(airflow.begin(DAG), limit_s=1200)
            took_s = seconds_of(airflow, ended)
        states = [database.summary(f"capacity-{i:03d}").status for i in range(count)]
        database.engine.dispose()

    tell(f"one worker of two tasks: {count} sessions of 37 files in {took_s:.0f} s, {count / took_s * 86400:.0f} a day")
    assert states == [RecordStatus.COMPLETED] * count


def _lay_out(folder: Path, url: str, count: int) -> Database:
    database = Database.create(url)
    titan = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")
    database.add_instrument(titan)
    for i in range(count):
        times = [time + i * DAY.total_seconds() for time in published_times()]
        write_eels_session(folder / "store", f"Titan/{i:03d}", times)
        start, end = (datetime.fromtimestamp(time, UTC) for time in (times[0] - 900, times[-1] + 900))
        database.start_session(titan.instrument_pid, "ada", start, f"capacity-{i:03d}")
        database.end_session(f"capacity-{i:03d}", end)
    return database
