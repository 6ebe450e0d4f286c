"""The files of one session: a window of a scan."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from nexuslims_core.errors import StorageError
from nexuslims_core.files.models import FileList, FoundFile, Scan
from nexuslims_core.files.spans import Span, Window, window


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
        If the scanned folder was absent, or was not searched for that time: neither is a session without files.
    ValueError
        If a time has no zone, or the end is before the start.
    """
    if scan.absent is not None:
        raise StorageError(scan.absent)
    asked = window(start, end, margin_s=margin_s)
    if not covers(scan, asked):
        raise StorageError(f"{scan.root} was not searched for files from {start} to {end}: search it again")
    first = bisect_left(scan.files, asked.low, key=_mtime)
    behind = bisect_right(scan.files, asked.high, key=_mtime)
    files = scan.files[first:behind]
    by_parts = tuple(_by_parts(scan.several, asked))
    if by_parts:
        files = tuple(sorted((*files, *by_parts), key=lambda file: (file.mtime, str(file.path))))
    return FileList(files=files, unsearched=scan.unsearched)


def covers(scan: Scan, asked: Window) -> bool:
    """Tell whether a scan looked for files of the whole of a window."""
    return Span(scan.windows).covers(asked)


def _by_parts(files: tuple[FoundFile, ...], asked: Window) -> Iterator[FoundFile]:
    """Find datasets of which only parts were modified in time, and date them to the first of those."""
    low, high = asked.low, asked.high
    for file in [file for file in files if file.mtimes[0] <= high and file.mtimes[-1] >= low]:
        first = bisect_left(file.mtimes, low)
        if not low <= file.mtime <= high and file.mtimes[first] <= high:
            yield replace(file, mtime=file.mtimes[first])


def _mtime(file: FoundFile) -> float:
    return file.mtime
