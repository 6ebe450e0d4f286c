"""Sessions of the past under a scheduler, by `airflow backfill create` and by what the button of the UI sends."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it
from nexuslims_core.db.database import Database
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from nexuslims_core.testing.writers.msa import write_msa
from tests.servers.scheduler import LiveAirflow, Run

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]

DAG = "nexuslims_backfill_records"
HOUR = timedelta(hours=1)
TITAN = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")
NOVA = replace(TITAN, instrument_pid="Nova-2", schema_name="Nova", filestore_path="./Nova")
ENDS = {
    "good": datetime(2026, 3, 2, 10, tzinfo=UTC),
    "held": datetime(2026, 3, 2, 12, tzinfo=UTC),
    "empty": datetime(2026, 3, 3, 10, tzinfo=UTC),
    "unmended": datetime(2026, 3, 3, 12, tzinfo=UTC),
    "over midnight": datetime(2026, 3, 4, 0, 30, tzinfo=UTC),
    "of later": datetime(2026, 3, 5, 0, 0, tzinfo=UTC),
}
"""Session to its END; each lasts for an hour. Those of the second to the fourth of March are asked for."""
DAYS = {"2": "backfill__2026-03-03", "3": "backfill__2026-03-04", "4": "backfill__2026-03-05"}
"""Day of March to the run of its interval, which is named by the end of that."""
SPAN = {"from_date": "2026-03-02T00:00:00Z", "to_date": "2026-03-04T00:00:00Z"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One backfill of the same days: its runs by day, and how often each session had been begun when it was over."""

    runs: Mapping[str, Run]
    attempts: Mapping[str, int]

    def state(self, session: str) -> str | None:
        """Return the state of a session's task; None where there is none."""
        name = label(session)
        states = [task.state for run in self.runs.values() for task in run.tasks if task.name == name]
        return states[0] if states else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A facility, and what each backfill of the same three days left."""

    database: Database
    passes: Mapping[str, Pass]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Backfill three days from the command line, then again in each way that the UI's button has."""
    folder = tmp_path_factory.mktemp("past")
    with PostgresqlServer(folder / "postgresql", fsync=False) as postgresql:
        url = postgresql.database("sessions")
        database = lay_out(folder, url)
        settings = {
            "NEXUSLIMS_FILESTORE_PATH": str(folder / "store"),
            "NEXUSLIMS_DATA_PATH": str(folder / "data"),
            "NEXUSLIMS_SITE_PATH": str(folder / "site"),
            "NEXUSLIMS_DB_URL": url,
        }
        with LiveAirflow(folder, postgresql, facility=settings) as airflow:
            yield Past(database=database, passes=all_passes(airflow, database))
        database.engine.dispose()


def all_passes(airflow: LiveAirflow, database: Database) -> dict[str, Pass]:
    airflow.wait_for_run(airflow.begin(DAG))  # what unpausing begins by itself: yesterday
    command_line(airflow)
    passes = {"first": over(airflow, database)}
    passes["none"] = once_more(airflow, database, "none")
    database.add_instrument(NOVA)
    database.requeue("unmended", "its calendar was taken away", datetime.now(UTC))
    passes["failed"] = once_more(airflow, database, "failed")
    passes["completed"] = once_more(airflow, database, "completed")
    passes["rebuild"] = once_more(airflow, database, "completed", rebuild=True)
    return passes


def lay_out(folder: Path, url: str) -> Database:
    """Write two instruments, their sessions, and a file in each session but one."""
    database = Database.create(url)
    for instrument in (TITAN, replace(NOVA, harvester=Harvester.SHAREPOINT)):  # with a calendar that has no address
        database.add_instrument(instrument)
        (folder / "store" / instrument.schema_name).mkdir(parents=True)
    for session, end in ENDS.items():
        instrument = NOVA if session == "unmended" else TITAN
        database.start_session(instrument.instrument_pid, "ada", end - HOUR, session)
        database.end_session(session, end)
        if session != "empty":
            inside = (end - HOUR / 2).timestamp()
            path = folder / "store" / instrument.schema_name / f"{session}.msa"
            write_msa(path, [1, 5, 2], header={"BEAMKV   -kV": 300.0}, mtime=inside)
    database.claim("held", "another holder", datetime.now(UTC), 10 * HOUR)
    return database


