"""Logs that loggers and people of the site write past us, with sqlite3 and whatever they take for a time."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import writing
from nexuslims_core.errors import SessionStateError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.clocks import NO_TIME
from nexuslims_core.sessions.models import EventType, FindingKind
from nexuslims_core.sessions.states import END_STATES, RecordStatus

PID = "FEI-Titan-TEM-635816"
HOUR = timedelta(hours=1)
INSERT = (
    "INSERT INTO session_log (session_identifier, instrument, timestamp, event_type, record_status, user) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)

Row = tuple[object, ...]
Write = Callable[..., None]


@pytest.fixture
def lite(tmp_path: Path, titan: Instrument) -> Database:
    database = Database.create(f"sqlite:///{tmp_path}/x.db")
    database.add_instrument(titan)
    return database


def write_rows(database: Database, *rows: Row) -> None:
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection, connection:
        connection.executemany(INSERT, rows)


@pytest.fixture
def write(lite: Database) -> Write:
    """Write logs as another program does: ``write("s1", "START", at)``."""

    def insert(
        identifier: object,
        event: str,
        at: object,
        *,
        status: str = "TO_BE_BUILT",
        pid: object = PID,
        user: object = None,
    ) -> None:
        write_rows(lite, (identifier, pid, at, event, status, user))

    return insert


def healed(database: Database, identifier: str = "s1", kind: FindingKind = FindingKind.HEALED) -> list[str]:
    return [finding.reason for finding in database.findings(identifier) if finding.kind is kind]


def everything(database: Database) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
        tables = ("session_log", "session_findings", "session_builds")
        return [connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]  # noqa: S608 - our own words


# ---- times


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        pytest.param("2021-03-15T10:00:00.123", "2021-03-15T14:00:00.123000+00:00", id="NexusLIMS v1"),
        pytest.param("2021-03-15 10:00:00", "2021-03-15T14:00:00+00:00", id="a space"),
        pytest.param("2021-01-15T10:00:00.123456", "2021-01-15T15:00:00.123456+00:00", id="six digits, in winter"),
        pytest.param("2021-03-14T02:30:00", "2021-03-14T07:30:00+00:00", id="skipped in spring"),
        pytest.param("2021-11-07T01:30:00", "2021-11-07T05:30:00+00:00", id="twice in autumn"),
    ],
)
def test_a_time_by_another_hand_is_put_into_utc_and_quoted(
    lite: Database, write: Write, written: str, utc: str
) -> None:
    write("s1", "START", written)
    write("s1", "END", "2022-01-01T00:00:00.000000+00:00")

    start = lite.summary("s1").dt_from

    assert start == datetime.fromisoformat(utc)
    assert repr(written) in healed(lite)[0]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2021-03-15T10:00:00-05:00", "2021-03-15T15:00:00+00:00"),
        ("2021-03-15T10:00:00Z", "2021-03-15T10:00:00+00:00"),
        ("2021-03-15T10:00:00+00:00", "2021-03-15T10:00:00+00:00"),
    ],
)
def test_a_time_with_an_offset_says_when_it_is_so_nothing_is_told(
    lite: Database, write: Write, written: str, utc: str
) -> None:
    write("s1", "START", written)

    assert lite.summary("s1").dt_from == datetime.fromisoformat(utc)
    assert lite.findings("s1") == ()


def test_of_the_hour_that_comes_twice_an_end_takes_the_one_after_the_start(lite: Database, write: Write) -> None:
    write("s1", "END", "2021-11-07T01:10:00")
    write("s1", "START", "2021-11-07T01:50:00")

    (session,) = lite.waiting_sessions()

    assert session.dt_to - session.dt_from == timedelta(minutes=20)
    assert "it is the later one, since it follows the START" in "".join(healed(lite))


def test_an_end_is_placed_by_a_start_that_was_whole(lite: Database, write: Write) -> None:
    write("s1", "START", "2021-11-07T05:50:00.000000+00:00")
    write("s1", "END", "2021-11-07T01:10:00")

    assert lite.session("s1").dt_to == datetime(2021, 11, 7, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x",
        "now",
        "2026-02-30T10:00:00",
        "2026-03-02",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        b"\xff\0",
        7,
    ],
    ids=ascii,
)
def test_a_time_that_no_calendar_holds_parks_its_session_alone(lite: Database, write: Write, written: object) -> None:
    write("s1", "START", written)
    write("whole", "START", "2026-03-02T10:00:00Z")
    write("whole", "END", "2026-03-02T11:00:00Z")

    sessions = lite.waiting_sessions()

    assert [session.session_identifier for session in sessions] == ["whole"]
    assert (lite.summary("s1").status, lite.summary("s1").dt_from) == (RecordStatus.ERROR, NO_TIME)
    assert "is no time" in healed(lite, kind=FindingKind.PARKED)[0]


def test_a_parked_time_that_was_not_mended_is_parked_again_when_it_is_put_back(lite: Database, write: Write) -> None:
    write("s1", "START", "x")
    write("s1", "END", "2026-03-02T11:00:00Z")
    lite.requeue("s1", "impatience", datetime.now(UTC))

    assert lite.waiting_sessions() == ()
    assert "no time that can be read" in healed(lite, kind=FindingKind.PARKED)[-1]


def test_a_time_with_something_behind_a_nul_parks_its_session_alone(lite: Database, write: Write) -> None:
    write("s1", "START", "2026-03-02T10:00:00.000000+00:00\0x")
    write("whole", "START", "2026-03-02T10:00:00Z")
    write("whole", "END", "2026-03-02T11:00:00Z")

    assert [session.session_identifier for session in lite.waiting_sessions()] == ["whole"]
    assert "is no time" in healed(lite, kind=FindingKind.PARKED)[0]


# ---- what a person corrects by SQL


def run(database: Database, statement: str) -> None:
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection, connection:
        connection.execute(statement)


def test_what_was_said_of_a_time_goes_when_the_time_is_corrected(lite: Database, write: Write) -> None:
    write("s1", "START", "x")
    write("s1", "END", "2026-03-02T11:00:00Z")
    told = healed(lite)
    run(lite, "UPDATE session_log SET timestamp = '2026-03-02T10:00:00.000000+00:00' WHERE event_type = 'START'")
    lite.requeue("s1", "the time is known now", datetime.now(UTC))

    at_once = healed(lite)
    remarks = lite.claim("s1", "run:0", datetime.now(UTC), HOUR).session.remarks

    assert len(told) == 1
    assert (at_once, remarks, healed(lite)) == ([], (), [])
    assert len(healed(lite, kind=FindingKind.PARKED)) == 1


def test_a_time_that_is_corrected_by_another_odd_one_is_told_alone(lite: Database, write: Write) -> None:
    write("s1", "START", "2026-03-02 05:00:00")
    write("s1", "END", "2026-03-02T11:00:00Z")
    lite.waiting_sessions()
    run(lite, "UPDATE session_log SET timestamp = '2026-03-02 05:30:00' WHERE event_type = 'START'")

    (remark,) = lite.claim("s1", "run:0", datetime.now(UTC), HOUR).session.remarks

    assert "'2026-03-02 05:30:00'" in remark


def test_what_was_said_of_a_time_stands_while_the_time_does(lite: Database, write: Write) -> None:
    write("s1", "START", "2026-03-02 05:00:00")
    write("s1", "END", "2026-03-02T11:00:00Z")
    lite.waiting_sessions()
    run(lite, "UPDATE session_log SET user = 'bob'")

    assert lite.waiting_sessions()[0].user == "bob"
    assert len(healed(lite)) == 1


@pytest.mark.parametrize(
    "correction",
    ["DELETE FROM session_log WHERE id_session_log = 1", "DELETE FROM session_log WHERE id_session_log = 2"],
    ids=["the one that counted", "the one passed over"],
)
def test_a_log_is_passed_over_no_more_when_another_is_deleted(lite: Database, write: Write, correction: str) -> None:
    write("s1", "START", "2026-03-02T10:00:00.000000+00:00")
    write("s1", "START", "2026-03-02T10:30:00.000000+00:00")
    write("s1", "END", "2026-03-02T11:00:00.000000+00:00")
    lite.waiting_sessions()
    told = healed(lite)
    run(lite, correction)

    assert len(told) == 1
    assert healed(lite) == []
    assert lite.claim("s1", "run:0", datetime.now(UTC), HOUR).session.remarks == ()
    assert everything(lite)[1] == []


def test_what_was_healed_stays_beside_the_record_that_says_so(lite: Database, write: Write) -> None:
    write("s1", "START", "2026-03-02 05:00:00")
    write("s1", "END", "2026-03-02T11:00:00Z")
    claim = lite.claim("s1", "run:0", datetime.now(UTC), HOUR)
    lite.close(claim, RecordStatus.COMPLETED, datetime.now(UTC))
    run(lite, "UPDATE session_log SET timestamp = '2026-03-02T10:00:01.000000+00:00' WHERE event_type = 'START'")

    lite.waiting_sessions()

    assert len(healed(lite)) == 1


def test_a_naive_time_of_an_instrument_that_nobody_knows_is_parked(lite: Database, write: Write) -> None:
    write("s1", "START", "2026-03-02T10:00:00", pid="unknown", status="WAITING_FOR_END")

    summary = lite.summary("s1")

    assert (summary.status, summary.dt_from) == (RecordStatus.ERROR, datetime(2026, 3, 2, 10, tzinfo=UTC))
    assert "'unknown' is not in the instruments table" in healed(lite, kind=FindingKind.PARKED)[0]


def test_a_claim_sees_what_was_written_a_moment_before(lite: Database, write: Write, lease: timedelta) -> None:
    write("s1", "START", "2026-03-02 05:00:00")
    write("s1", "END", "2026-03-02 06:00:00")

    claim = lite.claim("s1", "run:0", datetime.now(UTC), lease)

    assert claim.session.dt_from == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert len(claim.session.remarks) == 2


def test_the_time_and_state_of_a_row_that_states_none_are_now_and_waiting(database: Database) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    with writing(database.engine).begin() as connection:
        insert = "INSERT INTO session_log (session_identifier, instrument, event_type) VALUES ('s1', :pid, 'START')"
        connection.execute(text(insert), {"pid": PID})

    summary = database.summary("s1")

    assert before < summary.dt_from < datetime.now(UTC) + timedelta(seconds=1)
    assert (summary.status, database.findings("s1")) == (RecordStatus.WAITING_FOR_END, ())


def test_postgresql_parks_times_without_end(database: Database, ten: datetime) -> None:
    if database.engine.dialect.name == "sqlite":
        return
    database.start_session(PID, "ada", ten, "s1")
    with writing(database.engine).begin() as connection:
        connection.execute(text("UPDATE session_log SET timestamp = 'infinity'"))

    assert database.summary("s1").status is RecordStatus.ERROR
    assert "'infinity', which is no time" in healed(database, kind=FindingKind.PARKED)[0]


def test_text_in_no_encoding_stops_nobody(lite: Database, write: Write) -> None:
    write_rows(lite, ("s1", PID, "2026-03-02T10:00:00Z", "START", "TO_BE_BUILT", None))
    write("s1", "END", "2026-03-02T11:00:00Z")
    with closing(sqlite3.connect(str(lite.engine.url.database))) as connection, connection:
        connection.execute("UPDATE session_log SET user = CAST(X'4dfc6c6c6572' AS TEXT)")

    assert lite.waiting_sessions()[0].user == "M�ller"


# ---- states and late logs


def whole(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@pytest.fixture
def raw(database: Database) -> Write:
    """Write whole logs into any database past us: ``raw("s1", "START", at)``."""

    def insert(
        identifier: str, event: str, at: datetime, *, status: str = "TO_BE_BUILT", user: str | None = None
    ) -> None:
        values = {"id": identifier, "pid": PID, "at": whole(at), "event": event, "status": status, "user": user}
        with writing(database.engine).begin() as connection:
            columns = 'session_identifier, instrument, "timestamp", event_type, record_status, "user"'
            row = f"INSERT INTO session_log ({columns}) VALUES (:id, :pid, :at, :event, :status, :user)"  # noqa: S608 - our own words
            connection.execute(text(row), values)

    return insert


def test_a_session_that_ended_is_built_though_no_row_says_so(
    database: Database, raw: Write, ten: datetime, lease: timedelta
) -> None:
    raw("s1", "START", ten, status="WAITING_FOR_END")
    raw("s1", "END", ten + HOUR, status="WAITING_FOR_END")

    (session,) = database.waiting_sessions()

    assert database.summary("s1").status is RecordStatus.TO_BE_BUILT
    assert healed(database) == ["All its logs still said WAITING_FOR_END: since there is an END, it has ended."]
    assert database.claim(session.session_identifier, "run:0", ten, lease).session.remarks == tuple(healed(database))


def test_a_start_that_says_it_ended_waits_for_its_end(database: Database, raw: Write, ten: datetime) -> None:
    raw("s1", "START", ten, status="TO_BE_BUILT")

    assert database.waiting_sessions() == ()
    assert database.summary("s1").status is RecordStatus.WAITING_FOR_END


def test_what_was_healed_is_said_once(database: Database, raw: Write, ten: datetime) -> None:
    for minutes in (0, 5, 60, 60):
        raw("s1", "START" if minutes < 60 else "END", ten + timedelta(minutes=minutes))

    first = database.waiting_sessions()
    told = database.findings("s1")

    assert database.waiting_sessions() == first
    assert database.findings("s1") == told
    assert [finding.reason for finding in told] == [
        "The START at 2026-03-02T05:05:00.123456-05:00 was passed over: an earlier one counts.",
        "The END at 2026-03-02T06:00:00.123456-05:00 was written more than once and counts once.",
    ]


@pytest.mark.parametrize(
    ("event", "after"),
    [("END", HOUR), ("END", HOUR / 2), ("START", HOUR / 2), ("START", timedelta(0))],
    ids=["the END again", "an earlier END", "a later START", "the START again"],
)
def test_a_late_log_that_changes_nothing_leaves_the_record_as_it_is(
    database: Database, waits: Write, raw: Write, ten: datetime, event: str, after: timedelta
) -> None:
    database.close(database.claim(waits("s1"), "run:0", ten, HOUR), RecordStatus.COMPLETED, ten)
    raw("s1", event, ten + after, status="WAITING_FOR_END")

    sessions = database.waiting_sessions()

    assert (sessions, database.summary("s1").status) == ((), RecordStatus.COMPLETED)
    assert healed(database, kind=FindingKind.PARKED) == []
    assert len(healed(database)) == 1


def test_a_log_that_comes_while_the_record_is_made_and_changes_it_is_not_swallowed(
    database: Database, waits: Write, raw: Write, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", datetime.now(UTC), lease)
    raw("s1", "END", ten + 2 * HOUR)
    database.waiting_sessions()

    database.close(claim, RecordStatus.COMPLETED, ten)
    sessions = database.waiting_sessions()

    assert (sessions, database.summary("s1").status) == ((), RecordStatus.ERROR)
    assert "a log came when the session was COMPLETED already" in healed(database, kind=FindingKind.PARKED)[0]


def test_a_log_that_comes_while_the_record_is_made_and_changes_nothing_joins_it(
    database: Database, waits: Write, raw: Write, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", datetime.now(UTC), lease)
    raw("s1", "START", ten + HOUR / 2, status="WAITING_FOR_END")

    database.close(claim, RecordStatus.COMPLETED, ten)

    assert (database.waiting_sessions(), database.summary("s1").status) == ((), RecordStatus.COMPLETED)
    assert len(healed(database)) == 1


def test_a_session_that_begins_while_the_record_of_another_is_made_is_not_swallowed(
    database: Database, waits: Write, raw: Write, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", datetime.now(UTC), lease)
    raw("s1", "START", ten + 9 * HOUR, status="WAITING_FOR_END")

    database.close(claim, RecordStatus.COMPLETED, ten)

    assert database.summary("s1").status is RecordStatus.COMPLETED
    assert database.summary("s1#reused-2").status is RecordStatus.WAITING_FOR_END


def test_a_session_of_months_is_built_only_when_a_person_insists(
    database: Database, raw: Write, ten: datetime, lease: timedelta
) -> None:
    raw("s1", "START", ten)
    raw("s1", "END", ten + timedelta(days=41))

    refused = database.waiting_sessions()
    database.requeue("s1", "it was a long experiment", ten)
    (session,) = database.waiting_sessions()

    assert refused == ()
    assert "it lasts 41 days" in healed(database, kind=FindingKind.PARKED)[0]
    assert "It lasted 41 days." in database.claim("s1", "run:0", ten, lease).session.remarks
    assert session.dt_to - session.dt_from == timedelta(days=41)


# ---- one identifier for all


def test_an_identifier_used_every_day_makes_a_session_every_day(
    database: Database, raw: Write, ten: datetime, lease: timedelta
) -> None:
    for day in range(3):
        raw("fixed", "START", ten + timedelta(days=day))
        raw("fixed", "END", ten + timedelta(days=day, hours=1))

    sessions = database.waiting_sessions()

    assert [session.session_identifier for session in sessions] == ["fixed", "fixed#reused-2", "fixed#reused-3"]
    assert {session.dt_to - session.dt_from for session in sessions} == {HOUR}
    assert database.waiting_sessions() == sessions
    assert [database.claim(each.session_identifier, "run:0", ten, lease).attempt for each in sessions] == [1, 1, 1]


def test_a_log_that_follows_goes_to_the_session_that_runs(
    database: Database, raw: Write, ten: datetime, lease: timedelta
) -> None:
    raw("fixed", "START", ten)
    raw("fixed", "END", ten + HOUR)
    database.close(database.claim("fixed", "run:0", ten, lease), RecordStatus.COMPLETED, ten)
    raw("fixed", "START", ten + timedelta(days=1), status="WAITING_FOR_END")
    before = database.waiting_sessions()
    running = database.summary("fixed#reused-2").status
    raw("fixed", "END", ten + timedelta(days=1, hours=2))

    (session,) = database.waiting_sessions()

    assert (before, running) == ((), RecordStatus.WAITING_FOR_END)
    assert (session.session_identifier, session.dt_to - session.dt_from) == ("fixed#reused-2", 2 * HOUR)
    assert database.summary("fixed").status is RecordStatus.COMPLETED


# ---- overlaps


def test_a_claim_names_the_sessions_that_overlap(
    database: Database, waits: Write, raw: Write, ten: datetime, lease: timedelta
) -> None:
    waits("s1")
    waits("built", at=ten - HOUR / 2, user="bob")
    database.close(database.claim("built", "run:0", ten, lease), RecordStatus.COMPLETED, ten)
    raw("around", "START", ten - HOUR, user="eve")
    raw("around", "END", ten + 2 * HOUR)
    raw("open", "START", ten + HOUR / 2, status="WAITING_FOR_END")
    raw("forgotten", "START", ten - timedelta(days=9), status="WAITING_FOR_END")
    waits("after", at=ten + HOUR)

    remarks = database.claim("s1", "run:1", ten, lease).session.remarks

    assert [remark.split(",")[1].strip() for remark in remarks] == ["around", "built", "open"]
    assert "session of eve on the instrument, around, ran from 2026-03-02T04:00:00" in remarks[0]
    assert "has no END" in remarks[2]


def test_a_session_that_overlaps_keeps_its_whole_span(database: Database, waits: Write, ten: datetime) -> None:
    waits("s1")
    waits("s2", at=ten + HOUR / 2)

    assert {session.dt_to - session.dt_from for session in database.waiting_sessions()} == {HOUR}


# ---- why a session waits


def test_why_a_session_waits_is_kept_once_and_until_it_is_claimed(
    database: Database, waits: Write, ten: datetime, lease: timedelta
) -> None:
    waits("s1")
    for reason in ("no files yet", "no files yet", "1 file grows"):
        database.note_waiting("s1", reason)
    told = healed(database, kind=FindingKind.WAITING)

    database.claim("s1", "run:0", ten, lease)
    database.note_waiting("s1", "too late")

    assert told == ["1 file grows"]
    assert healed(database, kind=FindingKind.WAITING) == []


def test_nothing_waits_that_nobody_knows(database: Database) -> None:
    database.note_waiting("absent", "no files yet")

    assert database.findings("absent") == ()


def test_why_a_session_waited_goes_when_it_is_parked(
    database: Database, waits: Write, raw: Write, ten: datetime
) -> None:
    waits("s1")
    database.note_waiting("s1", "no files yet")
    raw("s1", "END", ten + timedelta(days=99))

    database.waiting_sessions()

    assert [finding.kind for finding in database.findings("s1")] == [FindingKind.PARKED]


# ---- whatever comes


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all examples, since making one takes longer than an example."""
    database = Database.create(f"sqlite:///{tmp_path_factory.mktemp('shared')}/x.db")
    for pid, zone in ((PID, "America/New_York"), ("Quanta", "Europe/Berlin")):
        database.add_instrument(
            Instrument(instrument_pid=pid, schema_name=pid, filestore_path=f"./{pid}", timezone=zone)
        )
    yield database
    database.engine.dispose()


