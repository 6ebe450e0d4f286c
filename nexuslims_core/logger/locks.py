"""One process at a time, by a lock of the operating system, which does not outlive its holder."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexuslims_core.errors import StorageError

PAUSE_S = 0.05

if sys.platform == "win32":
    import msvcrt

    def _taken(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
else:
    import fcntl

    def _taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def alone(path: Path, patience_s: float) -> Iterator[bool]:
    """Hold the lock on a file while the block lasts, and say whether it could be had in time.

    Raises
    ------
    StorageError
        If the file cannot be made or locked.
    """
    handle, had = _tried(path, time.monotonic() + patience_s)
    try:
        yield had
    finally:
        os.close(handle)  # which gives the lock back


def _tried(path: Path, until_s: float) -> tuple[int, bool]:
    """Return the open file, and whether its lock was had in time."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        while not (had := _taken(handle)) and time.monotonic() < until_s:
            time.sleep(PAUSE_S)
    except OSError as error:
        raise StorageError(f"cannot lock {path}: {error.strerror or error}") from error
    return handle, had
