import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from nexuslims_core.db.backup import back_up
from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import writing
from nexuslims_core.errors import ConfigurationError, DatabaseError, NexusLimsError, StorageError
from nexuslims_core.instruments.models import Instrument


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "nexuslims.db"


@pytest.fixture
def sessions(file: Path, titan: Instrument) -> Database:
    """A SQLite database with one session that is still open."""
    database = Database.create(f"sqlite:///{file}")
    database.add_instrument(titan)
    database.start_session(titan.instrument_pid, "ada", None, "s1")
    return database


@pytest.mark.usefixtures("sessions")
def test_a_backup_is_a_database_that_needs_nothing_beside_it(file: Path, tmp_path: Path) -> None:
    backup = back_up(f"sqlite:///{file}", tmp_path / "kept.sqlite")

    alone = tmp_path / "elsewhere" / "kept.sqlite"
    alone.parent.mkdir()
    backup.path.rename(alone)
    assert backup.sessions == 1
    assert Database.open(f"sqlite:///{alone}").summary("s1").user == "ada"


def test_a_transaction_that_is_under_way_is_not_in_it_and_is_not_disturbed(
    sessions: Database, file: Path, tmp_path: Path
) -> None:
    with writing(sessions.engine).begin() as connection:
        connection.execute(text("UPDATE session_log SET \"user\" = 'bob'"))
        kept = back_up(f"sqlite:///{file}", tmp_path / "kept.sqlite").path

    with closing(sqlite3.connect(kept)) as copy:
        assert copy.execute("SELECT user FROM session_log").fetchall() == [("ada",)]
    assert sessions.summary("s1").user == "bob"


@pytest.mark.usefixtures("sessions")
def test_nobody_else_may_read_it(file: Path, tmp_path: Path) -> None:
    backup = back_up(f"sqlite:///{file}", tmp_path / "kept.sqlite")

    assert backup.path.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("sessions")
def test_an_earlier_backup_is_never_replaced(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite"
    kept.write_bytes(b"yesterday's")

    with pytest.raises(StorageError, match="is there already: give the backup another name"):
        back_up(f"sqlite:///{file}", kept)

    assert kept.read_bytes() == b"yesterday's"


def _damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    file.write_bytes(content)


@pytest.mark.usefixtures("sessions")
def test_a_damaged_database_gives_no_backup(file: Path, tmp_path: Path) -> None:
    _damage(file)

    with pytest.raises(DatabaseError, match=r"restore an earlier backup|cannot be copied"):
        back_up(f"sqlite:///{file}", tmp_path / "kept.sqlite")

    assert [each.name for each in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize(
    ("url", "target", "error", "sentence"),
    [
        ("sqlite:///{}/absent.db", "kept", DatabaseError, "there is no database"),
        ("sqlite:///{}/text.db", "kept", DatabaseError, "cannot be copied"),
        ("sqlite:///{}/text.db", "nowhere/kept", StorageError, "cannot write"),
        (
            "postgresql://ada:secret@db.example.org/lims",
            "kept",
            ConfigurationError,
            "run `pg_dump --format=custom --file={}/kept postgresql://ada@db.example.org/lims`",
        ),
    ],
    ids=["no database", "another kind of file", "no folder", "PostgreSQL"],
)
def test_what_cannot_be_copied_is_said(
    tmp_path: Path, url: str, target: str, error: type[NexusLimsError], sentence: str
) -> None:
    (tmp_path / "text.db").write_text("no database, but a shopping list" * 100)

    with pytest.raises(error) as refused:
        back_up(url.format(tmp_path), tmp_path / target)

    assert sentence.format(tmp_path) in str(refused.value)
    assert not (tmp_path / target).exists()
