import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from nexuslims_core.db import upgrading
from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import connect, writing
from nexuslims_core.db.rows import UNPLACED_IN_SQLITE, Row
from nexuslims_core.errors import DatabaseError, ServiceUnavailableError

Act = Callable[[Engine], None]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


def set_revision(engine: Engine, revision: str) -> None:
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})


def test_the_tables_are_those_of_the_rows(engine: Engine) -> None:
    upgrading.upgrade(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []


def test_both_spell_the_same_checks_and_indexes(engine: Engine) -> None:
    upgrading.upgrade(engine)
    with engine.connect() as connection:
        migrated = _constraints(connection)
    upgrading.downgrade(engine, "base")
    with writing(engine).begin() as connection:
        Row.metadata.create_all(connection)

        declared = _constraints(connection)

    assert migrated == declared
    assert ("session_builds", "ix_session_builds_one_open_attempt") in migrated


def _told(entry: dict[str, object]) -> str:
    entry["dialect_options"] = {key: str(value) for key, value in (entry.get("dialect_options") or {}).items()}
    return repr(sorted(entry.items()))


def _constraints(connection: Connection) -> dict[tuple[str, str], str]:
    found = inspect(connection)
    told = {}
    for table in Row.metadata.tables:
        for kind in (found.get_check_constraints, found.get_indexes, found.get_unique_constraints):
            told |= {(table, entry["name"]): _told(entry) for entry in kind(table)}
        told |= {(table, column["name"]): str(column["default"]) for column in found.get_columns(table)}
        told |= {
            (table, "fk"): repr([(key["constrained_columns"], key["options"]) for key in found.get_foreign_keys(table)])
        }
    return told


def test_names_every_revision_that_alembic_knows() -> None:
    scripts = ScriptDirectory(str(ROOT / "nexuslims_core/db/migrations"))

    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(upgrading.REVISIONS)


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    upgrading.upgrade(engine)
    upgrading.upgrade(engine)

    assert upgrading.check(engine) is None


def test_a_downgrade_leaves_no_table_behind(engine: Engine) -> None:
    upgrading.upgrade(engine)

    upgrading.downgrade(engine, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrading.upgrade(engine)
    assert upgrading.check(engine) is None


def test_an_upgrade_that_fails_leaves_nothing_half_made(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(exist_ok=True)
    with writing(engine).begin() as connection:
        connection.execute(text("CREATE VIEW publications AS SELECT 1"))  # in the way of the last table

    with pytest.raises((ServiceUnavailableError, ProgrammingError), match="publications"):
        upgrading.upgrade(engine)

    assert inspect(engine).get_table_names() == []


def test_says_that_a_database_is_not_there_and_makes_none(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "absent.db"

    with pytest.raises(DatabaseError, match=r"there is no database .*absent\.db: run `nexuslims db upgrade`"):
        Database.open(f"sqlite:///{file}")

    assert not file.parent.exists()


def test_says_that_a_database_is_empty(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "nexuslims.db").touch()

    with pytest.raises(DatabaseError, match="is empty: run `nexuslims db upgrade`"):
        upgrading.check(engine)


@pytest.mark.parametrize("act", [upgrading.check, upgrading.upgrade])
def test_refuses_a_database_from_the_future(engine: Engine, act: Act) -> None:
    upgrading.upgrade(engine)
    set_revision(engine, "9999")

    with pytest.raises(DatabaseError, match=r"newer release of NexusLIMS-Airflow .*install that release or restore"):
        act(engine)


@pytest.mark.parametrize("act", [upgrading.check, upgrading.upgrade])
def test_refuses_the_database_of_another_program(engine: Engine, act: Act) -> None:
    upgrading.upgrade(engine)
    set_revision(engine, "v2_5_0b")

    with pytest.raises(DatabaseError, match="another program"):
        act(engine)


@pytest.mark.parametrize(
    ("statement", "lacks"),
    [
        ("DROP TABLE session_findings", "the table session_findings"),
        ("ALTER TABLE session_builds DROP COLUMN n_files", "the column session_builds.n_files"),
        ("DROP INDEX ix_session_builds_one_open_attempt", "the index ix_session_builds_one_open_attempt"),
    ],
    ids=["table", "column", "index"],
)
def test_names_what_was_taken_away_from_the_tables(engine: Engine, statement: str, lacks: str) -> None:
    upgrading.upgrade(engine)
    upgrading.check_whole(engine)
    with writing(engine).begin() as connection:
        connection.execute(text(statement))

    with pytest.raises(DatabaseError, match=f"lacks {lacks}: restore a backup"):
        upgrading.check_whole(engine)


def test_says_that_an_earlier_release_made_the_tables(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrading.upgrade(engine)
    monkeypatch.setattr(upgrading, "REVISIONS", (*upgrading.REVISIONS, "0099"))

    with pytest.raises(DatabaseError, match="make a backup, then run `nexuslims db upgrade`"):
        upgrading.check(engine)


@pytest.mark.parametrize("act", [upgrading.check, upgrading.upgrade])
def test_says_that_a_file_is_no_database_and_leaves_it(tmp_path: Path, act: Act) -> None:
    file = tmp_path / "x.db"
    file.write_text("a letter, certainly long enough to be mistaken for something else " * 99)
    before = file.read_bytes()

    with pytest.raises(DatabaseError, match="file of another kind"):
        act(connect(f"sqlite:///{file}"))

    assert file.read_bytes() == before


ROWS = (
    "INSERT INTO instruments (instrument_pid, schema_name, filestore_path, timezone, harvester) "
    "VALUES ('Titan', 'Titan', './Titan', 'UTC', 'none')",
    "INSERT INTO session_log (session_identifier, instrument, timestamp, event_type, record_status) "
    "VALUES ('s1', 'Titan', '2026-03-02T10:00:00.000001+00:00', 'START', 'COMPLETED')",
    "INSERT INTO session_findings (session_identifier, kind, reason, found_at) "
    "VALUES ('s1', 'parked', 'because', '2026-03-02T10:00:00.000000+00:00')",
    "INSERT INTO session_builds (session_identifier, attempt, holder, lease_until, started_at) "
    "VALUES ('s1', 1, 'run:0', '2026-03-02T10:00:00.000000+00:00', '2026-03-02T10:00:00.000000+00:00')",
    "INSERT INTO publications (session_identifier, destination, title, state, first_tried_at, last_tried_at, tries) "
    "VALUES ('s1', 'cdcs', 't', 'failed', '2026-03-02T10:00:00.000000+00:00', '2026-03-02T10:00:00.000000+00:00', 1)",
)


OF_LATER_RELEASES = {"logins", "alerts", "alert_deliveries", "troubles"}


def _contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        tables = sorted(set(Row.metadata.tables) - OF_LATER_RELEASES)
        return {name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))] for name in tables}  # noqa: S608 - our own words


def test_every_row_of_the_release_before_comes_through_up_and_down(engine: Engine) -> None:
    upgrading.upgrade(engine, "0001")
    with writing(engine).begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    before = _contents(engine)

    upgrading.upgrade(engine)
    upgraded = _contents(engine)
    upgrading.downgrade(engine, "0001")

    widths = {table: [len(row) for row in rows] for table, rows in before.items()}
    as_before = {
        table: [row[:width] for row, width in zip(rows, widths[table], strict=True)] for table, rows in upgraded.items()
    }
    assert as_before == before  # further columns stand behind these
    assert _contents(engine) == before
    assert all(before.values())


def test_a_downgrade_forgets_what_only_this_release_says(engine: Engine) -> None:
    upgrading.upgrade(engine)
    with writing(engine).begin() as connection:
        for kind in ("parked", "healed", "waiting"):
            connection.execute(text(ROWS[2].replace("parked", kind)))

    upgrading.downgrade(engine, "0001")

    assert [row[2] for row in _contents(engine)["session_findings"]] == ["parked"]


@pytest.mark.parametrize("state", ["pending", "refused"])
def test_a_downgrade_calls_failed_what_was_not_proven_to_be_published(engine: Engine, state: str) -> None:
    upgrading.upgrade(engine)
    with writing(engine).begin() as connection:
        connection.execute(text(ROWS[4].replace("failed", state)))

    upgrading.downgrade(engine, "0004")

    assert [row[3] for row in _contents(engine)["publications"]] == ["failed"]


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database of the release before with a log of an instrument that is not in it."""
    engine = connect(f"sqlite:///{tmp_path}/x.db")
    upgrading.upgrade(engine, "0001")
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection, connection:
        connection.execute(ROWS[1])
    yield engine
    engine.dispose()


def test_a_log_of_an_instrument_that_is_not_there_hinders_no_upgrade(by_hand: Engine) -> None:
    upgrading.upgrade(by_hand)

    assert len(_contents(by_hand)["session_log"]) == 1


def test_a_downgrade_refuses_to_lose_a_log_that_nobody_has_read(by_hand: Engine) -> None:
    upgrading.upgrade(by_hand)
    with writing(by_hand).begin() as connection:
        connection.execute(text("UPDATE session_log SET timestamp = '2026-03-02 10:00:00'"))

    with pytest.raises(DatabaseError, match="1 logs have times that the earlier tables refuse"):
        upgrading.downgrade(by_hand, "0001")

    assert upgrading.check(by_hand) is None


def test_looking_for_broken_times_reads_an_index(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")
    upgrading.upgrade(engine)

    with engine.connect() as connection:
        query = f"EXPLAIN QUERY PLAN SELECT id_session_log FROM session_log WHERE {UNPLACED_IN_SQLITE} LIMIT 1"  # noqa: S608 - our own words
        plan = connection.execute(text(query)).one()[-1]

    assert plan.endswith("USING INDEX ix_session_log_unplaced")


@pytest.mark.slow
def test_opening_a_database_loads_neither_alembic_nor_what_only_postgresql_needs() -> None:
    heavy = ("alembic", "numpy", "requests", "lxml", "sqlalchemy.dialects.postgresql")
    code = f"import sys, nexuslims_core.db.database; print([name for name in {heavy} if name in sys.modules])"

    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert said.strip() == "[]"


@pytest.mark.slow
def test_two_upgrades_at_once_both_succeed(url: str) -> None:
    code = "import sys; from nexuslims_core.db.database import Database; Database.create(sys.argv[1]); print('made')"
    command = [sys.executable, "-c", code, url]

    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].strip() for process in both]

    assert said == ["made", "made"]
