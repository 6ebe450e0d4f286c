"""Files that were listed are described: the one time that a file server is asked about each."""

import os
import stat
from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from nexuslims_core.files.listing import Listing, Look, Place
from nexuslims_core.files.models import Unsearched
from nexuslims_core.files.sightings import NS_PER_S, cannot_read, look_through
from nexuslims_core.files.spans import EVERY_TIME, Span

Row = tuple[str, int, float]
"""A file's name, its size in bytes, its modification time in epoch seconds: no noun yet, since most come to nothing."""


class Lot(Enum):
    """What some names of a folder are."""

    ALONE = auto()
    JOINING = auto()
    WHOLE = auto()


class Task(NamedTuple):
    """Some names of one folder, to be described."""

    place: Place
    lot: Lot
    names: list[str]


class Described(NamedTuple):
    """What some names of one folder turned out to be; ``trouble`` is what cannot be said of the rest."""

    lot: Lot
    rows: list[Row]
    trouble: list[Unsearched]


def tasks_of(listing: Listing, size: int) -> Iterator[Task]:
    """Cut the names of a folder into tasks of at most ``size`` each."""
    for lot, names in ((Lot.ALONE, listing.alone), (Lot.JOINING, listing.joining), (Lot.WHOLE, listing.whole)):
        for i in range(0, len(names), size):
            yield Task(listing.place, lot, names[i : i + size])


def describe(task: Task, span: Span, look: Look | None = None) -> Described:
    """Describe the files that are regular and still there; those alone only if they were modified in the span.

    Parameters
    ----------
    look
        What asks the file server about a name; else it is asked by the whole path.
    """
    if task.lot is Lot.WHOLE:
        return _look_through_each(task, span)
    return _describe_files(task, span if task.lot is Lot.ALONE else EVERY_TIME, look or _by_path(task.place))


def _by_path(place: Place) -> Look:
    return lambda name: os.lstat(f"{place.real}/{name}")


def _describe_files(task: Task, span: Span, look: Look) -> Described:
    place, rows, trouble = task.place, list[Row](), list[Unsearched]()
    edges = span.edges
    for name in task.names:
        try:
            status = look(name)
        except (FileNotFoundError, NotADirectoryError):
            continue  # it vanished since its folder was read
        except OSError as error:
            trouble.append(cannot_read(place.of(name), error))
            continue
        mtime = status.st_mtime_ns / NS_PER_S
        if bisect_right(edges, mtime) & 1 and stat.S_ISREG(status.st_mode):
            rows.append((name, status.st_size, mtime))
    return Described(task.lot, rows, trouble)


def _look_through_each(task: Task, span: Span) -> Described:
    described = Described(task.lot, [], [])
    for name in task.names:
        sightings, trouble = look_through(task.place.of(name))
        described.rows.extend((name, one.size, one.mtime) for one in sightings if span.holds(one.mtime))
        described.trouble.extend(trouble)
    return described
