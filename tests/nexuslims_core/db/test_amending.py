from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from nexuslims_core.db.database import Database
from nexuslims_core.errors import (
    ClaimedElsewhereError,
    ClaimLostError,
    NexusLimsError,
    SessionStateError,
    UnknownInstrumentError,
    UnknownSessionError,
)
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.amending import Amendment
from nexuslims_core.sessions.models import EventType, FindingKind, SessionLog
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.usage import Usage

Waits = Callable[..., str]
Logs = Callable[..., None]
HOUR = timedelta(hours=1)
START, END = EventType.START, EventType.END


@pytest.fixture
def logs(database: Database, titan: Instrument) -> Logs:
    """Insert logs as another program does, and let a run look at them."""

    def insert(*written: tuple[EventType, datetime], identifier: str = "s1", pid: str = titan.instrument_pid) -> None:
        query = (
            'INSERT INTO session_log (session_identifier, instrument, timestamp, event_type, record_status, "user") '
            "VALUES (:s, :i, :t, :e, 'TO_BE_BUILT', 'ada')"
        )
        sqlite = database.engine.dialect.name == "sqlite"
        with database.engine.begin() as connection:
            for event, time in written:
                at = time.isoformat(timespec="microseconds") if sqlite else time
                connection.execute(text(query), {"s": identifier, "i": pid, "t": at, "e": event.value})
        database.waiting_sessions()

    return insert


def rows(database: Database, identifier: str = "s1") -> list[tuple[EventType, datetime, RecordStatus]]:
    return [(log.event_type, log.timestamp, log.record_status) for log in database.logs(identifier)]


def number(database: Database, event: EventType, identifier: str = "s1") -> int:
    return next(log.id_session_log or 0 for log in database.logs(identifier) if log.event_type is event)


def healed(database: Database, identifier: str = "s1") -> list[str]:
    return [each.reason for each in database.findings(identifier) if each.kind is FindingKind.HEALED]


def test_a_parked_session_waits_again_and_what_its_log_said_is_kept(
    database: Database, logs: Logs, ten: datetime
) -> None:
    logs((START, ten), (END, ten - HOUR))
    parked, row = database.summary("s1").status, number(database, END)

    told = database.amend("s1", Amendment(end=ten + HOUR), "the clock was slow.")

    assert (parked, [each.dt_to for each in database.waiting_sessions()]) == (RecordStatus.ERROR, [ten + HOUR])
    assert told == (
        f"Corrected by hand: log {row}, the END at 2026-03-02T04:00:00.123456-05:00 by ada on FEI-Titan-TEM-635816, "
        "ERROR, is at 2026-03-02T06:00:00.123456-05:00 on FEI-Titan-TEM-635816 now: the clock was slow.",
    )
    assert healed(database) == list(told)


def test_the_record_says_what_was_corrected(database: Database, logs: Logs, ten: datetime, lease: timedelta) -> None:
    logs((START, ten), (END, ten - HOUR))
    told = database.amend("s1", Amendment(end=ten + HOUR), "the clock was slow")

    claim = database.claim("s1", "run:0", ten + 2 * HOUR, lease)

    assert claim.session.remarks[-1:] == told


def test_the_record_does_not_say_of_a_corrected_log_what_was_found_before_as_if_it_held(
    database: Database, logs: Logs, ten: datetime, lease: timedelta
) -> None:
    logs((START, ten), (END, ten + HOUR), (END, ten + 2 * HOUR), (START, ten + HOUR / 2))
    (told,) = database.amend("s1", Amendment(end=ten + HOUR), "the later one was none")

    claim = database.claim("s1", "run:0", ten + 2 * HOUR, lease)

    assert claim.session.remarks == (
        "The START at 2026-03-02T05:30:00.123456-05:00 was passed over: an earlier one counts.",
        told,
    )


