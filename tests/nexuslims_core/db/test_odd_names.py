"""Names that are no text, which other programs write into a SQLite file: they stop nobody, and are found again."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import writing
from nexuslims_core.db.repositories.misspelt_logs import _OTHERS, _SOME, spelt, spelt_session
from nexuslims_core.db.rows import MISSPELT_IN_SQLITE
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.listing import Wanted
from nexuslims_core.sessions.models import FindingKind
from nexuslims_core.sessions.states import RecordStatus

PID = "FEI-Titan-TEM-635816"
TEN, ELEVEN = "2026-03-02T10:00:00.000000+00:00", "2026-03-02T11:00:00.000000+00:00"
LATIN = b"caf\xe9"
"""As an old Windows program writes a name."""

Insert = Callable[..., None]


@pytest.fixture
def lite(tmp_path: Path, titan: Instrument) -> Database:
    database = Database.create(f"sqlite:///{tmp_path}/x.db")
    database.add_instrument(titan)
    return database


def run(database: Database, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection, connection:
        connection.execute(statement, values)


def past_the_checks(database: Database, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement, values)


@pytest.fixture
def insert(lite: Database) -> Insert:
    """Write the two logs of a session; bytes stay a BLOB unless ``as_text`` makes them text in no encoding."""

    def write(session: object, *, pid: object = PID, user: object = "ada", as_text: bool = False) -> None:
        cells = ", ".join("CAST(? AS TEXT)" if as_text else "?" for _ in range(3))
        for at, event in ((TEN, "START"), (ELEVEN, "END")):
            run(
                lite,
                "INSERT INTO session_log (session_identifier, instrument, user, timestamp, event_type, record_status) "  # noqa: S608 - our own words
                f"VALUES ({cells}, ?, ?, 'TO_BE_BUILT')",
                *(session, pid, user, at, event),
            )

    write("healthy")
    return write


def names(database: Database) -> list[str]:
    return sorted(session.session_identifier for session in database.waiting_sessions())


@pytest.mark.parametrize(
    ("written", "as_text", "kept"),
    [
        (b"s1", False, "s1"),
        (LATIN, True, "caf%E9"),
        (LATIN, False, "caf%E9"),
        (b"\xff\x00", False, "%FF%00"),
        (b"s\x001", True, "s%001"),
        ("sänkt", False, "sänkt"),
        (b"", False, ""),
    ],
    ids=ascii,
)
def test_a_session_is_built_under_a_name_that_can_be_typed(
    lite: Database, insert: Insert, written: object, as_text: bool, kept: str
) -> None:
    insert(written, as_text=as_text)

    assert names(lite) == sorted(["healthy", kept])
    assert lite.claim(kept, "run:0", datetime.now(UTC), timedelta(hours=1)).session.user == "ada"


def test_what_was_written_is_kept_beside_the_name(lite: Database, insert: Insert) -> None:
    insert(LATIN, as_text=True)

    start, end = lite.findings("caf%E9")

    assert (start.kind, end.kind) == (FindingKind.HEALED, FindingKind.HEALED)
    assert start.reason == "The START log (row 3) named the session b'caf\\xe9', which is kept as 'caf%E9'."


def test_names_that_differ_in_one_letter_of_no_encoding_stay_two_sessions(lite: Database, insert: Insert) -> None:
    insert(b"caf\xe9", as_text=True)
    insert(b"caf\xe8", as_text=True)

    assert names(lite) == ["caf%E8", "caf%E9", "healthy"]


def test_an_instrument_in_bytes_is_the_one_that_they_spell(lite: Database, insert: Insert) -> None:
    insert("s1", pid=PID.encode())

    assert lite.session("s1").instrument.instrument_pid == PID


def test_an_instrument_in_bytes_that_nobody_knows_parks_its_session_alone(lite: Database, insert: Insert) -> None:
    insert("s1", pid=b"\xff\x00")

    assert names(lite) == ["healthy"]
    assert lite.summary("s1").status is RecordStatus.ERROR
    assert "instrument '%FF%00' is not in the instruments table" in lite.findings("s1")[-1].reason


def test_a_user_in_bytes_is_a_name(lite: Database, insert: Insert) -> None:
    insert("s1", user=b"M\xfcller\x00")

    assert lite.session("s1").user == "M�ller�"


def test_names_in_other_alphabets_are_left_alone(lite: Database, insert: Insert) -> None:
    insert("試料", user="Zoë")

    assert names(lite) == ["healthy", "試料"]
    assert lite.findings("試料") == ()


def test_a_listing_and_a_search_find_them(lite: Database, insert: Insert) -> None:
    insert(b"\xff\xff", user=b"\xff")

    listed = lite.listing(Wanted(instrument_pid=PID)).sessions

    assert sorted(each.session_identifier for each in listed) == ["%FF%FF", "healthy"]


def test_names_are_spelt_anew_once(lite: Database, insert: Insert) -> None:
    insert(LATIN, as_text=True)
    before = lite.findings("caf%E9")

    assert lite.findings("caf%E9") == before
    assert len(before) == 2


def test_a_name_too_long_to_be_typed_is_cut_and_stays_one_of_its_own(lite: Database, insert: Insert) -> None:
    long = "n" * 200_000
    insert(f"{long}1")
    insert(f"{long}2".encode())

    first, second = sorted(set(names(lite)) - {"healthy"})

    assert first[:400] == second[:400] == "n" * 400
    assert max(len(first), len(second)) < 500
    assert lite.summary(second).status is RecordStatus.TO_BE_BUILT


def test_a_percent_sign_among_odd_letters_is_not_taken_for_one_of_them() -> None:
    assert spelt(b"caf\xe9%E9") == "caf%E9%25E9"
    assert spelt(b"100% sure") == "100% sure"


@pytest.mark.parametrize(
    ("column", "word", "says"),
    [
        ("event_type", "PAUSE", "the event b'PAUSE'"),
        ("event_type", b"\xff", r"the event b'\xff'"),
        ("record_status", "DONE", "the state b'DONE'"),
        ("record_status", b"\0", r"the state b'\x00'"),
    ],
    ids=ascii,
)
def test_a_word_that_came_in_past_the_checks_parks_its_session_alone(
    lite: Database, insert: Insert, column: str, word: object, says: str
) -> None:
    insert("s1")
    past_the_checks(lite, f"UPDATE session_log SET {column} = ? WHERE id_session_log = 4", word)  # noqa: S608 - our own words

    assert names(lite) == ["healthy"]
    assert lite.summary("s1").status is RecordStatus.ERROR
    assert f"{says}, which nobody knows: correct the log" in lite.findings("s1")[-1].reason


@pytest.mark.parametrize(("column", "word"), [("event_type", b"END"), ("record_status", " to_be_built ")], ids=ascii)
def test_a_word_in_a_hand_of_its_own_is_read(lite: Database, insert: Insert, column: str, word: object) -> None:
    insert("s1")
    past_the_checks(lite, f"UPDATE session_log SET {column} = ? WHERE id_session_log = 4", word)  # noqa: S608 - our own words

    assert names(lite) == ["healthy", "s1"]


def test_looking_for_such_logs_reads_indexes_alone(lite: Database) -> None:
    with lite.engine.connect() as connection:
        plans = [
            connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).one()[-1] for query in map(str, (_SOME, _OTHERS))
        ]

    assert [plan.split()[-1] for plan in plans] == ["ix_session_log_misspelt", "ix_session_log_other_alphabets"]


def test_a_user_called_in_another_alphabet_is_in_no_index(lite: Database, insert: Insert) -> None:
    insert("s1", user="Müller")

    with lite.engine.connect() as connection:
        assert connection.execute(text(f"SELECT 1 FROM session_log WHERE {MISSPELT_IN_SQLITE}")).first() is None  # noqa: S608 - our own words


def test_an_attempt_that_another_hand_ended_stops_no_reader(lite: Database, insert: Insert) -> None:
    insert("s1")
    lite.claim("s1", "run:0", datetime.now(UTC), timedelta(hours=1))
    run(lite, "UPDATE session_builds SET outcome = 'cancelled', ended_at = 'now', holder = X'ff'")

    assert [line.session_identifier for line in lite.sessions()] == ["healthy", "s1"]
    assert lite.claim("s1", "run:1", datetime.now(UTC), timedelta(hours=1)).attempt == 2


# ---- instruments


@pytest.mark.parametrize("column", ["schema_name", "filestore_path", "timezone", "api_url", "location"])
@pytest.mark.parametrize("value", [b"\xff\xfe", "a\0b"], ids=ascii)
def test_an_instrument_with_a_cell_that_is_no_text_stops_its_own_sessions_alone(
    lite: Database, insert: Insert, titan: Instrument, column: str, value: object
) -> None:
    other = "Quanta"
    lite.add_instrument(
        Instrument(instrument_pid=other, schema_name=other, filestore_path="./Quanta", timezone="Europe/Berlin")
    )
    insert("s1", pid=other)
    run(lite, f"UPDATE instruments SET {column} = ? WHERE instrument_pid = ?", value, other)  # noqa: S608 - our own words

    assert names(lite) == ["healthy"]
    assert lite.summary("s1").status is RecordStatus.ERROR
    (wrong,) = lite.inventory().unusable
    assert f"its {column} is " in wrong.reason
    assert lite.inventory().usable == (titan,)


def test_an_instrument_called_by_bytes_is_told_beside_the_others(lite: Database, titan: Instrument) -> None:
    run(
        lite,
        "INSERT INTO instruments (instrument_pid, schema_name, filestore_path, timezone, harvester) "
        "VALUES (X'ff00', 'x', './x', 'UTC', 'none')",
    )

    assert lite.inventory().usable == (titan,)
    assert lite.inventory().unusable[0].instrument_pid == "b'\\xff\\x00'"


def test_an_instrument_called_by_bytes_is_added_anew(lite: Database, titan: Instrument) -> None:
    run(lite, "UPDATE instruments SET instrument_pid = CAST(instrument_pid AS BLOB)")

    (wrong,) = lite.inventory().unusable
    lite.add_instrument(titan)

    assert "so nothing finds the row" in wrong.reason
    assert "delete this row from the instruments table" in wrong.mend
    assert lite.inventory().usable == (titan,)


def test_two_instruments_that_read_alike_are_told_and_never_taken_for_each_other(
    lite: Database, insert: Insert, titan: Instrument
) -> None:
    for pid in (b"Q\xfc", b"Q\xfd"):
        row = "INSERT INTO instruments VALUES (CAST(? AS TEXT), 'Q', './Q', 'UTC', 'none'" + ", NULL" * 8 + ")"
        run(lite, row, pid)
    insert(b"s1", pid=b"Q\xfc", as_text=True)

    assert names(lite) == ["healthy"]
    assert lite.inventory().usable == (titan,)
    assert len(lite.inventory().unusable) == 2


def test_an_instrument_of_an_unknown_calendar_stops_its_own_sessions_alone_until_it_is_added_anew(
    lite: Database, insert: Insert, titan: Instrument
) -> None:
    other = replace(titan, instrument_pid="Quanta")
    lite.add_instrument(other)
    insert("s1", pid="Quanta")
    past_the_checks(lite, "UPDATE instruments SET harvester = ? WHERE instrument_pid = 'Quanta'", b"outlook")

    (wrong,) = lite.inventory().unusable
    waiting = names(lite)
    lite.add_instrument(other)

    assert waiting == ["healthy"]
    assert "its harvester is \"b'outlook'\", and can be sharepoint, nemo," in wrong.reason
    assert lite.instrument("Quanta") == other


def test_an_instrument_in_bytes_is_refused_when_it_is_asked_for(lite: Database) -> None:
    run(lite, "UPDATE instruments SET filestore_path = X'00'")

    with pytest.raises(ConfigurationError, match=r"its filestore_path is .* which is no text"):
        lite.instrument(PID)


# ---- whatever comes


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database.create(f"sqlite:///{tmp_path_factory.mktemp('odd')}/x.db")
    database.add_instrument(
        Instrument(instrument_pid=PID, schema_name=PID, filestore_path="./Titan", timezone="America/New_York")
    )
    yield database
    database.engine.dispose()


ODD = st.one_of(
    st.binary(max_size=5),
    st.sampled_from([b"a", LATIN, b"\x00", "a", "a\0", "é", "", 7, 1.5, "x" * 3000, "y" * 20_000]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
TIMES = st.sampled_from([TEN, TEN, ELEVEN, ELEVEN, "", "x", f"{TEN}\0x", "2026-03-02 10:00:00", b"\xff", 7])
EVENTS = st.sampled_from(["START", "START", "END", "END", "RECORD_GENERATION", "PAUSE", "", b"START", "end"])
STATES = st.sampled_from(["TO_BE_BUILT", "TO_BE_BUILT", "WAITING_FOR_END", "COMPLETED", "DONE", b"\xff", ""])
LOGS = st.tuples(ODD, st.one_of(st.just(PID), ODD), st.one_of(st.none(), ODD), TIMES, EVENTS, STATES)
HEALTHY = [("healthy", PID, "ada", TEN, "START", "TO_BE_BUILT"), ("healthy", PID, "ada", ELEVEN, "END", "TO_BE_BUILT")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(LOGS, max_size=6), as_text=st.booleans())
def test_no_start_is_lost_and_no_session_stopped(
    shared: Database, rows: list[tuple[object, ...]], as_text: bool
) -> None:
    with writing(shared.engine).begin() as connection:
        for table in ("session_log", "session_findings", "session_builds"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own words
    cell = "CAST(? AS TEXT)" if as_text else "?"
    with closing(sqlite3.connect(str(shared.engine.url.database))) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.executemany(
            "INSERT INTO session_log (session_identifier, instrument, user, timestamp, event_type, record_status) "  # noqa: S608 - our own words
            f"VALUES ({cell}, {cell}, {cell}, ?, ?, ?)",
            [*rows, *HEALTHY],
        )

    waiting = names(shared)
    listed = {each.session_identifier: each for each in shared.sessions()}

    assert "healthy" in waiting
    for identifier, *_, event, _ in rows:
        name = spelt_session(identifier if isinstance(identifier, bytes) else str(identifier).encode())
        if event != "RECORD_GENERATION":
            assert listed[name].status in set(RecordStatus)
            assert shared.summary(name).session_identifier == name
            assert len(name) <= 10_000
            assert all(finding.session_identifier == name for finding in shared.findings(name))
    for name in waiting:
        assert shared.claim(name, "run:0", datetime.now(UTC), timedelta(hours=1)).session.dt_to
