import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from nexuslims_core.db.database import Database
from nexuslims_core.errors import SessionStateError, UnknownInstrumentError, UnknownSessionError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.states import END_STATES, RecordStatus

Waits = Callable[..., str]
HOUR = timedelta(hours=1)


def rows(database: Database) -> list[tuple[str, str]]:
    with database.engine.connect() as connection:
        query = "SELECT event_type, record_status FROM session_log ORDER BY id_session_log"
        return [tuple(row) for row in connection.execute(text(query))]


def concluded_by_hand(database: Database, status: RecordStatus) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE session_log SET record_status = :status"), {"status": status.value})


def at_once(url: str, work: Callable[[Database], object], times: int = 8) -> list[object]:
    """Call ``work`` in threads, each with a database of its own, all at the same moment, and return what each told."""
    ready = Barrier(times)

    def call(_: int) -> object:
        database = Database.open(url)
        ready.wait(30)
        try:
            return work(database)
        except SessionStateError as error:
            return error
        finally:
            database.engine.dispose()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(call, range(times)))


def test_a_session_waits_for_its_end(database: Database, titan: Instrument, ten: datetime) -> None:
    identifier = database.start_session(titan.instrument_pid, "ada", ten)

    assert rows(database) == [("START", "WAITING_FOR_END")]
    assert database.waiting_sessions() == ()
    assert database.summary(identifier).dt_to is None


def test_a_session_that_ended_waits_to_be_built(database: Database, waits: Waits, ten: datetime) -> None:
    waits("s1")

    (session,) = database.waiting_sessions()

    assert rows(database) == [("START", "TO_BE_BUILT"), ("END", "TO_BE_BUILT")]
    assert (session.dt_from, session.dt_to, session.user) == (ten, ten + HOUR, "ada")
    assert database.session("s1") == session


def test_what_has_no_time_is_written_with_the_time_of_now(database: Database, titan: Instrument, ten: datetime) -> None:
    replace(database, clock=lambda: ten).start_session(titan.instrument_pid, "ada", None, "s1")

    replace(database, clock=lambda: ten + HOUR).end_session("s1")

    assert (database.summary("s1").dt_from, database.summary("s1").dt_to) == (ten, ten + HOUR)


def test_refuses_a_session_on_an_instrument_that_nobody_knows(database: Database, ten: datetime) -> None:
    with pytest.raises(UnknownInstrumentError, match="nexuslims instruments list"):
        database.start_session("absent", "ada", ten)

    assert rows(database) == []


@pytest.mark.parametrize("identifier", ["", "  ", "a\0b", "a\nb", "\udcff", "x" * 501], ids=ascii)
def test_refuses_an_identifier_that_people_cannot_read(
    database: Database, titan: Instrument, ten: datetime, identifier: str
) -> None:
    with pytest.raises(SessionStateError, match="cannot be called"):
        database.start_session(titan.instrument_pid, "ada", ten, identifier)


def test_keeps_a_long_identifier_whole(database: Database, waits: Waits) -> None:
    identifier = "https://nemo.example.org/api/usage_events/?id=1&x='" + "ß" * 440

    waits(identifier)

    assert database.waiting_sessions()[0].session_identifier == identifier


