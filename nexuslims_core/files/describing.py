"""Files that were listed are described: the one time that a file server is asked about each."""

import os
import stat
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from nexuslims_core.files.listing import Listing, Place
from nexuslims_core.files.models import Unsearched
from nexuslims_core.files.sightings import Sighting, cannot_read, look_through
from nexuslims_core.files.spans import EVERY_TIME, Span

_SLACK_S = 1.0
"""The quick test of a time is wider than the exact one, since its own rounding is coarser."""


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
    """What some names turned out to be; ``trouble`` is what cannot be said of the rest."""

    lot: Lot
    sightings: list[Sighting]
    trouble: list[Unsearched]


def tasks_of(listing: Listing, size: int) -> Iterator[Task]:
    """Cut the names of a folder into tasks of at most ``size`` each."""
    for lot, names in ((Lot.ALONE, listing.alone), (Lot.JOINING, listing.joining), (Lot.WHOLE, listing.whole)):
        for i in range(0, len(names), size):
            yield Task(listing.place, lot, names[i : i + size])


def describe(task: Task, span: Span, handle: int | None = None) -> Described:
    """Describe the files that are regular and still there; those alone only if they were modified in the span.

    Parameters
    ----------
    handle
        Their folder, opened; else they are looked up by their whole paths.
    """
    if task.lot is Lot.WHOLE:
        return _look_through_each(task, span)
    return _describe_files(task, span if task.lot is Lot.ALONE else EVERY_TIME, handle)


def _describe_files(task: Task, span: Span, handle: int | None) -> Described:
    """Describe files; this is the loop that every file goes through that may matter."""
    low, high, holds = span.low - _SLACK_S, span.high + _SLACK_S, span.holds
    place, sightings, trouble = task.place, list[Sighting](), list[Unsearched]()
    asked = "" if handle is not None else f"{place.real}/"
    for name in task.names:
        try:
            status = os.stat(asked + name, dir_fd=handle, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            continue  # it vanished since its folder was read
        except OSError as error:
            trouble.append(cannot_read(place.of(name), error))
            continue
        if low <= status.st_mtime <= high and stat.S_ISREG(status.st_mode):
            sighting = Sighting.of(place.of(name), status)
            if holds(sighting.mtime):
                sightings.append(sighting)
    return Described(task.lot, sightings, trouble)


def _look_through_each(task: Task, span: Span) -> Described:
    described = Described(task.lot, [], [])
    for name in task.names:
        sightings, trouble = look_through(task.place.of(name))
        described.sightings.extend(sighting for sighting in sightings if span.holds(sighting.mtime))
        described.trouble.extend(trouble)
    return described
