"""Files that came to the store after somebody looked: copied there with the times they had elsewhere.

A copy keeps its old modification time, and no program can set the other time that a file server keeps, of when the file
itself was last changed. That one tells when a file came.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from nexuslims_core.files.models import FoundFile
from nexuslims_core.files.sightings import NS_PER_S, statuses_in

CAME_LATE = "came after it was built"
"""In each reason for which a session is put back since files came late; by it the record says so too."""


def arrived_after(files: Iterable[FoundFile], moment: float) -> tuple[FoundFile, ...]:
    """Return the files that came, or were changed in any way, after a moment; those that are gone are not among them.

    Parameters
    ----------
    files
        Files as a scan saw them; a dataset of several came when the last of them did.
    moment
        Epoch seconds.
    """
    return tuple(file for file in files if _came(file) > moment)


def _came(file: FoundFile) -> float:
    try:
        return max(map(changed_at, (file.path, *file.parts)))
    except OSError:
        return float("-inf")


def changed_at(path: Path) -> float:
    """Return when a file, or the last of the files in a folder, was changed in any way: epoch seconds.

    Raises
    ------
    OSError
        If it is not there or cannot be looked into.
    """
    status = path.stat()
    every = [status, *(statuses_in(os.fspath(path)) if stat.S_ISDIR(status.st_mode) else ())]
    latest_ns: int = max(each.st_ctime_ns for each in every)
    return latest_ns / NS_PER_S