@pytest.mark.parametrize("stated", [True, False], ids=["with its time", "without a time"])
def test_a_start_that_is_said_again_changes_nothing(
    database: Database, titan: Instrument, ten: datetime, stated: bool
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    again = database.start_session(titan.instrument_pid, "ada", ten if stated else None, "s1")

    assert again == "s1"
    assert rows(database) == [("START", "WAITING_FOR_END")]
    assert database.summary("s1").dt_from == ten


def test_a_start_is_the_same_in_every_zone_and_whatever_a_database_cannot_hold(
    database: Database, titan: Instrument
) -> None:
    doubled = datetime(2025, 11, 2, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York"))
    database.start_session(titan.instrument_pid, "a\0da\udcff", doubled, "s1")

    database.start_session(titan.instrument_pid, "a\0da\udcff", doubled.astimezone(UTC), "s1")
    database.start_session(titan.instrument_pid, "a\0da\udcff", doubled, "s1")

    assert rows(database) == [("START", "WAITING_FOR_END")]
    with pytest.raises(SessionStateError, match="in the logbook already"):
        database.start_session(titan.instrument_pid, "a\0da\udcff", doubled.replace(fold=0), "s1")


def test_a_start_that_is_said_again_after_the_end_changes_nothing(
    database: Database, waits: Waits, titan: Instrument, ten: datetime
) -> None:
    waits("s1")

    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    assert rows(database) == [("START", "TO_BE_BUILT"), ("END", "TO_BE_BUILT")]


@pytest.mark.parametrize("other", ["instrument", "user", "nobody", "time"])
def test_refuses_another_start_under_the_same_identifier_and_says_what_is_written(
    database: Database, titan: Instrument, ten: datetime, other: str
) -> None:
    database.add_instrument(replace(titan, instrument_pid="other"))
    database.start_session(titan.instrument_pid, "ada", ten, "s1")
    pid = "other" if other == "instrument" else titan.instrument_pid
    user = {"user": "bob", "nobody": None}.get(other, "ada")

    with pytest.raises(SessionStateError, match=r"s1 .* by ada on FEI-Titan-TEM-635816 at 2026-03-02T10:00:00.123456"):
        database.start_session(pid, user, ten + HOUR if other == "time" else ten, "s1")

    assert rows(database) == [("START", "WAITING_FOR_END")]


def test_a_start_whose_time_nobody_stated_is_the_same_while_the_session_is_open(
    database: Database, titan: Instrument, ten: datetime
) -> None:
    for minute in range(2):
        database.start_session(titan.instrument_pid, "ada", None, "s1", called_at=ten + minute * timedelta(minutes=1))

    assert rows(database) == [("START", "WAITING_FOR_END")]
    assert database.summary("s1").dt_from == ten


def test_a_start_without_a_time_is_another_one_once_the_session_has_ended(
    database: Database, waits: Waits, titan: Instrument, ten: datetime
) -> None:
    waits("s1")

    database.start_session(titan.instrument_pid, "ada", None, "s1", called_at=ten)
    with pytest.raises(SessionStateError, match="give the new one another identifier"):
        database.start_session(titan.instrument_pid, "ada", None, "s1")


def test_a_logger_that_was_called_and_heard_much_later_counts_by_its_call(
    database: Database, titan: Instrument, ten: datetime
) -> None:
    database.start_session(titan.instrument_pid, "ada", None, "s1", called_at=ten)

    told = [database.end_session("s1", called_at=ten + hours * HOUR) for hours in (1, 2)]

    assert told == [True, False]
    assert database.summary("s1").dt_to == ten + HOUR


@pytest.mark.parametrize(("ahead", "taken"), [(4, True), (6, False)], ids=["a little", "more"])
def test_a_clock_may_be_ahead_by_a_few_minutes(
    database: Database, titan: Instrument, ten: datetime, ahead: int, *, taken: bool
) -> None:
    at_ten = replace(database, clock=lambda: ten)
    soon = ten + ahead * timedelta(minutes=1)

    def start(at: datetime | None, called_at: datetime | None) -> None:
        at_ten.start_session(titan.instrument_pid, "ada", at, called_at=called_at)

    for words in ((soon, None), (None, soon)):
        if taken:
            start(*words)
        else:
            with pytest.raises(
                SessionStateError, match=r"cannot start at .*:06:.*, which is still to come: it is .*T10"
            ):
                start(*words)

    assert len(rows(database)) == (2 if taken else 0)


def test_refuses_an_end_that_is_still_to_come(database: Database, titan: Instrument, ten: datetime) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    with pytest.raises(SessionStateError, match=r"s1 cannot end at 2026-03-02T12:00:00.123456\+00:00, which is still"):
        replace(database, clock=lambda: ten + HOUR).end_session("s1", ten + 2 * HOUR)

    assert rows(database) == [("START", "WAITING_FOR_END")]


def test_a_start_of_another_hand_that_is_still_to_come_says_how_to_correct_it(
    database: Database, titan: Instrument, ten: datetime
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    with pytest.raises(SessionStateError, match="still to come: correct that with `nexuslims sessions amend --start"):
        replace(database, clock=lambda: ten - HOUR).end_session("s1")


def test_what_was_written_is_the_same_whatever_the_clock_shows_now(
    database: Database, waits: Waits, titan: Instrument, ten: datetime
) -> None:
    waits("s1")
    put_back = replace(database, clock=lambda: ten - 24 * HOUR)

    put_back.start_session(titan.instrument_pid, "ada", ten, "s1")

    assert not put_back.end_session("s1", ten + HOUR)


def test_starts_that_are_said_at_the_same_moment_leave_one_row(database: Database, url: str, titan: Instrument) -> None:
    told = at_once(url, lambda each: each.start_session(titan.instrument_pid, "ada", None, "s1"))

    assert told == ["s1"] * 8
    assert rows(database) == [("START", "WAITING_FOR_END")]


def test_of_different_starts_at_the_same_moment_one_is_written(database: Database, url: str, titan: Instrument) -> None:
    told = at_once(url, lambda each: each.start_session(titan.instrument_pid, str(id(each)), None, "s1"))

    assert [type(answer) for answer in told].count(SessionStateError) == 7
    assert rows(database) == [("START", "WAITING_FOR_END")]


def test_refuses_to_end_a_session_that_never_started(database: Database, ten: datetime) -> None:
    with pytest.raises(UnknownSessionError, match="'absent'"):
        database.end_session("absent", ten)


@pytest.mark.parametrize("stated", [True, False], ids=["with its time", "without a time"])
def test_an_end_that_is_said_again_changes_nothing_and_says_so(
    database: Database, titan: Instrument, ten: datetime, stated: bool
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    told = [database.end_session("s1", ten + HOUR if stated else None) for _ in range(2)]

    assert told == [True, False]
    assert rows(database) == [("START", "TO_BE_BUILT"), ("END", "TO_BE_BUILT")]


def test_an_end_that_is_said_again_after_the_record_was_built_changes_nothing(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)
    database.close(claim, RecordStatus.COMPLETED, ten)

    written = database.end_session("s1", ten + HOUR)

    assert not written
    assert {status for _, status in rows(database)} == {"COMPLETED"}


def test_refuses_to_end_a_session_at_two_times(database: Database, waits: Waits, ten: datetime) -> None:
    waits("s1")

    with pytest.raises(SessionStateError, match="has ended already, at 2026-03-02T11:00"):
        database.end_session("s1", ten + 2 * HOUR)


@pytest.mark.parametrize("status", sorted(END_STATES - {RecordStatus.ERROR}))
def test_refuses_to_end_what_was_done_with_before_it_had_an_end(
    database: Database, titan: Instrument, ten: datetime, status: RecordStatus
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")
    concluded_by_hand(database, status)

    with pytest.raises(
        SessionStateError, match=rf"s1 is {status} although .* with `nexuslims sessions amend --end TIME"
    ):
        database.end_session("s1", ten + HOUR)

    assert rows(database) == [("START", status)]


def test_the_end_of_a_session_in_error_is_not_lost(database: Database, titan: Instrument, ten: datetime) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")
    concluded_by_hand(database, RecordStatus.ERROR)

    assert database.end_session("s1", ten + HOUR)

    assert rows(database) == [("START", "TO_BE_BUILT"), ("END", "TO_BE_BUILT")]


def test_ends_that_are_said_at_the_same_moment_leave_one_row(
    database: Database, url: str, titan: Instrument, ten: datetime
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    told = at_once(url, lambda each: each.end_session("s1"))

    assert sorted(map(str, told)) == ["False"] * 7 + ["True"]
    assert rows(database) == [("START", "TO_BE_BUILT"), ("END", "TO_BE_BUILT")]


@pytest.mark.parametrize("later", [timedelta(0), -HOUR], ids=["at once", "before"])
def test_refuses_an_end_that_is_not_after_the_start(
    database: Database, titan: Instrument, ten: datetime, later: timedelta
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    with pytest.raises(SessionStateError, match="cannot end at"):
        database.end_session("s1", ten + later)

    assert rows(database) == [("START", "WAITING_FOR_END")]


def test_refuses_times_without_a_zone(database: Database, titan: Instrument, ten: datetime) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    with pytest.raises(ValueError, match="needs a zone"):
        database.end_session("s1", (ten + HOUR).replace(tzinfo=None))


def test_refuses_to_end_a_session_that_another_hand_started_on_an_instrument_that_nobody_knows(
    tmp_path: Path, ten: datetime
) -> None:
    database = Database.create(f"sqlite:///{tmp_path}/sessions.db")
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as connection, connection:
        connection.execute(
            "INSERT INTO session_log (session_identifier, instrument, timestamp, event_type) "
            "VALUES ('s1', 'absent', '2026-03-02T09:00:00.000000+00:00', 'START')"
        )

    with pytest.raises(UnknownInstrumentError, match="'absent'"):
        database.end_session("s1", ten)

    assert [line.status for line in database.sessions()] == [RecordStatus.WAITING_FOR_END]
