import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from nexuslims_core.db import upgrading
from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import connect, held_open, in_sentences, writing
from nexuslims_core.errors import AuthenticationError, ConfigurationError, DatabaseError, ServiceUnavailableError
from nexuslims_core.testing.servers.postgresql import PostgresqlServer


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://user:secret@host/x", "sqlite://", "sqlite:///:memory:"], ids=repr
)
def test_refuses_an_address_that_names_no_database(url: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        connect(url)

    assert "secret" not in str(error.value)


def test_makes_nothing_before_it_is_asked(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/absent/x.db")

    assert list(tmp_path.iterdir()) == []


def test_sqlite_looks_at_foreign_keys(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")

    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_our_database_has_a_journal_that_readers_do_not_wait_for(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")

    upgrading.upgrade(engine)

    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@pytest.mark.parametrize("act", [upgrading.check, upgrading.upgrade])
def test_the_file_of_another_program_stays_as_it_is(tmp_path: Path, act: Callable[[Engine], None]) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as other:
        other.execute("CREATE TABLE session_log (id_session_log INTEGER PRIMARY KEY)")
    kept = (tmp_path / "old.db").read_bytes()

    with pytest.raises(DatabaseError, match="nexuslims db adopt"):
        act(connect(f"sqlite:///{tmp_path}/old.db"))

    assert (tmp_path / "old.db").read_bytes() == kept
    assert [file.name for file in tmp_path.iterdir()] == ["old.db"]


def test_what_is_written_is_moved_into_the_file_once_when_it_is_held_open(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")
    upgrading.upgrade(engine)
    journal = tmp_path / "x.db-wal"

    with held_open(engine):
        with writing(engine).begin() as connection:
            connection.execute(text("DELETE FROM instruments"))
        assert journal.exists()
    assert not journal.exists()


def test_a_file_that_is_held_open_keeps_nobody_waiting(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")
    upgrading.upgrade(engine)

    with held_open(engine), closing(sqlite3.connect(tmp_path / "x.db", timeout=0)) as other:
        other.execute("CREATE TABLE other (x)")
        busy, *_ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    assert busy == 0


def test_a_writer_of_sqlite_holds_the_lock_from_the_start(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")
    other = sqlite3.connect(tmp_path / "x.db", timeout=0, isolation_level=None)

    with writing(engine).begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")

    other.close()


def test_a_forked_child_does_not_talk_over_the_connection_of_its_parent(url: str) -> None:
    engine = connect(url)
    upgrading.upgrade(engine)
    if engine.dialect.name == "sqlite":
        identity = text("SELECT :pid")
    else:
        identity = text("SELECT pg_backend_pid() WHERE :pid > 0")
    with engine.connect() as connection:
        mine = connection.execute(identity, {"pid": os.getpid()}).scalar_one()

    child = os.fork()
    if child == 0:
        with engine.connect() as connection:
            os._exit(connection.execute(identity, {"pid": os.getpid()}).scalar_one() == mine)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_says_that_a_server_does_not_answer_without_telling_the_password(tmp_path: Path) -> None:
    engine = connect(f"postgresql://ada:secret@/x?host={tmp_path}")

    with pytest.raises(ServiceUnavailableError) as error, in_sentences(engine), engine.connect():
        pass

    assert "does not answer" in str(error.value)
    assert "secret" not in str(error.value)


def test_says_that_the_server_has_no_such_database(postgresql: PostgresqlServer) -> None:
    engine = connect(postgresql.url("absent"))

    with pytest.raises(DatabaseError, match="is not there"), in_sentences(engine), engine.connect():
        pass


def run(engine: Engine, *statements: str) -> None:
    with in_sentences(engine), writing(engine).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_says_that_a_file_may_not_be_written(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")

    with pytest.raises(DatabaseError, match=r"cannot be written: let .* \(attempt to write a readonly database\)"):
        run(engine, "PRAGMA query_only = ON", "CREATE TABLE x (y)")


def test_says_that_a_disk_is_full(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")

    with pytest.raises(ServiceUnavailableError, match="has no room: free some on its disk"):
        run(engine, "PRAGMA max_page_count = 2", "CREATE TABLE x (y)", "INSERT INTO x VALUES (zeroblob(100000))")


def test_says_that_another_program_keeps_the_lock(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db", patience_s=0)

    with writing(engine).begin(), pytest.raises(ServiceUnavailableError, match="is busy: another program has kept it"):
        run(engine)


def test_says_that_a_table_is_missing(url: str) -> None:
    engine = connect(url)
    upgrading.upgrade(engine)
    run(engine, "DROP TABLE session_findings")

    with pytest.raises(DatabaseError, match="lacks a part of its tables: restore a backup"):
        Database(engine=engine).findings("s1")

    engine.dispose()


def test_says_that_the_server_grants_its_user_too_little(postgresql: PostgresqlServer) -> None:
    engine = connect(postgresql.database("granted"))

    with pytest.raises(AuthenticationError, match="refuses its user: grant it all rights on the tables"):
        run(engine, "CREATE TABLE x (y int)", "SET LOCAL ROLE pg_monitor", "SELECT * FROM x")

    engine.dispose()
