"""One file, or one folder that is a dataset, as the file server describes it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nexuslims_core.files.models import Unsearched

NS_PER_S = 10**9


class Sighting(NamedTuple):
    """A regular file, as the file server described it; sorts by its modification time, then by its path."""

    mtime: float
    path: str
    size: int

    @classmethod
    def of(cls, path: str, status: os.stat_result) -> "Sighting":
        """Describe a file; its time is rounded once, as that of a datetime is, so that equal times stay equal."""
        return cls(status.st_mtime_ns / NS_PER_S, path, status.st_size)

    @classmethod
    def at(cls, path: str) -> "Sighting":
        """Look at a file, or at a folder that is one dataset: all bytes in it, and when the last were written.

        Raises
        ------
        OSError
            If it is not there or cannot be looked into.
        """
        status = os.stat(path)  # noqa: PTH116 - as text, like all paths here
        if not stat.S_ISDIR(status.st_mode):
            return cls.of(path, status)
        inside = [cls.of(path, each) for each in statuses_in(path)]
        latest = max((one.mtime for one in inside), default=0.0)
        return cls(latest or cls.of(path, status).mtime, path, sum(one.size for one in inside))


def statuses_in(folder: str) -> Iterator[os.stat_result]:
    """Describe every regular file below a folder; links in it are not followed.

    Raises
    ------
    OSError
        If a folder in it cannot be looked into, or a file vanishes meanwhile.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from statuses_in(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry.stat(follow_symlinks=False)


def look_through(folder: str) -> tuple[list[Sighting], list[Unsearched]]:
    """Describe a folder that is one dataset, if it is still there."""
    try:
        return [Sighting.at(folder)], []
    except (FileNotFoundError, NotADirectoryError):
        return [], []  # it vanished, or its files are being replaced: the next scan sees it
    except OSError as error:
        return [], [cannot_read(folder, error)]


def cannot_read(path: str, error: OSError) -> Unsearched:
    """Say that a place could not be looked into."""
    return Unsearched(path=Path(path), reason=f"it cannot be read: {error.strerror or error}")
