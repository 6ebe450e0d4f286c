import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from nexuslims_core.db.adoption.layouts import read
from nexuslims_core.db.adoption.snapshot import PAUSE_S, TRIES, snapshot
from nexuslims_core.errors import DatabaseError, ServiceUnavailableError, StorageError
from nexuslims_core.testing.writers.nexuslims_database import NexusLimsDatabase

LOG = (
    "INSERT INTO session_log (session_identifier, instrument, timestamp, event_type, record_status) "
    "VALUES ('s1', 'FEI-Titan-TEM-635816', '2019-03-01T10:00:00', 'START', 'WAITING_FOR_END')"
)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture
def live_wal(v1: NexusLimsDatabase) -> Iterator[sqlite3.Connection]:
    """A program that works on the old database in WAL mode and has written a log that is in no checkpoint."""
    connection = sqlite3.connect(v1.path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(LOG)
    connection.commit()
    yield connection
    connection.close()


def test_the_folder_is_byte_for_byte_what_it_was(v1: NexusLimsDatabase) -> None:
    v1.session("s1", "2019-03-01T10:00:00", "2019-03-01T11:00:00")
    before = contents(v1.path.parent)

    read(v1.path)

    assert contents(v1.path.parent) == before


def test_what_a_live_wal_holds_is_read_and_nothing_is_written(
    v1: NexusLimsDatabase, live_wal: sqlite3.Connection
) -> None:
    before = contents(v1.path.parent)

    logs = read(v1.path).logs

    assert [log.text("session_identifier") for log in logs] == ["s1"]
    assert contents(v1.path.parent) == before
    assert live_wal.total_changes == 1


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_what_a_writer_has_not_committed_is_not_there(v1: NexusLimsDatabase, journal: str) -> None:
    writer = sqlite3.connect(v1.path)
    writer.execute(f"PRAGMA journal_mode = {journal}")
    writer.execute("PRAGMA cache_size = 1")  # so that pages reach the disk before the commit
    writer.executemany(LOG, [()] * 2000)

    logs = read(v1.path).logs

    writer.rollback()
    writer.close()
    assert logs == ()


def test_a_wal_that_a_dead_program_left_in_a_closed_folder_is_read(
    v1: NexusLimsDatabase, live_wal: sqlite3.Connection, tmp_path: Path
) -> None:
    left = tmp_path / "left"
    left.mkdir()
    for end in ("", "-wal"):
        (left / f"old.db{end}").write_bytes(v1.path.with_name(v1.path.name + end).read_bytes())
    live_wal.close()
    left.chmod(0o555)

    logs = read(left / "old.db").logs

    assert len(logs) == 1
    assert sorted(path.name for path in left.iterdir()) == ["old.db", "old.db-wal"]


def test_a_link_leads_to_the_wal_of_its_file(
    v1: NexusLimsDatabase, live_wal: sqlite3.Connection, tmp_path: Path
) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(v1.path)

    assert len(read(link).logs) == 1
    assert live_wal.total_changes == 1


@pytest.fixture
def restless(v1: NexusLimsDatabase) -> Path:
    """What is beside an old database that is different each time somebody looks."""
    beside = v1.path.with_name(f"{v1.path.name}-journal")
    beside.symlink_to("/proc/sys/kernel/random/uuid")
    return beside


def test_a_database_that_is_being_written_is_copied_again(
    v1: NexusLimsDatabase, restless: Path, tmp_path: Path
) -> None:
    copy = snapshot(v1.path, tmp_path, lambda _: restless.unlink())

    assert copy.read_bytes() == v1.path.read_bytes()
    assert [path.name for path in tmp_path.glob("old.db*")] == ["old.db"]


@pytest.mark.usefixtures("restless")
def test_a_database_that_is_written_all_the_time_is_left(v1: NexusLimsDatabase, tmp_path: Path) -> None:
    waits: list[float] = []

    with pytest.raises(ServiceUnavailableError, match="stop the old NexusLIMS"):
        snapshot(v1.path, tmp_path, waits.append)

    assert waits == [PAUSE_S] * TRIES


@pytest.mark.parametrize("content", [b"", b"SQLite", b"a shopping list" * 100], ids=["empty", "cut off", "text"])
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list.txt").write_bytes(content)

    with pytest.raises(DatabaseError, match=r"list.txt is no SQLite database"):
        read(tmp_path / "list.txt")


@pytest.mark.parametrize("name", ["absent.db", "."], ids=["absent", "a folder"])
def test_what_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatabaseError, match="there is no file"):
        read(tmp_path / name)


def test_a_damaged_database_is_said_to_be_damaged(v1: NexusLimsDatabase) -> None:
    content = v1.path.read_bytes()
    v1.path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))

    with pytest.raises(DatabaseError, match="is damaged"):
        read(v1.path)


def test_a_copy_that_finds_no_room_says_so(v1: NexusLimsDatabase, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot copy"):
        snapshot(v1.path, tmp_path / "absent")