MOMENTS = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from([datetime(2021, 3, 14), datetime(2021, 11, 7), datetime(2021, 12, 24)]),  # noqa: DTZ001 - as loggers write them
    st.integers(0, 40).map(lambda quarter: 15 * quarter),
)
TIMES = st.one_of(
    MOMENTS.map(lambda at: at.isoformat(timespec="milliseconds")),
    MOMENTS.map(lambda at: at.isoformat(" ")),
    MOMENTS.map(lambda at: f"{at.isoformat()}-05:00"),
    MOMENTS.map(lambda at: f"{at.isoformat()}Z"),
    MOMENTS.map(lambda at: f"{at.isoformat(timespec='microseconds')}+00:00"),
    st.sampled_from(["", "x", "now", "2021-02-30T10:00:00.000000+00:00", "9999-12-31T23:59:59-12:00", b"\xff\0", 1.5]),
    st.text(max_size=4),
)
ROWS = st.tuples(
    st.sampled_from(["a", "b", "a#reused-2"]),
    st.sampled_from([PID, PID, PID, "Quanta", "unknown"]),
    TIMES,
    st.sampled_from(["START", "START", "END", "END", "RECORD_GENERATION"]),
    st.sampled_from(["TO_BE_BUILT", "WAITING_FOR_END", *RecordStatus]),
    st.sampled_from([None, "ada", ""]),
)
HEALTHY = [
    ("healthy", PID, "2021-06-01T10:00:00.000000+00:00", "START", "TO_BE_BUILT", "ada"),
    ("healthy", PID, "2021-06-01T11:00:00.000000+00:00", "END", "TO_BE_BUILT", "ada"),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=9))
def test_whatever_is_written_no_start_is_lost_and_no_session_stopped(shared: Database, rows: list[Row]) -> None:
    with writing(shared.engine).begin() as connection:
        for table in ("session_log", "session_findings", "session_builds"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own words
    write_rows(shared, *rows, *HEALTHY)

    sessions = {session.session_identifier for session in shared.waiting_sessions()}
    kept = everything(shared)

    assert "healthy" in sessions
    assert len(kept[0]) == len(rows) + len(HEALTHY)
    for _, identifier, *_, event, _, _ in kept[0]:
        if event == EventType.START:
            status = shared.summary(identifier).status
            assert (status is RecordStatus.TO_BE_BUILT) == (identifier in sessions)
            assert status is RecordStatus.WAITING_FOR_END or identifier in sessions or status in END_STATES
    shared.waiting_sessions()
    assert everything(shared) == kept
    for identifier in sessions:
        assert shared.claim(identifier, "run:0", datetime.now(UTC), HOUR).session.dt_to


def test_a_session_that_is_parked_says_why_when_it_is_asked_for(lite: Database, write: Write) -> None:
    write("s1", "END", "2026-03-02 10:00:00")

    with pytest.raises(SessionStateError, match="has no START"):
        lite.session("s1")