def test_the_same_amendment_again_changes_nothing_not_even_after_the_record_was_made(
    database: Database, logs: Logs, ten: datetime, lease: timedelta
) -> None:
    logs((START, ten), (END, ten - HOUR))
    said = Amendment(start=ten, end=ten + HOUR)
    first = database.amend("s1", said, "once")
    database.close(database.claim("s1", "run:0", ten, lease), RecordStatus.COMPLETED, ten)

    assert (len(first), database.amend("s1", said, "twice")) == (1, ())
    assert database.summary("s1").status is RecordStatus.COMPLETED


def test_a_missing_start_is_added(database: Database, logs: Logs, ten: datetime) -> None:
    logs((END, ten))

    database.amend("s1", Amendment(start=ten - HOUR), "it was on paper")

    (session,) = database.waiting_sessions()
    assert (session.dt_from, session.dt_to, session.user) == (ten - HOUR, ten, "ada")


def test_a_forgotten_end_is_added(database: Database, titan: Instrument, ten: datetime) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    database.amend("s1", Amendment(end=ten + HOUR), "it was on paper")

    assert [status for _, _, status in rows(database)] == [RecordStatus.TO_BE_BUILT] * 2
    assert [each.dt_to for each in database.waiting_sessions()] == [ten + HOUR]


def test_logs_that_would_count_instead_are_taken_out_and_the_others_stay(
    database: Database, logs: Logs, ten: datetime
) -> None:
    logs((START, ten - HOUR), (START, ten), (START, ten + HOUR), (END, ten + 3 * HOUR), (END, ten + 2 * HOUR))

    told = database.amend("s1", Amendment(start=ten, end=ten + 2 * HOUR), "as planned")

    assert [(event, (time - ten) / HOUR) for event, time, _ in rows(database)] == [(START, 0), (START, 1), (END, 2)]
    assert [sentence.split(" log ")[0] for sentence in told] == ["Taken out by hand:"] * 2


def test_a_session_whose_only_end_is_taken_out_waits_for_another_and_nothing_false_is_told(
    database: Database, logs: Logs, ten: datetime
) -> None:
    logs((START, ten), (END, ten - HOUR))

    (told,) = database.amend("s1", Amendment(dropped=frozenset({number(database, END)})), "it was of another session")

    assert rows(database) == [(START, ten, RecordStatus.WAITING_FOR_END)]
    assert healed(database) == [told]


def test_taking_out_a_log_again_changes_nothing(database: Database, logs: Logs, ten: datetime) -> None:
    logs((START, ten), (END, ten - HOUR))
    logs((START, ten), identifier="later")  # so that its number is not given to another log
    said = Amendment(dropped=frozenset({number(database, END)}))

    assert [len(database.amend("s1", said, "once")), len(database.amend("s1", said, "twice"))] == [1, 0]


def test_a_log_that_is_replaced_does_not_leave_its_number_to_the_new_one(
    database: Database, logs: Logs, ten: datetime
) -> None:
    logs((START, ten), (END, ten - HOUR))
    said = Amendment(end=ten + HOUR, dropped=frozenset({number(database, END)}))

    first = database.amend("s1", said, "it was of another session")

    assert (len(first), database.amend("s1", said, "twice")) == (2, ())
    assert [(event, time) for event, time, _ in rows(database)] == [(START, ten), (END, ten + HOUR)]


def test_a_log_that_came_too_late_goes_and_the_record_stays_as_it_is(
    database: Database, waits: Waits, logs: Logs, ten: datetime, lease: timedelta
) -> None:
    database.close(database.claim(waits("s1"), "run:0", ten, lease), RecordStatus.COMPLETED, ten)
    logs((END, ten + 2 * HOUR))
    parked, late = database.summary("s1").status, database.logs("s1")[-1].id_session_log or 0

    database.amend("s1", Amendment(dropped=frozenset({late})), "it was of another session")

    assert (parked, database.summary("s1").status) == (RecordStatus.ERROR, RecordStatus.COMPLETED)
    assert database.waiting_sessions() == ()