def label(session: str) -> str:
    start = ENDS[session] - HOUR
    return f"{'Nova' if session == 'unmended' else 'Titan'} {start:%Y-%m-%d %H:%M} (ada)"


def command_line(airflow: LiveAirflow) -> None:
    """Backfill the days as `airflow backfill create` does."""
    words = ["--dag-id", DAG, "--from-date", "2026-03-02", "--to-date", "2026-03-04", "--max-active-runs", "2"]
    command = [sys.executable, "-m", "airflow", "backfill", "create", *words]
    done = subprocess.run(command, env=airflow.airflow.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def once_more(airflow: LiveAirflow, database: Database, behaviour: str, *, rebuild: bool = False) -> Pass:
    """Backfill the days as the UI's button does."""
    body = {**SPAN, "dag_id": DAG, "reprocess_behavior": behaviour, "dag_run_conf": {"rebuild": rebuild}}
    airflow.ask("POST", "backfills", body)
    return over(airflow, database)


def over(airflow: LiveAirflow, database: Database) -> Pass:
    """Wait until no backfill is open any more, and return what is left of it."""

    def all_are_closed() -> bool:
        return all(each["completed_at"] for each in airflow.ask("GET", f"backfills?dag_id={DAG}")["backfills"])

    airflow.wait_for(all_are_closed, "the backfill is over")
    runs = {day: airflow.run((DAG, f"{run_id}T00:00:00+00:00")) for day, run_id in DAYS.items()}
    for day, run in runs.items():
        told = [(task.task_id, task.name, task.state, task.tries) for task in run.tasks]
        print(day, run.state, *told, sep="\n  ")  # noqa: T201 - shown where a test fails
    return Pass(runs=runs, attempts={session: len(database.attempts(session)) for session in ENDS})


def test_a_run_takes_the_sessions_whose_end_lies_in_its_day(past: Past) -> None:
    names = {day: {task.name for task in run.named("build_session")} for day, run in past.passes["first"].runs.items()}

    assert names == {
        "2": {label("good"), label("held")},
        "3": {label("empty"), label("unmended")},
        "4": {label("over midnight")},
    }


def test_what_waits_is_built_by_one_task(past: Past) -> None:
    first = past.passes["first"]

    assert (first.state("good"), first.state("over midnight")) == ("success", "success")
    assert past.database.summary("over midnight").status is RecordStatus.COMPLETED


def test_a_session_without_files_and_one_that_is_held_are_skipped(past: Past) -> None:
    first = past.passes["first"]

    assert (first.state("empty"), first.state("held")) == ("skipped", "skipped")
    assert past.database.summary("empty").status is RecordStatus.NO_FILES_FOUND
    assert [attempt.holder for attempt in past.database.attempts("held")] == ["another holder"]


def test_what_a_person_must_mend_fails_at_once_and_reddens_its_day_alone(past: Past) -> None:
    runs = past.passes["first"].runs

    assert {day: run.state for day, run in runs.items()} == {"2": "success", "3": "failed", "4": "success"}
    assert [task.tries for task in runs["3"].named("build_session", label("unmended"))] == [1]


def test_days_that_have_run_are_left_unless_reprocessing_is_asked_for(past: Past) -> None:
    first, none = past.passes["first"], past.passes["none"]

    assert none.attempts == first.attempts
    assert none.runs == first.runs


def test_reprocessing_what_failed_runs_that_day_again_and_builds_what_was_requeued(past: Past) -> None:
    failed = past.passes["failed"]

    assert failed.state("unmended") == "success"
    assert failed.runs["3"].state == "success"
    assert failed.attempts == {**past.passes["none"].attempts, "unmended": 2}


def test_reprocessing_what_succeeded_builds_nothing_anew(past: Past) -> None:
    completed = past.passes["completed"]

    assert completed.attempts == past.passes["failed"].attempts
    assert {completed.state(session) for session in ENDS if session != "of later"} == {"skipped"}


def test_with_rebuild_all_of_them_are_built_again(past: Past) -> None:
    before, rebuilt = past.passes["completed"].attempts, past.passes["rebuild"]

    again = {session for session in ENDS if rebuilt.attempts[session] == before[session] + 1}
    assert again == {"good", "empty", "unmended", "over midnight"}
    assert rebuilt.state("good") == rebuilt.state("over midnight") == "success"


def test_a_session_that_ended_later_is_left_alone(past: Past) -> None:
    assert past.passes["rebuild"].attempts["of later"] == 0
