"""What an operator sees of sessions that are built under a scheduler: metrics, lineage, and the lines of task logs."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it
from nexuslims_core.db.database import Database
from nexuslims_core.demo.airflow import DAG
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from nexuslims_core.testing.writers.msa import write_msa
from tests.servers.openlineage import OpenLineage, installed
from tests.servers.otlp import OtlpServer
from tests.servers.scheduler import LiveAirflow, Run
from tests.servers.statsd import StatsdServer

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]

Lines = list[dict[str, Any]]
HOUR = timedelta(hours=1)
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "openlineage"
TITAN = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")
NOVA = Instrument(
    instrument_pid="Nova-2",
    schema_name="Nova",
    filestore_path="./Nova",
    timezone="UTC",
    harvester=Harvester.SHAREPOINT,
)
"""An instrument whose calendar has no address, so that each of its sessions ends in ERROR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A run over two sessions, and what it told.

    Attributes
    ----------
    logs
        Session to the logs of its tasks, each the decoded lines in their order.
    """

    run: Run
    database: Database
    folder: Path
    statsd: StatsdServer
    lineage: OpenLineage
    logs: Mapping[str, list[Lines]]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The run, with StatsD and OpenLineage listening."""
    folder = tmp_path_factory.mktemp("watched")
    lineage = OpenLineage(packages=installed(CACHE), events=folder / "events.jsonl")
    with StatsdServer() as statsd:
        options = {**statsd.options, **lineage.options}
        with built(folder, options, {"PYTHONPATH": str(lineage.packages)}) as (run, database):
            yield Watched(
                run=run,
                database=database,
                folder=folder,
                statsd=statsd,
                lineage=lineage,
                logs=logs_by_session(folder / "airflow" / "logs", run),
            )