@pytest.mark.parametrize("of", ["another session", "nobody"])
def test_refuses_a_log_that_is_none_of_the_session(database: Database, waits: Waits, ten: datetime, of: str) -> None:
    waits("s1")
    waits("s2")
    wrong = number(database, END, "s2") if of == "another session" else 4711

    with pytest.raises(SessionStateError, match=f"session s1 has no log {wrong}: it has 1 and 2"):
        database.amend("s1", Amendment(end=ten + 2 * HOUR, dropped=frozenset({wrong})), "a slip")

    assert (len(rows(database)), len(rows(database, "s2")), healed(database)) == (2, 2, [])
    assert database.summary("s1").dt_to == ten + HOUR


def test_refuses_to_take_out_the_last_log(database: Database, waits: Waits) -> None:
    waits("s1")
    every = frozenset(log.id_session_log or 0 for log in database.logs("s1"))

    with pytest.raises(SessionStateError, match="no log left"):
        database.amend("s1", Amendment(dropped=every), "all wrong")

    assert len(rows(database)) == 2


def test_logs_of_an_instrument_that_nobody_knows_are_given_to_another(
    database: Database, waits: Waits, titan: Instrument, ten: datetime, lease: timedelta
) -> None:
    database.add_instrument(replace(titan, instrument_pid="Quanta", filestore_path="./Quanta"))
    database.close(database.claim(waits("s1"), "run:0", ten, lease), RecordStatus.NO_FILES_FOUND, ten)

    told = database.amend("s1", Amendment(instrument_pid="Quanta"), "the wrong script")

    assert [each.instrument.instrument_pid for each in database.waiting_sessions()] == ["Quanta"]
    assert ["on Quanta now" in sentence for sentence in told] == [True, True]


def test_refuses_an_instrument_that_nobody_knows(database: Database, waits: Waits) -> None:
    with pytest.raises(UnknownInstrumentError):
        database.amend(waits("s1"), Amendment(instrument_pid="absent"), "a slip")


def test_refuses_a_session_that_nobody_knows(database: Database, ten: datetime) -> None:
    with pytest.raises(UnknownSessionError):
        database.amend("absent", Amendment(end=ten), "a slip")


@pytest.mark.parametrize("what", ["start", "end"])
def test_refuses_a_time_that_is_still_to_come(database: Database, waits: Waits, ten: datetime, what: str) -> None:
    at_noon = replace(database, clock=lambda: ten + 2 * HOUR)

    with pytest.raises(SessionStateError, match=f"cannot {what} at 2026-03-02T13:.*, which is still to come"):
        at_noon.amend(waits("s1"), Amendment(**{what: ten + 3 * HOUR}), "a slip")


def test_what_makes_no_session_is_parked_anew_and_told(database: Database, waits: Waits, ten: datetime) -> None:
    database.amend(waits("s1"), Amendment(end=ten - HOUR), "a slip")

    summary = database.summary("s1")
    assert summary.status is RecordStatus.ERROR
    assert "it ends at 2026-03-02T09:00:00.123456+00:00, not after its start" in str(summary.error_sentence)


def test_the_hour_that_came_twice_is_told_apart(database: Database, waits: Waits) -> None:
    new_york = ZoneInfo("America/New_York")
    said = Amendment(
        start=datetime(2025, 11, 2, 1, 50, tzinfo=new_york), end=datetime(2025, 11, 2, 1, 10, fold=1, tzinfo=new_york)
    )

    assert [len(database.amend(waits("s1"), said, "once")), len(database.amend("s1", said, "twice"))] == [2, 0]
    assert database.session("s1").dt_to == datetime(2025, 11, 2, 6, 10, tzinfo=UTC)


def test_an_end_that_would_count_for_a_later_session_under_the_identifier_is_refused(
    database: Database, logs: Logs, ten: datetime
) -> None:
    logs((START, ten), (END, ten + HOUR), (START, ten + 5 * HOUR), (END, ten + 6 * HOUR))
    before = rows(database)

    with pytest.raises(SessionStateError, match=r"s1 cannot end at .*: another session under its identifier"):
        database.amend("s1", Amendment(end=ten + 5.5 * HOUR), "a slip")

    assert (rows(database), len(rows(database, "s1#reused-2"))) == (before, 2)


