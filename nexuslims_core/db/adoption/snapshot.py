"""A copy of a SQLite file to look into, so that the old file is only ever read.

SQLite itself writes where it only shall read: it leaves ``-wal`` and ``-shm`` beside a database in WAL mode, wants to
roll back what a program that died left half done, and sees an old state, or none, where it is told not to. So the file
is copied with what its writer keeps beside it, and SQLite mends the copy. The originals are read twice: only if they
did not change in between is the copy one moment's state.
"""

import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from nexuslims_core.errors import DatabaseError, ServiceUnavailableError, StorageError

HEADER = b"SQLite format 3\0"
TRIES = 5
PAUSE_S = 1.0

_BESIDE = ("", "-wal", "-journal")
_CHUNK_BYTES = 1024 * 1024


def snapshot(old: Path, folder: Path, sleep: Callable[[float], None] = time.sleep) -> Path:
    """Copy a SQLite database into a folder, as it is at one moment, and return the copy.

    Raises
    ------
    DatabaseError
        If it is no file, or no SQLite database.
    ServiceUnavailableError
        If it changes all the time.
    StorageError
        If it cannot be read, or the copy not be written.
    """
    try:
        _check(old)
        copy = folder / "old.db"
        for _ in range(TRIES):
            if _copied(old.resolve(), copy) == _digests(old.resolve()):
                return copy
            sleep(PAUSE_S)
    except OSError as error:
        raise StorageError(f"cannot copy {old} to look into it: {error.strerror or error}") from error
    raise ServiceUnavailableError(f"{old} is written all the time: stop the old NexusLIMS, then adopt it")


def _check(old: Path) -> None:
    if not old.is_file():
        raise DatabaseError(f"there is no file {old}: give the path of the old NexusLIMS database")
    with old.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            raise DatabaseError(f"{old} is no SQLite database: give the path of the old NexusLIMS database")


def _copied(old: Path, copy: Path) -> tuple[str | None, ...]:
    """Copy the database and what is beside it, and return the digests of what was copied."""
    for end in _BESIDE:
        try:
            source = _named(old, end).open("rb")
        except FileNotFoundError:
            _named(copy, end).unlink(missing_ok=True)
            continue
        with source, _named(copy, end).open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK_BYTES)
    return _digests(copy)


def _digests(path: Path) -> tuple[str | None, ...]:
    return tuple(_digest(_named(path, end)) for end in _BESIDE)


def _digest(path: Path) -> str | None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def _named(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
