"""Whole adoptions, into SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.adoption import books
from nexuslims_core.db.adoption.adopting import adopt
from nexuslims_core.db.adoption.report import Count, Fate, Kind
from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import writing
from nexuslims_core.errors import DatabaseError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.models import FindingKind
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from nexuslims_core.testing.writers.nexuslims_database import NexusLimsDatabase
from tests.nexuslims_core.db.adoption.conftest import FILESTORE, Adopt, Sentences

New = Callable[[], Database]

TEN, ELEVEN = "2019-03-01T10:00:00.123", "2019-03-01T11:00:00.456"
USAGE = "https://nemo.example.org/api/usage_events/?id=29"


# ---- what comes over


def test_naive_times_of_version_1_are_the_instruments(v1: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v1.session("s1", TEN, ELEVEN)

    adopts(v1)

    session = new().session("s1")
    assert (session.dt_from, session.dt_to, session.user) == (
        datetime(2019, 3, 1, 15, 0, 0, 123000, tzinfo=UTC),
        datetime(2019, 3, 1, 16, 0, 0, 456000, tzinfo=UTC),
        "ada",
    )


def test_times_of_version_2_are_what_their_offset_says(v2: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v2.session(USAGE, "2026-01-05T09:00:00-07:00", "2026-01-05T10:00:00.5-07:00")

    adopts(v2)

    session = new().session(USAGE)
    assert session.dt_from == datetime(2026, 1, 5, 16, tzinfo=UTC)
    assert session.dt_to - session.dt_from == timedelta(hours=1, seconds=0.5)


@pytest.mark.parametrize("status", [*RecordStatus])
def test_every_state_comes_over_as_it_is(v2: NexusLimsDatabase, adopts: Adopt, new: New, status: RecordStatus) -> None:
    v2.session("s1", TEN, ELEVEN, status)

    adoption = adopts(v2)

    assert new().summary("s1").status is status
    assert adoption.states == {status: 1}


def test_logs_of_builds_come_over_and_are_no_part_of_the_session(
    v2: NexusLimsDatabase, adopts: Adopt, new: New
) -> None:
    v2.session("s1", TEN, ELEVEN, "COMPLETED")
    v2.log("s1", "RECORD_GENERATION", "2019-03-03T10:00:00-05:00", "COMPLETED", user="nexuslims")

    adoption = adopts(v2)

    assert adoption.counts[Kind.LOGS].came_over == 3
    assert new().session("s1").dt_to == datetime(2019, 3, 1, 16, 0, 0, 456000, tzinfo=UTC)


def test_logs_that_are_there_twice_come_over_twice_and_stay_one_session(
    v1: NexusLimsDatabase, adopts: Adopt, new: New
) -> None:
    for _ in range(2):
        v1.session("s1", TEN, ELEVEN)

    adoption = adopts(v1)

    assert adoption.counts[Kind.LOGS].came_over == 4
    assert len(new().waiting_sessions()) == 1


def test_the_instruments_are_the_same(v1: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v1.instrument(
        instrument_pid="Quanta", api_url="https://x/ListData.svc/Q", computer_name="Q", computer_ip="192.0.2.3"
    )

    adopts(v1)

    assert [(each.instrument_pid, each.schema_name, each.property_tag) for each in new().instruments()] == [
        ("FEI-Titan-TEM-635816", "FEI Titan TEM", "635816"),
        ("Quanta", "FEI Titan TEM", "635816"),
    ]


# ---- what is healed


def test_how_a_session_was_healed_is_in_the_books(v1: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v1.session("s1", "2019-11-03T01:50:00", "2019-11-03T01:10:00")

    adoption = adopts(v1)

    database = new()
    start, end = [each for each in database.findings("s1") if each.kind is FindingKind.HEALED]
    assert start.reason.startswith("The START log said '2019-11-03T01:50:00'")
    assert end.reason.startswith("The END log said '2019-11-03T01:10:00'")
    assert database.session("s1").dt_to - database.session("s1").dt_from == timedelta(minutes=20)
    assert adoption.counts[Kind.SESSIONS] == Count(came_over=1, healed=1)


# ---- what is left


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"timestamp": "2019-02-30T10:00:00"}, "its END log in row 2 has the time '2019-02-30T10:00:00'"),
        ({"event_type": "PAUSE"}, "its PAUSE log in row 2 has the unknown event_type 'PAUSE'"),
        ({"record_status": "LOST"}, "has the unknown record_status 'LOST'"),
        ({"record_status": None}, "has the unknown record_status None"),
        ({"instrument": "nobody"}, "its instrument 'nobody' is not in the new database"),
    ],
    ids=["time", "event", "status", "no status", "instrument"],
)
def test_a_broken_log_leaves_its_session_alone_and_whole(
    v1: NexusLimsDatabase, adopts: Adopt, new: New, sentences: Sentences, broken: dict[str, str | None], reason: str
) -> None:
    v1.run(
        "ALTER TABLE session_log RENAME TO strict; CREATE TABLE session_log "
        "(session_identifier, instrument, timestamp, event_type, record_status, user)"
    )
    v1.log("s1", "START", TEN)
    end = {
        "instrument": "FEI-Titan-TEM-635816",
        "timestamp": ELEVEN,
        "event_type": "END",
        "record_status": "TO_BE_BUILT",
    }
    v1.add("session_log", {"session_identifier": "s1", **end, **broken})
    v1.session("s2", TEN, ELEVEN)

    adoption = adopts(v1)

    assert reason in sentences(adoption, Fate.LEFT)["s1"]
    assert (adoption.counts[Kind.SESSIONS], adoption.counts[Kind.LOGS]) == (
        Count(came_over=1, left=1),
        Count(came_over=2, left=2),
    )
    assert [each.session_identifier for each in new().sessions()] == ["s2"]


def test_a_broken_log_of_a_build_stays_behind_by_itself(
    v1: NexusLimsDatabase, adopts: Adopt, new: New, sentences: Sentences
) -> None:
    v1.session("s1", TEN, ELEVEN, "COMPLETED")
    v1.log("s1", "RECORD_GENERATION", "never", "COMPLETED")

    adoption = adopts(v1)

    assert "has the time 'never'" in sentences(adoption, Fate.LEFT)["session_log row 3"]
    assert new().summary("s1").status is RecordStatus.COMPLETED


@pytest.mark.parametrize("identifier", ["", "  ", "s\n1", "s" * 600])
def test_a_log_of_a_session_without_a_name_is_left(v1: NexusLimsDatabase, adopts: Adopt, identifier: str) -> None:
    v1.log(identifier, "START", TEN)

    adoption = adopts(v1)

    assert adoption.counts[Kind.LOGS] == Count(left=1)
    assert "a session cannot be called" in adoption.notes[-1].sentence


def test_sessions_of_an_instrument_that_was_left_come_over_once_it_is_added(
    v1: NexusLimsDatabase, adopts: Adopt, new: New, sentences: Sentences
) -> None:
    pid = v1.instrument(
        instrument_pid="Quanta", api_url="x", timezone="Mars/Base", computer_name=None, computer_ip=None
    )
    v1.session("s1", TEN, ELEVEN, instrument=pid)
    left = sentences(adopts(v1), Fate.LEFT)

    new().add_instrument(
        Instrument(instrument_pid=pid, schema_name="Q", filestore_path="./Q", timezone="Europe/Berlin")
    )
    adoption = adopts(v1)

    assert left.keys() == {"Quanta", "s1"}
    assert sentences(adoption, Fate.LEFT) == {}
    assert new().session("s1").dt_from == datetime(2019, 3, 1, 9, 0, 0, 123000, tzinfo=UTC)


def test_other_tables_are_counted_and_left(v2: NexusLimsDatabase, adopts: Adopt, sentences: Sentences) -> None:
    user = {"nexuslims_username": "ada", "external_system": "nemo", "external_id": "7", "created_at": "2026-01-01"}
    v2.add("external_user_identifiers", user)

    adoption = adopts(v2)

    assert adoption.counts[Kind.OTHER].left == 1
    assert "stays in the old database" in sentences(adoption, Fate.LEFT)["external_user_identifiers"]


def test_every_log_of_the_old_file_is_accounted_for(v1: NexusLimsDatabase, adopts: Adopt) -> None:
    v1.session("s1", TEN, ELEVEN)
    v1.log("s1", "RECORD_GENERATION", "never")
    v1.session("s2", TEN, "2019-02-30T10:00:00")
    v1.session("s3", TEN, ELEVEN, instrument="nobody")
    v1.log("", "START", TEN)
    adopts(v1)
    v1.run("UPDATE session_log SET record_status = 'ERROR' WHERE event_type = 'START'")
    v1.session("s4", TEN, ELEVEN)

    count = adopts(v1).counts[Kind.LOGS]

    assert count == Count(came_over=2, updated=1, already_there=1, left=6)
    assert count.taken + count.left == 10


# ---- receipts


def test_the_last_success_counts_whatever_failed_after_it(v2: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v2.session("9a3f01c2-0000-4000-8000-000000000000", TEN, ELEVEN, "COMPLETED")
    told = {"session": "9a3f01c2-0000-4000-8000-000000000000"}
    v2.receipt(told["session"], timestamp="2025-06-02T12:00:00", record_id="16")
    v2.receipt(told["session"], timestamp="2025-06-02T13:00:00", record_id="17")
    v2.receipt(told["session"], timestamp="2025-06-02T14:00:00", success=False, record_id=None, error_message="504")

    adoption = adopts(v2)

    [publication] = new().publications_of(told["session"])
    assert (publication.published, publication.record_id, publication.last_error) == (True, "17", None)
    assert (publication.tries, publication.sha256) == (3, None)
    assert adoption.counts[Kind.PUBLICATIONS] == Count(came_over=1)


def test_a_failure_comes_over_with_its_reason(v2: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v2.session("s1", TEN, ELEVEN, "BUILT_NOT_EXPORTED")
    v2.receipt("s1", destination="elabftw", success=False, record_id=None, record_url=None, error_message="closed")

    adopts(v2)

    [publication] = new().publications_of("s1")
    assert (publication.destination, publication.published, publication.last_error) == ("elabftw", False, "closed")


@pytest.mark.parametrize(
    ("session", "harvester", "title"),
    [
        ("9a3f01c2-0000-4000-8000-000000000000", "sharepoint", "2019-03-01_FEI-Titan-TEM-635816_9a3f01c2"),
        ("session-1", "sharepoint", "2019-03-01_FEI-Titan-TEM-635816_session"),
        (USAGE, "nemo", "2019-03-01_FEI-Titan-TEM-635816_29"),
        ("session-1", "nemo", "2019-03-01_FEI-Titan-TEM-635816_None"),
    ],
)
def test_the_title_is_the_one_that_nexuslims_gave(
    v2: NexusLimsDatabase, adopts: Adopt, new: New, session: str, harvester: str, title: str
) -> None:
    v2.run("DELETE FROM instruments")
    v2.instrument(harvester=harvester)
    v2.session(session, "2019-03-01T23:30:00-08:00", "2019-03-02T10:00:00-08:00", "COMPLETED")
    v2.receipt(session)

    adopts(v2)

    assert [each.title for each in new().publications_of(session)] == [title]


def test_a_receipt_without_a_time_has_that_of_the_last_log(v2: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v2.session("s1", TEN, ELEVEN, "COMPLETED")
    v2.receipt("s1", timestamp="some day")

    adoption = adopts(v2)

    [publication] = new().publications_of("s1")
    assert publication.last_tried_at == datetime(2019, 3, 1, 16, 0, 0, 456000, tzinfo=UTC)
    assert adoption.counts[Kind.PUBLICATIONS] == Count(came_over=1, healed=1)


def test_a_receipt_of_nobody_is_left(v2: NexusLimsDatabase, adopts: Adopt, sentences: Sentences) -> None:
    v2.receipt("s1")
    v2.receipt("s2", destination="")

    left = sentences(adopts(v2), Fate.LEFT)

    assert left == {
        "upload_log row 1": "its session is not in the new database",
        "upload_log row 2": "it names no session or no destination",
    }


def test_a_record_that_could_not_be_found_again_is_named(
    v1: NexusLimsDatabase, adopts: Adopt, sentences: Sentences
) -> None:
    v1.session("9a3f01c2-0000-4000-8000-000000000000", TEN, ELEVEN, "COMPLETED")
    v1.session("by-hand", TEN, ELEVEN, "COMPLETED")

    left = sentences(adopts(v1), Fate.LEFT)

    assert left.keys() == {"by-hand"}
    assert "remove that record from CDCS before you requeue" in left["by-hand"]


# ---- again


def test_adopting_twice_changes_nothing(v2: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v2.session("s1", "2019-11-03T01:50:00", "2019-11-03T01:10:00", "COMPLETED")
    v2.log("s1", "RECORD_GENERATION", "2019-11-05T10:00:00", "COMPLETED")
    v2.receipt("s1")
    adopts(v2)
    before = _everything(new())

    adoption = adopts(v2)

    assert _everything(new()) == before
    assert {kind: count for kind, count in adoption.counts.items() if count != Count()} == {
        Kind.INSTRUMENTS: Count(already_there=1),
        Kind.SESSIONS: Count(already_there=1),
        Kind.LOGS: Count(already_there=3),
        Kind.PUBLICATIONS: Count(already_there=1),
    }


def test_only_what_is_new_comes_over_the_second_time(v1: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v1.session("s1", TEN, ELEVEN)
    adopts(v1)
    v1.session("s2", TEN, ELEVEN)

    adoption = adopts(v1)

    assert adoption.counts[Kind.SESSIONS] == Count(came_over=1, already_there=1)
    assert len(new().sessions()) == 2


def test_a_session_that_has_ended_since_is_brought_up_to_date(v1: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v1.log("s1", "START", TEN, "WAITING_FOR_END")
    adopts(v1)
    v1.run("UPDATE session_log SET record_status = 'TO_BE_BUILT'")
    v1.log("s1", "END", ELEVEN)

    adoption = adopts(v1)

    assert [each.session_identifier for each in new().waiting_sessions()] == ["s1"]
    assert adoption.counts[Kind.SESSIONS] == Count(updated=1)
    assert adoption.counts[Kind.LOGS] == Count(came_over=1, updated=1)


def test_a_record_that_the_old_system_built_since_is_not_built_again(
    v2: NexusLimsDatabase, adopts: Adopt, new: New
) -> None:
    v2.session("s1", TEN, ELEVEN, "BUILT_NOT_EXPORTED")
    v2.receipt("s1", success=False, record_id=None, record_url=None)
    adopts(v2)
    v2.run("UPDATE session_log SET record_status = 'COMPLETED'")
    v2.receipt("s1", timestamp="2025-06-03T12:00:00")

    adoption = adopts(v2)

    assert new().summary("s1").status is RecordStatus.COMPLETED
    assert [(each.published, each.record_id) for each in new().publications_of("s1")] == [(True, "17")]
    assert adoption.counts[Kind.PUBLICATIONS] == Count(updated=1)


def test_a_session_that_was_ended_here_is_kept_as_it_is_here(
    v1: NexusLimsDatabase, adopts: Adopt, new: New, sentences: Sentences
) -> None:
    v1.log("s1", "START", TEN, "WAITING_FOR_END")
    adopts(v1)
    new().end_session("s1", datetime(2019, 3, 1, 20, tzinfo=UTC))
    v1.log("s1", "END", ELEVEN, "ERROR")

    adoption = adopts(v1)

    assert new().summary("s1").dt_to == datetime(2019, 3, 1, 20, tzinfo=UTC)
    assert "went on with it by itself: 1 of its logs" in sentences(adoption, Fate.KEPT)["s1"]


def test_a_session_that_was_requeued_here_is_kept_as_it_is_here(v1: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v1.session("s1", TEN, ELEVEN, "ERROR")
    adopts(v1)
    new().requeue("s1", "files came", datetime(2026, 3, 2, tzinfo=UTC))

    adoption = adopts(v1)

    assert new().summary("s1").status is RecordStatus.TO_BE_BUILT
    assert adoption.counts[Kind.SESSIONS] == Count(already_there=1)


def test_what_pairing_has_set_right_here_stays_so(v1: NexusLimsDatabase, adopts: Adopt, new: New) -> None:
    v1.session("s1", TEN, ELEVEN, "WAITING_FOR_END")
    adopts(v1)
    new().waiting_sessions()
    before = new().summary("s1")

    adoption = adopts(v1)

    assert new().summary("s1") == before
    assert adoption.counts[Kind.SESSIONS] == Count(already_there=1)


def test_an_instrument_that_was_changed_here_is_kept_as_it_is_here(
    v1: NexusLimsDatabase, adopts: Adopt, new: New
) -> None:
    v1.session("s1", TEN, ELEVEN)
    adopts(v1)
    changed = Instrument(instrument_pid="FEI-Titan-TEM-635816", schema_name="T", filestore_path="./T", timezone="UTC")
    new().add_instrument(changed)

    adoption = adopts(v1)

    assert new().instruments() == (changed,)
    assert adoption.counts[Kind.LOGS] == Count(already_there=2)


def test_an_older_copy_of_the_file_takes_nothing_back(
    v1: NexusLimsDatabase, adopts: Adopt, new: New, tmp_path_factory: pytest.TempPathFactory
) -> None:
    v1.log("s1", "START", TEN, "WAITING_FOR_END")
    backup = NexusLimsDatabase(path=tmp_path_factory.mktemp("backup") / "old.db", version=1)
    backup.path.write_bytes(v1.path.read_bytes())
    v1.run("UPDATE session_log SET record_status = 'COMPLETED'")
    v1.log("s1", "END", ELEVEN, "COMPLETED")
    adopts(v1)

    adopts(backup)

    assert new().summary("s1").status is RecordStatus.COMPLETED


# ---- all or nothing


def test_a_database_of_another_kind_makes_no_new_one(
    adopts: Adopt, url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = NexusLimsDatabase(path=tmp_path_factory.mktemp("other") / "other.db", version=1)
    other.run("CREATE TABLE shopping (milk)")

    with pytest.raises(DatabaseError, match="no database of NexusLIMS"):
        adopts(other)

    with pytest.raises(DatabaseError, match="run `nexuslims db upgrade`"):
        Database.open(url)


def test_a_file_of_nothing_but_broken_rows_is_vain(v1: NexusLimsDatabase, adopts: Adopt) -> None:
    v1.run("UPDATE instruments SET filestore_path = NULL")
    v1.session("s1", TEN, ELEVEN)

    assert adopts(v1).is_vain


def test_an_empty_file_is_not_vain(v1: NexusLimsDatabase, adopts: Adopt) -> None:
    v1.run("DELETE FROM instruments")

    assert not adopts(v1).is_vain


@pytest.mark.slow
def test_five_thousand_sessions_come_over_in_seconds(v1: NexusLimsDatabase, adopts: Adopt) -> None:
    begun = datetime(2016, 1, 1, 9)  # noqa: DTZ001 - naive, as version 1 writes
    rows = [
        {
            "session_identifier": f"{number:08x}-0000-4000-8000-000000000000",
            "instrument": "FEI-Titan-TEM-635816",
            "timestamp": (begun + timedelta(hours=18 * number + 3 * late)).isoformat(),
            "event_type": event,
            "record_status": "COMPLETED",
            "user": "ada",
        }
        for number in range(5000)
        for late, event in enumerate(("START", "END", "RECORD_GENERATION"))
    ]
    v1.add("session_log", *rows)
    at = monotonic()

    adoption = adopts(v1)

    assert adoption.counts[Kind.LOGS].came_over == 15_000
    assert monotonic() - at < 30


def _everything(database: Database) -> object:
    sessions = database.sessions()
    return (
        database.instruments(),
        sessions,
        [database.findings(each.session_identifier) for each in sessions],
        [database.publications_of(each.session_identifier) for each in sessions],
    )


# ---- what the planner of queries knows afterwards


def _planned_for(database: Database) -> dict[str, int]:
    """Return how many rows the planner expects in a table; one that was never counted is left out."""
    if database.engine.dialect.name == "postgresql":
        query = "SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND reltuples >= 0"
    else:
        query = "SELECT tbl, stat FROM sqlite_stat1"
    with database.engine.connect() as connection:
        return {table: int(str(rows).split(".")[0].split()[0]) for table, rows in connection.execute(text(query))}


@pytest.mark.server
def test_postgresql_knows_at_once_how_much_came_over(v2: NexusLimsDatabase, postgresql: PostgresqlServer) -> None:
    for number in range(20):
        v2.session(f"s{number}", TEN, ELEVEN)
    postgresql.drop("counted")
    url = postgresql.database("counted")

    adopt(v2.path, url, FILESTORE, lambda: datetime.now(UTC))

    database = Database.open(url)
    planned = _planned_for(database)
    database.engine.dispose()
    assert (planned["session_log"], planned["session_builds"]) == (40, 0)


def test_sqlite_counts_only_what_is_much(v2: NexusLimsDatabase, tmp_path: Path) -> None:
    v2.session("s1", TEN, ELEVEN)
    url = f"sqlite:///{tmp_path}/counted.sqlite"
    adopt(v2.path, url, FILESTORE, lambda: datetime.now(UTC))
    database = Database.open(url)

    def tables_counted(large: int) -> int:
        with Transaction(writing(database.engine)) as transaction, transaction.begin():
            books.count_rows(transaction, large)
            return len(transaction.execute(text("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")).all())

    assert (tables_counted(3), tables_counted(2)) == (0, 1)
    assert _planned_for(database)["session_log"] == 2
