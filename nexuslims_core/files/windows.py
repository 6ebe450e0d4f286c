"""The files of one session: a window of a scan."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from nexuslims_core.errors import StorageError
from nexuslims_core.files.models import FileList, FoundFile, Scan


def files_between(scan: Scan, start: datetime, end: datetime, *, margin_s: float = 0.0) -> FileList:
    """Return the files that were modified from ``start`` to ``end``, both included.

    A dataset of several files is among them if any of its files is. TIA saves an ``.emi`` after its series, sometimes
    when the session is over, and somebody may save it again a year later: by one time alone the data would be lost from
    the session that they were taken in. What was modified in two sessions is in both.

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
    low, high = start.timestamp() - margin_s, end.timestamp() + margin_s
    first, behind = bisect_left(scan.files, low, key=_mtime), bisect_right(scan.files, high, key=_mtime)
    files = scan.files[first:behind]
    by_parts = tuple(_by_parts((*scan.files[:first], *scan.files[behind:]), low, high))
    if by_parts:
        files = tuple(sorted((*files, *by_parts), key=lambda file: (file.mtime, str(file.path))))
    return FileList(files=files, unsearched=scan.unsearched)


def _by_parts(outside: tuple[FoundFile, ...], low: float, high: float) -> Iterator[FoundFile]:
    """Find datasets of which only parts were modified in time, and date them to the first of those."""
    for file in outside:
        inside = next((mtime for mtime in file.mtimes if low <= mtime <= high), None)
        if inside is not None:
            yield replace(file, mtime=inside)


def _mtime(file: FoundFile) -> float:
    return file.mtime