def test_nemo_has_the_word_on_its_own_sessions(database: Database, titan: Instrument, ten: datetime) -> None:
    database.add_instrument(replace(titan, harvester=Harvester.NEMO))
    name = "https://nemo.example.org/api/usage_events/?id=7"
    usage = Usage(session_identifier=name, instrument_pid=titan.instrument_pid, start=ten, end=ten + HOUR)
    database.note_usage(usage)

    with pytest.raises(SessionStateError, match="correct it there, then requeue"):
        database.amend(name, Amendment(end=ten + 2 * HOUR), "a slip")


# ---- beside builders and other people


def test_refuses_to_amend_what_is_being_built(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)
    at_ten = replace(database, clock=lambda: ten)

    with pytest.raises(ClaimedElsewhereError, match="is being built by run:0: wait for its end"):
        at_ten.amend("s1", Amendment(start=ten - HOUR), "in a hurry")

    assert database.summary("s1").dt_from == ten
    database.close(claim, RecordStatus.COMPLETED, ten)


def test_a_holder_that_went_silent_cannot_finish_what_was_amended_since(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)

    database.amend("s1", Amendment(end=ten + 2 * HOUR), "it lasted longer")

    with pytest.raises(ClaimLostError):
        database.close(claim, RecordStatus.COMPLETED, ten)
    assert [each.dt_to for each in database.waiting_sessions()] == [ten + 2 * HOUR]


def at_once(url: str, *deeds: Callable[[Database], object]) -> list[object]:
    """Do each in a thread with a database of its own, all at the same moment; return what each told."""
    ready = Barrier(len(deeds))

    def call(deed: Callable[[Database], object]) -> object:
        database = Database.open(url)
        ready.wait(30)
        try:
            return deed(database)
        except NexusLimsError as error:
            return error
        finally:
            database.engine.dispose()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(call, deeds))


def test_of_two_people_who_amend_at_once_the_last_one_counts_and_both_are_kept(
    database: Database, url: str, waits: Waits, ten: datetime
) -> None:
    waits("s1")
    ends = [ten + hours * HOUR for hours in (2, 3, 4, 5)]

    at_once(url, *(lambda each, end=end: each.amend("s1", Amendment(end=end), f"until {end}") for end in ends))

    assert len(rows(database)) == 2
    assert len(healed(database)) == 4
    assert (
        f" {(database.summary('s1').dt_to or ten).astimezone(ZoneInfo('America/New_York')).isoformat()} on "
        in (healed(database)[-1])
    )


def test_people_who_add_the_same_at_once_leave_one_log(
    database: Database, url: str, titan: Instrument, ten: datetime
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    told = at_once(url, *[lambda each: each.amend("s1", Amendment(end=ten + HOUR), "on paper")] * 8)

    assert sorted(map(len, told)) == [0] * 7 + [1]  # type: ignore[arg-type]
    assert len(rows(database)) == 2


def test_a_claim_and_an_amendment_at_once_never_mix(url: str, waits: Waits, ten: datetime, lease: timedelta) -> None:
    now = datetime.now(UTC)
    for attempt in range(10):
        name = waits(f"s{attempt}")
        later = ten + 2 * HOUR

        claimed, amended = at_once(
            url,
            lambda each, name=name: each.claim(name, "run:0", now, lease),
            lambda each, name=name, later=later: each.amend(name, Amendment(end=later), "it lasted longer"),
        )

        built = claimed.session.dt_to  # type: ignore[attr-defined]
        assert built == (ten + HOUR if isinstance(amended, ClaimedElsewhereError) else later)


def test_each_log_is_told_with_its_number(database: Database, waits: Waits, ten: datetime) -> None:
    first, last = database.logs(waits("s1"))

    assert isinstance(first, SessionLog)
    assert (first.timestamp, last.timestamp, first.id_session_log) == (ten, ten + HOUR, 1)
