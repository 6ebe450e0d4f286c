"""Sessions a minute under a real scheduler: the nine-step group and the fat backfill, beside the same shapes empty.

Twenty tiny sessions, one spectrum each, published into a folder; PostgreSQL for Airflow and for the sessions, the
LocalExecutor with four tasks at a time. The time is that of the run, from its start to its end, as Airflow states it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nexuslims_core.db.database import Database
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from nexuslims_core.testing.writers.msa import write_msa
from tests.bench.figures import Figure
from tests.bench.side_by_side import OURS
from tests.servers.scheduler import ENDED, LiveAirflow, Run

SESSIONS = 20
GROUP, FAT = "sessions through the nine-step group", "sessions through the fat backfill"
SHAPES = {FAT: "backfill_records", GROUP: "build_records"}
EMPTY = "the same shape, empty"
LIMIT_S = 1800.0
RATE, RATIO = "sessions/min", "× the empty shape"
BEGUN = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
DAGS = Path(__file__).resolve().parents[2] / "dags"
EMPTY_DAGS = Path(__file__).with_name("empty_dags")
TITAN = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")


def throughput(folder: Path, runs: int) -> list[Figure]:
    """Measure both shapes; each run of ours follows one of the empty shape."""
    with _airflow(folder) as facility:
        taken = {
            name: [facility.run(name, day) for day in range(runs)] for name in ("backfill_records", "build_records")
        }
    return [
        figure
        for about, name in ((FAT, "backfill_records"), (GROUP, "build_records"))
        for figure in _figures(about, taken[name])
    ]


def _figures(about: str, taken: list[tuple[float, float]]) -> Iterator[Figure]:
    """Return rates and ratio of pairs of seconds: of the empty shape, and of ours."""
    rates = [tuple(60 * SESSIONS / seconds for seconds in run) for run in taken]
    yield Figure(about=about, name=OURS, unit=RATE, runs=tuple(ours for _, ours in rates))
    yield Figure(about=about, name=OURS, unit=RATIO, runs=tuple(ours / empty for empty, ours in taken))
    yield Figure(about=about, name=EMPTY, unit=RATE, runs=tuple(empty for empty, _ in rates))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facility:
    """A facility under a running Airflow."""

    folder: Path
    database: Database
    airflow: LiveAirflow

    def run(self, name: str, day: int) -> tuple[float, float]:
        """Return the seconds of one run of the empty shape, and of one of ours over new sessions."""
        for dag_id in (f"empty_{name}", f"nexuslims_{name}"):
            self._warm(dag_id)
        empty = self._seconds(self._ended(f"empty_{name}", day))
        identifiers = self._wait_to_be_built(name, day)
        ours = self._seconds(self._ended(f"nexuslims_{name}", day))
        built = [self.database.summary(each).status for each in identifiers]
        if set(built) != {RecordStatus.COMPLETED}:
            raise SystemExit(f"{name}: {built.count(RecordStatus.COMPLETED)} of {len(built)} sessions were completed")
        return empty, ours

    def _wait_to_be_built(self, name: str, day: int) -> list[str]:
        identifiers = []
        for i in range(SESSIONS):
            identifier = f"{name} {day} {i}"
            begun = BEGUN + day * DAY + i * timedelta(hours=1)
            self.database.start_session(TITAN.instrument_pid, "ada", begun, identifier)
            self.database.end_session(identifier, begun + timedelta(minutes=50))
            path = self.folder / "store" / "Titan" / f"{day} {i}.msa"
            write_msa(path, [1, 5, 2], header={"BEAMKV   -kV": 300.0}, mtime=begun.timestamp() + 600)
            identifiers.append(identifier)
        return identifiers

    def _warm(self, dag_id: str) -> None:
        """Let a DAG have its first run, which unpausing makes, before there is anything to build."""
        if not self.airflow.runs(dag_id):
            self.airflow.wait_for_run(self.airflow.begin(dag_id), limit_s=LIMIT_S)
            self.airflow.pause(dag_id)

    def _ended(self, dag_id: str, day: int) -> Run:
        """Run a DAG once, for a day, and return the run that had the sessions: its timer may be faster."""
        airflow, start = self.airflow, BEGUN + day * DAY
        before = {each for each in airflow.runs(dag_id) if airflow.run((dag_id, each)).state in ENDED}  # one may wait
        airflow.ask("PATCH", f"dags/{dag_id}", {"is_paused": False})
        body: dict[str, Any] = {
            "logical_date": start.isoformat(),
            "data_interval_start": start.isoformat(),
            "data_interval_end": (start + DAY).isoformat(),
        }
        made = airflow.ask("POST", f"dags/{dag_id}/dagRuns", body)
        airflow.wait_for_run((dag_id, made["dag_run_id"]), limit_s=LIMIT_S)
        airflow.pause(dag_id)
        new = set(airflow.runs(dag_id)) - before
        return max((airflow.run((dag_id, run_id)) for run_id in new), key=lambda run: len(run.tasks))

    def _seconds(self, run: Run) -> float:
        told = self.airflow.ask("GET", f"dags/{run.dag_id}/dagRuns/{run.run_id}")
        if run.state != "success":
            raise SystemExit(f"{run.dag_id} ended as {run.state}: {[t for t in run.tasks if t.state != 'success'][:3]}")
        begun, ended = (datetime.fromisoformat(told[name]) for name in ("start_date", "end_date"))
        return (ended - begun).total_seconds()


@contextmanager
def _airflow(folder: Path) -> Iterator[_Facility]:
    dags = folder / "dags"
    dags.mkdir()
    for path in (*DAGS.glob("*.py"), *EMPTY_DAGS.glob("*.py")):
        (dags / path.name).symlink_to(path)
    (folder / "store" / "Titan").mkdir(parents=True)
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgresqlServer(folder / "postgresql"))
        url = postgresql.database("sessions")
        database = Database.create(url)
        stack.callback(database.engine.dispose)
        database.add_instrument(TITAN)
        settings = {
            "NEXUSLIMS_FILESTORE_PATH": str(folder / "store"),
            "NEXUSLIMS_DATA_PATH": str(folder / "data"),
            "NEXUSLIMS_SITE_PATH": str(folder / "site"),
            "NEXUSLIMS_DB_URL": url,
            "BENCH_SESSIONS": str(SESSIONS),
        }
        options = {"CORE__DAGS_FOLDER": str(dags), "CORE__PARALLELISM": "4"}
        airflow = stack.enter_context(LiveAirflow(folder, postgresql, facility=settings, options=options))
        yield _Facility(folder=folder, database=database, airflow=airflow)
