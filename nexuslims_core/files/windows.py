"""The files of one session: a window of a scan."""

from bisect import bisect_left, bisect_right
from datetime import datetime

from nexuslims_core.errors import StorageError
from nexuslims_core.files.models import FileList, FoundFile, Scan


def files_between(scan: Scan, start: datetime, end: datetime, *, margin_s: float = 0.0) -> FileList:
    """Return the files that were modified from ``start`` to ``end``, both included.

    Parameters
    ----------
    scan
        A scan of the instrument's folder; one serves any number of sessions.
    start, end
        Aware times.
    margin_s
        Widens the window at both ends, seconds.

    Raises
    ------
    StorageError
        If the scanned folder was absent: that is not the same as a session without files.
    ValueError
        If a time has no zone.
    """
    if scan.absent is not None:
        raise StorageError(scan.absent)
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("the times of a window need a zone")
    first = bisect_left(scan.files, start.timestamp() - margin_s, key=_mtime)
    behind = bisect_right(scan.files, end.timestamp() + margin_s, key=_mtime)
    return FileList(files=scan.files[first:behind], unsearched=scan.unsearched)


def _mtime(file: FoundFile) -> float:
    return file.mtime