@contextmanager
def built(folder: Path, options: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[tuple[Run, Database]]:
    """Run the DAG once over two sessions, and keep the database of sessions open."""
    with PostgresqlServer(folder / "postgresql", fsync=False) as postgresql:
        url = postgresql.database("sessions")
        database = lay_out(folder, url)
        settings = {
            "NEXUSLIMS_FILESTORE_PATH": str(folder / "store"),
            "NEXUSLIMS_DATA_PATH": str(folder / "data"),
            "NEXUSLIMS_DB_URL": url,
            "NEXUSLIMS_SETTLE": "1",
            "NEXUSLIMS_SITE_PATH": str(folder / "site"),
            "NEXUSLIMS_SITE_URL": "https://records.example.org",
            **environment,
        }
        with LiveAirflow(folder, postgresql, facility=settings, options=options) as airflow:
            run = airflow.wait_for_run(airflow.begin(DAG))
        yield run, database
        database.engine.dispose()


def lay_out(folder: Path, url: str) -> Database:
    """Write two sessions that ended two hours ago; one has a file that cannot be read, the other cannot be built."""
    database, now = Database.create(url), datetime.now(UTC).replace(microsecond=0)
    (folder / "site").mkdir()
    for instrument, session in ((TITAN, "good"), (NOVA, "unmended")):
        database.add_instrument(instrument)
        (folder / "store" / instrument.schema_name).mkdir(parents=True)
        database.start_session(instrument.instrument_pid, "ada", now - 4 * HOUR, session)
        database.end_session(session, now - 2 * HOUR)
        begun = (now - 4 * HOUR).timestamp()
        for i in range(3):
            path = folder / "store" / instrument.schema_name / f"{session} {i}.msa"
            write_msa(path, [1, 5, 2, 1 + i], header={"BEAMKV   -kV": 300.0}, mtime=begun + 600 * (i + 1))
    broken = folder / "store" / "Titan" / "broken.dm3"
    broken.write_bytes(b"\0\0\0\3 and no more of it")
    os.utime(broken, (begun + 2400, begun + 2400))
    return database


def logs_by_session(logs: Path, run: Run) -> dict[str, list[Lines]]:
    """Read the files that Airflow's tasks of a group have logged to, in the process of each."""
    claims = {task.map_index: task.name or "" for task in run.named("session.claim")}
    found: dict[str, list[Lines]] = {"good": [], "unmended": []}
    for index, name in claims.items():
        session = "good" if name.startswith("Titan") else "unmended"
        for path in sorted(logs.glob(f"dag_id={DAG}/*/task_id=session.*/map_index={index}/*.log")):
            found[session].append([json.loads(line) for line in path.read_text().splitlines()])
    return found


def test_the_sessions_end_as_they_should(watched: Watched) -> None:
    states = {each.session_identifier: each.status for each in watched.database.sessions()}

    assert states == {"good": RecordStatus.COMPLETED, "unmended": RecordStatus.ERROR}


def test_the_time_from_the_end_to_the_record_online_is_sent(watched: Watched) -> None:
    (took,) = watched.database.deliveries(datetime.now(UTC) - 5 * HOUR)[:1]

    sent = watched.statsd.values("nexuslims.session.end_to_online.Titan-1")

    assert took.online is not None
    assert sent == [pytest.approx((took.online - took.ended).total_seconds() * 1000, abs=1)]


def test_every_session_and_file_is_counted(watched: Watched) -> None:
    values = watched.statsd.values

    assert values("nexuslims.session.built.COMPLETED.Titan-1") == [1.0]
    assert values("nexuslims.session.built.ERROR.Nova-2") == [1.0]
    assert (values("nexuslims.files.read.Titan-1"), values("nexuslims.files.unreadable.Titan-1")) == ([3.0], [1.0])
    assert values("nexuslims.sessions.waiting")[0] == 2.0


def test_every_stage_tells_how_long_it_took(watched: Watched) -> None:
    stages = {line.split(".")[4] for line in watched.statsd.ours() if "stage.duration" in line and "Titan-1" in line}

    assert stages == {task.removeprefix("session.") for task in watched.run.tasks_of(name(watched, "Titan"))}


def name(watched: Watched, instrument: str) -> str:
    return next(
        each.name or "" for each in watched.run.named("session.claim") if (each.name or "").startswith(instrument)
    )


@pytest.mark.parametrize("session", ["good", "unmended"])
def test_every_line_from_where_a_task_has_its_session_names_it(watched: Watched, session: str) -> None:
    unnamed: list[str] = []
    for lines in watched.logs[session]:
        begun = next(at for at, line in enumerate(lines) if "session_id" in line)
        unnamed += [line["event"] for line in lines[begun:] if line.get("session_id") != session]

    assert len(watched.logs[session]) > 2
    assert unnamed == []


def test_only_airflow_speaks_before_a_task_has_its_session(watched: Watched) -> None:
    files = [lines for of_session in watched.logs.values() for lines in of_session]
    before = {line["logger"].split(".")[0] for lines in files for line in lines if "session_id" not in line}

    assert before <= {"task", "py", "airflow", "openlineage"}


def test_the_raw_folder_the_record_and_where_it_went_are_one_line(watched: Watched) -> None:
    (valid,) = watched.lineage.told("session.validate_record")
    (sent,) = watched.lineage.told("session.upload_record")

    assert [(each["namespace"], each["name"]) for each in valid["inputs"]] == [
        ("file", str(watched.folder / "store" / "Titan"))
    ]
    assert [each["name"] for each in valid["outputs"]] == [each["name"] for each in sent["inputs"]]
    (online,) = sent["outputs"]
    assert online["namespace"] == "https://records.example.org"
    (publication,) = watched.database.publications_of("good")
    assert publication.url == f"https://records.example.org/{online['name']}"


def test_opentelemetry_gets_every_value_once_though_each_task_is_a_process_of_its_own(tmp_path: Path) -> None:
    with OtlpServer() as otlp:
        wished = {**otlp.environment, "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta"}
        options = {
            name.removeprefix("AIRFLOW__"): wished.pop(name) for name in [*wished] if name.startswith("AIRFLOW__")
        }
        with built(tmp_path, options, wished):
            pass

    ended = otlp.points("nexuslims.session.built")
    assert {each.tags["status"]: each.value for each in ended} == {"COMPLETED": 1.0, "ERROR": 1.0}
    assert len(ended) == 2
    assert all(each.is_delta for each in ended)
