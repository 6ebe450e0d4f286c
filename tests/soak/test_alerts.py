"""Whatever is killed, people are told of each session once, by a real mail server; and later where that was away.

Two runs of the record builder and one of housekeeping, under a scheduler: an error, a task that is killed, a task that
is killed with what watches over it, a scheduler that is killed with all that it runs, and a mail server that is away.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.demo.airflow import DAG
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.servers.scheduler import SCHEDULER, LiveAirflow, Task
from tests.servers.smtp import SmtpServer, text_of

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]
SABOTAGE = Path(__file__).with_name("alarms")
BEGUN, HOUR = datetime(2026, 3, 2, 10, 0, tzinfo=UTC), timedelta(hours=1)
HOUSEKEEPING = "nexuslims_housekeeping"
KINDS = ("raised", "killed", "lost", "restarted")
"""Sessions, and their users, by which Airflow's settings break their tasks."""

LAST_BEGUN = "harvest_reservation"
"""The stage that alerts name: the others are killed before the next one has told the books that it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What was told when the runs had ended.

    Attributes
    ----------
    first
        Subjects after the first run.
    meanwhile, later
        Subjects that were added by the second run, while the mail server was away, and by housekeeping.
    """

    database: Database
    mails: SmtpServer
    url: str
    first: list[str]
    meanwhile: list[str]
    later: list[str]

    def subject(self, session: str) -> str:
        start = BEGUN + 2 * KINDS.index(session) * HOUR
        name = "Nova" if session == "raised" else "Titan"
        return f"[NexusLIMS] {name} {start:%Y-%m-%d %H:%M} ({session}): {LAST_BEGUN} failed"


@pytest.fixture(scope="session")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    folder = tmp_path_factory.mktemp("alerts")
    with PostgresqlServer(folder / "postgresql", fsync=False) as postgresql, SmtpServer() as mails:
        address = postgresql.database("sessions")
        database = _laid_out(folder, address)
        settings = {
            "NEXUSLIMS_FILESTORE_PATH": str(folder / "store"),
            "NEXUSLIMS_DATA_PATH": str(folder / "data"),
            "NEXUSLIMS_DB_URL": address,
            "NEXUSLIMS_FILE_DELAY": "0",
            "NEXUSLIMS_SHAREPOINT_USER": "nexus",
            "NEXUSLIMS_SHAREPOINT_PASSWORD": "sesame",
            "NEXUSLIMS_ALERTS_GATHER": "0",
            "NEXUSLIMS_ALERTS_DIGEST": "100",
            "PYTHONPATH": str(SABOTAGE),
            **mails.env,
        }
        with LiveAirflow(folder, postgresql, facility=settings) as airflow:
            first = _first_run(airflow, mails)
            meanwhile = _second_run(airflow, database, mails)
            later = _housekeeping(airflow, database, mails)
            yield Watch(
                database=database,
                mails=mails,
                url=airflow.airflow.url,
                first=first,
                meanwhile=meanwhile,
                later=later,
            )
        database.engine.dispose()


def _laid_out(folder: Path, address: str) -> Database:
    database = Database.create(address)
    titan = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")
    nova = replace(titan, instrument_pid="Nova-2", schema_name="Nova", harvester=Harvester.SHAREPOINT)
    (folder / "store" / "Titan").mkdir(parents=True)
    for instrument in (titan, nova):
        database.add_instrument(instrument)
    for number, session in enumerate(KINDS):
        start = BEGUN + 2 * number * HOUR
        instrument = nova if session == "raised" else titan
        database.start_session(instrument.instrument_pid, session, start, session)
        database.end_session(session, start + HOUR)
    return database


def _first_run(airflow: LiveAirflow, mails: SmtpServer) -> list[str]:
    run = airflow.begin(DAG)
    for session in ("lost", "restarted"):
        airflow.wait_for_task(run, lambda task, user=session: _sleeps(task, user))
    (lost,) = [task for task in airflow.run(run).tasks if _sleeps(task, "lost")]
    airflow.kill_task(lost, supervisor=True)
    airflow.wait_for(lambda: len(mails.mails) >= len(KINDS) - 1, "all but the session that still sleeps are told")
    airflow.kill(SCHEDULER)
    airflow.start(SCHEDULER)
    airflow.wait_for_run(run)
    return mails.subjects


def _sleeps(task: Task, user: str) -> bool:
    runs = task.task_id == "session.find_files" and task.state == "running" and task.pid is not None
    return runs and f"({user})" in str(task.name)


def _second_run(airflow: LiveAirflow, database: Database, mails: SmtpServer) -> list[str]:
    before = len(mails.mails)
    mails.stop()
    database.requeue("raised", "looked at", datetime.now(UTC))
    airflow.wait_for_run(airflow.trigger(DAG))
    airflow.pause(DAG)
    return mails.subjects[before:]


def _housekeeping(airflow: LiveAirflow, database: Database, mails: SmtpServer) -> list[str]:
    before = len(mails.mails)
    mails.start()
    (waiting,) = [told for told in database.told_alerts(99) if not told.deliveries[0].told_at]
    an_hour_ago = datetime.now(UTC) - HOUR  # so that the next try is due now
    database.note_untold(waiting.deliveries[0].recipient, (waiting.alert.mark,), "it was away", an_hour_ago)
    airflow.wait_for_run(airflow.begin(HOUSEKEEPING))
    airflow.wait_for(lambda: len(mails.mails) >= before + 2, "what could not be sent before is sent")
    airflow.wait_for_run(airflow.trigger(HOUSEKEEPING))
    return mails.subjects[before:]


@pytest.mark.parametrize("session", KINDS)
def test_each_session_is_told_once_whatever_was_killed(watch: Watch, session: str) -> None:
    assert Counter(watch.first)[watch.subject(session)] == 1


def test_nothing_else_was_told(watch: Watch) -> None:
    assert sorted(watch.first) == sorted(map(watch.subject, KINDS))


@pytest.mark.parametrize("session", KINDS)
def test_an_alert_leads_to_the_log_and_to_the_page(watch: Watch, session: str) -> None:
    (mail, *_) = [mail for mail in watch.mails.mails if mail["Subject"] == watch.subject(session)]

    assert f"{watch.url}/nexuslims/sessions/{session}" in text_of(mail)
    assert f"/tasks/session.{LAST_BEGUN}/mapped/" in text_of(mail)


def test_a_mail_server_that_is_away_disturbs_nothing(watch: Watch) -> None:
    attempts = watch.database.attempts("raised")

    assert watch.meanwhile == []
    assert [attempt.outcome for attempt in attempts] == ["ERROR", "ERROR"]


def test_the_mail_follows_once(watch: Watch) -> None:
    assert Counter(watch.later)[watch.subject("raised")] == 1


def test_a_task_of_no_session_that_was_killed_is_told_once_while_it_fails(watch: Watch) -> None:
    assert Counter(watch.later) == {
        watch.subject("raised"): 1,
        f"[NexusLIMS] the task {HOUSEKEEPING}.requeue_late fails": 1,
    }
