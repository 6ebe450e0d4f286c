"""What becomes of a usage event: the rules of nexuslims_core/db/usage.py, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.db.repositories import session_logs
from nexuslims_core.errors import SessionStateError, UnknownInstrumentError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.models import EventType, FindingKind, SessionLog
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.usage import Usage, UsageOutcome

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PREFIX = "https://nemo.example.org/api/usage_events/?id="
WAITS, ENDS = RecordStatus.WAITING_FOR_END, RecordStatus.TO_BE_BUILT
Logs = Callable[[str], list[SessionLog]]


@pytest.fixture
def running(titan: Instrument, ten: datetime) -> Usage:
    return Usage(session_identifier=f"{PREFIX}7", instrument_pid=titan.instrument_pid, start=ten, end=None, user="ada")


@pytest.fixture
def used(running: Usage, ten: datetime) -> Usage:
    return replace(running, end=ten + HOUR)


@pytest.fixture
def logs(database: Database) -> Logs:
    """The START and END logs of a session by time."""

    def read(identifier: str) -> list[SessionLog]:
        with database._reading() as transaction:
            return list(session_logs.of_session(transaction, identifier))

    return read


@pytest.fixture
def adopted(database: Database, titan: Instrument, used: Usage) -> Callable[..., None]:
    """Write the rows of another program: (event, minutes after the start) each, all of one status."""

    def write(*events: tuple[EventType, float], status: RecordStatus = ENDS) -> None:
        with database._writing() as transaction:
            for kind, minutes in events:
                log = SessionLog(
                    session_identifier=used.session_identifier,
                    instrument_pid=titan.instrument_pid,
                    timestamp=used.start + minutes * MINUTE,
                    event_type=kind,
                    record_status=status,
                    user="ada",
                )
                session_logs.add(transaction, log)

    return write


@pytest.fixture
def build(database: Database, used: Usage, ten: datetime) -> Callable[[RecordStatus], None]:
    """Let somebody build the session."""

    def make(status: RecordStatus = RecordStatus.COMPLETED) -> None:
        claim = database.claim(used.session_identifier, "builder", ten + HOUR, HOUR)
        database.close(claim, status, ten + 2 * HOUR)

    return make


def kinds(database: Database, usage: Usage) -> list[FindingKind]:
    return [finding.kind for finding in database.findings(usage.session_identifier)]


def test_a_finished_usage_is_a_session_that_waits_to_be_built(database: Database, used: Usage) -> None:
    outcome = database.note_usage(used)

    session = database.waiting_sessions()[0]
    assert outcome is UsageOutcome.ENDED
    assert (session.dt_from, session.dt_to, session.user) == (used.start, used.end, "ada")


def test_told_again_it_changes_nothing(database: Database, used: Usage, logs: Logs) -> None:
    database.note_usage(used)

    assert database.note_usage(used) is UsageOutcome.UNCHANGED
    assert len(logs(used.session_identifier)) == 2


def test_a_running_usage_is_a_session_that_people_see_and_nobody_builds(database: Database, running: Usage) -> None:
    assert database.note_usage(running) is UsageOutcome.STARTED

    assert database.summary(running.session_identifier).status is WAITS
    assert database.waiting_sessions() == ()


def test_it_waits_to_be_built_when_it_has_ended(database: Database, running: Usage, used: Usage) -> None:
    database.note_usage(running)

    assert database.note_usage(used) is UsageOutcome.ENDED
    assert [session.dt_to for session in database.waiting_sessions()] == [used.end]
    assert kinds(database, used) == []


@pytest.mark.parametrize("short", [timedelta(0), -MINUTE], ids=["no time", "less than none"])
def test_a_usage_of_no_length_is_no_session(database: Database, used: Usage, short: timedelta) -> None:
    assert database.note_usage(replace(used, end=used.start + short)) is UsageOutcome.NOTHING
    assert database.sessions() == ()


def test_a_running_usage_that_ends_at_its_start_is_parked_with_the_reason(database: Database, running: Usage) -> None:
    database.note_usage(running)
    database.note_usage(replace(running, end=running.start))

    database.waiting_sessions()

    assert database.summary(running.session_identifier).status is RecordStatus.ERROR
    assert "it ends at" in str(database.summary(running.session_identifier).error_sentence)


def test_new_times_and_another_user_reach_a_session_that_is_not_built(database: Database, used: Usage) -> None:
    database.note_usage(used)
    revised = replace(used, start=used.start - MINUTE, end=used.start + 3 * HOUR, user="ben")

    assert database.note_usage(revised) is UsageOutcome.REVISED

    session = database.session(used.session_identifier)
    assert (session.dt_from, session.dt_to, session.user) == (revised.start, revised.end, "ben")


def test_what_a_revised_session_said_before_is_kept(database: Database, used: Usage) -> None:
    database.note_usage(used)
    database.note_usage(replace(used, start=used.start - MINUTE, user="ben"))

    (finding,) = database.findings(used.session_identifier)

    assert finding.kind is FindingKind.HEALED
    assert f"start {used.start.isoformat()} became {(used.start - MINUTE).isoformat()}" in finding.reason
    assert "user ada became ben" in finding.reason


def test_a_revised_end_may_be_earlier(database: Database, used: Usage, ten: datetime) -> None:
    database.note_usage(used)

    database.note_usage(replace(used, end=ten + MINUTE))

    assert database.session(used.session_identifier).dt_to == ten + MINUTE


def test_a_session_goes_with_its_event_to_another_instrument(
    database: Database, titan: Instrument, used: Usage
) -> None:
    database.add_instrument(replace(titan, instrument_pid="Quanta-2"))
    database.note_usage(used)

    assert database.note_usage(replace(used, instrument_pid="Quanta-2")) is UsageOutcome.REVISED
    assert database.session(used.session_identifier).instrument.instrument_pid == "Quanta-2"


def test_less_than_a_second_is_no_revision(database: Database, used: Usage) -> None:
    database.note_usage(used)

    cut = replace(used, start=used.start.replace(microsecond=0))

    assert database.note_usage(cut) is UsageOutcome.UNCHANGED


def test_an_event_that_is_opened_again_keeps_its_end(database: Database, used: Usage, running: Usage) -> None:
    database.note_usage(used)

    assert database.note_usage(running) is UsageOutcome.UNCHANGED
    assert database.session(used.session_identifier).dt_to == used.end


def test_a_session_that_is_being_built_is_left_alone(database: Database, used: Usage, ten: datetime) -> None:
    database.note_usage(used)
    database.claim(used.session_identifier, "builder", ten + HOUR, HOUR)

    assert database.note_usage(replace(used, end=ten + 2 * HOUR)) is UsageOutcome.BEING_BUILT
    assert database.session(used.session_identifier).dt_to == used.end


@pytest.mark.parametrize("end", [RecordStatus.COMPLETED, RecordStatus.ERROR, RecordStatus.NO_FILES_FOUND])
def test_a_built_session_is_left_and_the_change_is_said_once(
    database: Database, used: Usage, ten: datetime, build: Callable[[RecordStatus], None], end: RecordStatus
) -> None:
    database.note_usage(used)
    build(end)
    revised = replace(used, end=ten + 2 * HOUR)

    outcomes = [database.note_usage(revised) for _ in range(3)]

    assert outcomes == [UsageOutcome.CHANGED_TOO_LATE, UsageOutcome.UNCHANGED, UsageOutcome.UNCHANGED]
    assert database.summary(used.session_identifier).status is end
    assert ["requeue the session" in each.reason for each in database.findings(used.session_identifier)] == [True]


def test_requeueing_a_built_session_lets_the_change_in(
    database: Database, used: Usage, ten: datetime, build: Callable[[], None]
) -> None:
    database.note_usage(used)
    build()
    revised = replace(used, end=ten + 2 * HOUR)
    database.note_usage(revised)
    database.requeue(used.session_identifier, "NEMO is right", ten + 3 * HOUR)

    assert database.note_usage(revised) is UsageOutcome.REVISED
    assert database.session(used.session_identifier).dt_to == revised.end


def test_rows_that_nexuslims_wrote_are_the_same_session(
    database: Database, used: Usage, adopted: Callable[..., None], logs: Logs
) -> None:
    adopted((EventType.START, 0), (EventType.END, 60), status=RecordStatus.COMPLETED)

    assert database.note_usage(used) is UsageOutcome.UNCHANGED
    assert len(logs(used.session_identifier)) == 2


def test_several_ends_of_a_built_session_are_no_change_if_one_is_right(
    database: Database, used: Usage, adopted: Callable[..., None]
) -> None:
    rows = (EventType.START, 0), (EventType.END, 60), (EventType.END, 95)
    adopted(*rows, status=RecordStatus.COMPLETED)

    assert database.note_usage(used) is UsageOutcome.UNCHANGED


def test_several_ends_of_an_unbuilt_session_become_the_right_one(
    database: Database, used: Usage, adopted: Callable[..., None], logs: Logs
) -> None:
    adopted((EventType.START, 0), (EventType.END, 60), (EventType.END, 95))
    database.note_usage(replace(used, end=used.start + 95 * MINUTE))

    assert database.note_usage(used) is UsageOutcome.REVISED
    assert database.session(used.session_identifier).dt_to == used.end
    assert len(logs(used.session_identifier)) == 3


def test_a_start_that_is_missing_is_written(database: Database, used: Usage, adopted: Callable[..., None]) -> None:
    adopted((EventType.END, 60))

    assert database.note_usage(used) is UsageOutcome.REVISED
    assert [session.dt_from for session in database.waiting_sessions()] == [used.start]


def test_an_event_that_is_gone_parks_its_session_once(database: Database, used: Usage, ten: datetime) -> None:
    database.note_usage(used)

    assert database.lose_usage(used.session_identifier, "it is gone") is UsageOutcome.GONE
    assert database.summary(used.session_identifier).status is RecordStatus.ERROR
    database.requeue(used.session_identifier, "it took place", ten + HOUR)
    assert database.lose_usage(used.session_identifier, "it is gone") is UsageOutcome.UNCHANGED
    assert len(database.waiting_sessions()) == 1


def test_an_event_that_is_gone_takes_no_session_from_its_builder(
    database: Database, used: Usage, ten: datetime, build: Callable[[], None]
) -> None:
    database.note_usage(used)
    database.claim(used.session_identifier, "builder", ten + HOUR, HOUR)

    assert database.lose_usage(used.session_identifier, "it is gone") is UsageOutcome.BEING_BUILT
    build()
    assert database.lose_usage(used.session_identifier, "it is gone") is UsageOutcome.UNCHANGED


def test_eight_that_tell_of_the_same_usage_at_once_write_it_once(database: Database, used: Usage, logs: Logs) -> None:
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: database.note_usage(used), range(8)))

    assert sorted(outcomes) == [UsageOutcome.ENDED, *[UsageOutcome.UNCHANGED] * 7]
    assert len(logs(used.session_identifier)) == 2


def test_what_is_known_is_the_latest_start_and_what_is_not_built(
    database: Database, used: Usage, build: Callable[[], None], titan: Instrument
) -> None:
    later = replace(used, session_identifier=f"{PREFIX}8", start=used.start + HOUR, end=None)
    database.note_usage(used)
    build()
    database.note_usage(later)
    database.start_session(titan.instrument_pid, "ada", used.start + 5 * HOUR, "by hand")

    known = database.known_usage(titan.instrument_pid, PREFIX)

    assert (known.latest_start, known.unbuilt) == (later.start, (later.session_identifier,))


def test_nothing_is_known_of_another_server_or_instrument(database: Database, used: Usage, titan: Instrument) -> None:
    database.note_usage(used)

    for pid, prefix in ((titan.instrument_pid, PREFIX.replace("example", "_xample")), ("Quanta-2", PREFIX)):
        assert database.known_usage(pid, prefix).latest_start is None


def test_an_instrument_that_is_not_known_has_no_usage(database: Database, used: Usage) -> None:
    with pytest.raises(UnknownInstrumentError):
        database.note_usage(replace(used, instrument_pid="Quanta-2"))


def test_a_running_session_cannot_be_built_before_it_has_ended(database: Database, running: Usage) -> None:
    database.note_usage(running)

    with pytest.raises(SessionStateError):
        database.session(running.session_identifier)
