"""SHA-256 of files on a file store that others use too: no faster than allowed, and never twice for the same content.

A digest stands for a file as it was by path, size and modification time to the nanosecond. It is kept in a small file
of its own as soon as it is known, so that a session of terabytes that is cut short goes on where it was.
"""

import hashlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nexuslims_core.artefacts import digest, load_result, save_result, sha256
from nexuslims_core.reading.cache import SETTLED_S

CHUNK = 1 << 20
"""Bytes that are read at a time."""

CHANGED = "it changed while it was read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What hashing a file gave.

    Attributes
    ----------
    sha256
        64 hexadecimal digits; None if it cannot be told.
    size, mtime_ns
        Of the file that was hashed; None if it could not be opened.
    reason
        Why there is no digest.
    """

    sha256: str | None = None
    size: int | None = None
    mtime_ns: int | None = None
    reason: str | None = None


@dataclass(slots=True, kw_only=True)
class Hasher:
    """Hashes files one after another.

    Attributes
    ----------
    folder
        Where digests are kept.
    rate
        Bytes a second that may be read on the average.
    told
        Called after every piece that was read, for those who must show that they are alive.
    """

    folder: Path
    rate: float
    told: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _begun: float | None = field(default=None, init=False)
    _done: int = field(default=0, init=False)

    def digest(self, path: Path) -> Digest:
        """Return the digest of one file, or why there is none; the file is opened only if its content is not known.

        Raises
        ------
        StorageError
            If the digest cannot be kept.
        """
        try:
            return self._known(path) or self._read(path)
        except OSError as error:
            return Digest(reason=f"it cannot be read ({error.strerror or error})")

    def _known(self, path: Path) -> Digest | None:
        size, mtime_ns = _stamp(path.stat())
        known = load_result(self._place(path), _mark(path, size, mtime_ns), str)
        return Digest(sha256=known, size=size, mtime_ns=mtime_ns) if known else None

    def _read(self, path: Path) -> Digest:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for its writer
        with open(handle, "rb", buffering=0) as file:  # noqa: PTH123 - a handle has no path
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return Digest(reason="it is no file")
            total = hashlib.sha256()
            for piece in iter(lambda: file.read(CHUNK), b""):
                total.update(piece)
                self._wait(len(piece))
                if file.tell() > status.st_size:
                    break  # it grows: who knows for how long
        size, mtime_ns = _stamp(status)
        if _stamp(path.stat()) != (size, mtime_ns):
            return Digest(size=size, mtime_ns=mtime_ns, reason=CHANGED)
        self._keep(path, size, mtime_ns, total.hexdigest())
        return Digest(sha256=total.hexdigest(), size=size, mtime_ns=mtime_ns)

    def _wait(self, read: int) -> None:
        """Count what was read, and wait until it may have been."""
        now = self.clock()
        if self._begun is None:
            self._begun = now
        self._done += read
        ahead = self._begun + self._done / self.rate - now
        if ahead > 0:
            self.sleep(ahead)
        self.told()

    def _keep(self, path: Path, size: int, mtime_ns: int, found: str) -> None:
        if not 0 <= time.time() - mtime_ns / 1e9 < SETTLED_S:  # else its time is too coarse to tell a change
            save_result(self._place(path), _mark(path, size, mtime_ns), found, str)

    def _place(self, path: Path) -> Path:
        name = sha256(os.fsencode(path))
        return self.folder / name[:2] / f"{name}.json"


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def _mark(path: Path, size: int, mtime_ns: int) -> str:
    return digest([sha256(os.fsencode(path)), size, mtime_ns])
