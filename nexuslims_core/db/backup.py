"""A backup of a SQLite database while others write into it: one file, whole, looked over before it gets its name.

A copy by other means lacks what stands in the ``-wal`` beside the database, or holds half a transaction. PostgreSQL has
its own program for this.
"""

import os
import shlex
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from nexuslims_core.db.engine import connect, named, sqlite_file
from nexuslims_core.errors import ConfigurationError, DatabaseError, StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What was written.

    Attributes
    ----------
    path
        The file; it is a SQLite database that needs nothing beside it.
    size_bytes
        How large it is.
    sessions
        How many are in it.
    """

    path: Path
    size_bytes: int
    sessions: int


def back_up(url: str, path: Path) -> Backup:
    """Copy the SQLite database at ``url`` into a new file, as it is at one moment; nobody is kept from writing.

    Raises
    ------
    ConfigurationError
        If ``url`` names a PostgreSQL database: the sentence has the command for it.
    DatabaseError
        If there is no database, or it is damaged or none of ours.
    StorageError
        If there is something at ``path`` already, or it cannot be written.
    """
    engine = connect(url)
    file = sqlite_file(engine)
    if file is None:
        raise ConfigurationError(f"PostgreSQL makes its own backups: run `{_pg_dump(engine.url, path)}`")
    if not file.is_file():
        raise DatabaseError(f"there is no database {named(engine)}")
    if path.exists():
        raise StorageError(f"{path} is there already: give the backup another name")
    try:
        return _copied(file, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def _pg_dump(address: URL, path: Path) -> str:
    plain = URL.create(
        "postgresql", address.username, None, address.host, address.port, address.database, address.query
    )
    words = ["pg_dump", "--format=custom", f"--file={path}", plain.render_as_string(hide_password=False)]
    return shlex.join(words)


def _copied(file: Path, path: Path) -> Backup:
    """Write the copy beside its place, and move it there once it is proven."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    copy = Path(name)
    try:
        try:
            sessions = _filled(file, copy)
        except sqlite3.Error as error:
            raise DatabaseError(f"the database {file} cannot be copied to {path}: {error}") from error
        os.fsync(handle)
        copy.replace(path)
    finally:
        os.close(handle)
        copy.unlink(missing_ok=True)
    _settle(path.parent)
    return Backup(path=path, size_bytes=path.stat().st_size, sessions=sessions)


def _filled(file: Path, copy: Path) -> int:
    """Fill the copy, and return how many sessions it holds."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # in WAL mode a backup on a read-only disk cannot be opened
        (verdict,) = target.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise DatabaseError(f"the database {file} is damaged ({verdict}): restore an earlier backup")
        counted = target.execute("SELECT count(DISTINCT session_identifier) FROM session_log").fetchone()
    return int(counted[0])


def _settle(folder: Path) -> None:
    """Make the new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
