"""What a search keeps of all that it sees: only what somebody asks for."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from pathlib import Path

from nexuslims_core.files.describing import Described, Lot, Row
from nexuslims_core.files.ignoring import Wanted
from nexuslims_core.files.listing import Listing
from nexuslims_core.files.models import FoundFile, Unsearched, found_file
from nexuslims_core.files.parts import parts_of
from nexuslims_core.files.sightings import Sighting
from nexuslims_core.files.spans import Span


def _paths() -> Callable[[str], Path]:
    """Return what makes one path object a folder, since making one from text is the slowest part of finding a file."""
    return cache(Path)


@dataclass(slots=True, kw_only=True)
class Catch:
    """What a search has found so far.

    Attributes
    ----------
    span
        The times that are asked for.
    rule
        Which names count, and what belongs to what.
    found
        Datasets with a file that was modified in the span, in no order.
    unsearched
        Places that could not be looked into, in no order.
    """

    span: Span
    rule: Wanted
    found: list[FoundFile] = field(default_factory=list)
    unsearched: list[Unsearched] = field(default_factory=list)
    _linked: dict[str, list[Sighting]] = field(default_factory=dict)
    _path_of: Callable[[str], Path] = field(default_factory=_paths)

    def take(self, listing: Listing, described: Iterable[Described]) -> None:
        """Keep what matters of one folder, all of which is described."""
        joining = list[Row]()
        for lot, rows, trouble in described:
            self.unsearched += trouble
            if lot is Lot.JOINING:
                joining += rows
            elif rows:
                self.add(listing.place.path, rows)
        if listing.links or any(self.span.holds(mtime) for _, _, mtime in joining):
            before = listing.place.of("")
            group = [Sighting(mtime, before + name, size) for name, size, mtime in joining]
            if listing.links:  # which may lead to more of them
                self._linked.setdefault(listing.place.path, []).extend(group)
            else:
                self._join(listing.place.path, group)

    def add(self, folder: str, rows: Iterable[Row]) -> None:
        """Keep files of one folder that no others belong to, all of them modified in the span."""
        path = self._path_of(folder)
        self.found += [found_file(path / name, size, mtime) for name, size, mtime in rows]

    def add_linked(self, sighting: Sighting, *, joins: bool) -> None:
        """Keep a file that a link led to."""
        folder, _, name = sighting.path.rpartition("/")
        if joins:
            self._linked.setdefault(folder or "/", []).append(sighting)
        elif self.span.holds(sighting.mtime):
            self.add(folder or "/", [(name, sighting.size, sighting.mtime)])

    def in_order(self) -> tuple[FoundFile, ...]:
        """Return what was found by time, then by path."""
        times = {file.mtime for file in self.found}
        if len(times) == len(self.found):
            return tuple(sorted(self.found, key=_time))
        return tuple(sorted(self.found, key=lambda file: (file.mtime, os.fspath(file.path))))

    def close(self) -> None:
        """Take what links added to folders as all there is."""
        for folder, group in self._linked.items():
            self._join(folder, group)
        self._linked.clear()

    def _join(self, folder: str, group: list[Sighting]) -> None:
        """Keep the datasets among the files of one folder that may belong together."""
        path, alone = self._path_of(folder), list[Row]()
        for one, *parts in _grouped(group, self.rule):
            name = one.path.rpartition("/")[2]
            held = self.span.holds(one.mtime) or any(self.span.holds(part.mtime) for part in parts)
            if held and parts:
                self.found.append(_whole(path, name, one, parts))
            elif held:
                alone.append((name, one.size, one.mtime))
        self.add(folder, alone)


_time = attrgetter("mtime")


def _grouped(group: list[Sighting], rule: Wanted) -> Iterator[tuple[Sighting, ...]]:
    """Yield each dataset of a folder before its parts; those of a file that is not wanted are files of their own."""
    sights = {sighting.path: sighting for sighting in group}
    parts = {path: own for path, own in parts_of(sights, rule.declared).items() if _is_listed(path, rule)}
    belonging = {part for own in parts.values() for part in own}
    for path, sighting in sights.items():
        if path not in belonging and _is_listed(path, rule):
            yield sighting, *(sights[part] for part in parts.get(path, ()))


def _is_listed(path: str, rule: Wanted) -> bool:
    return rule.lists(path.rpartition("/")[2])


def _whole(folder: Path, name: str, one: Sighting, parts: list[Sighting]) -> FoundFile:
    """Return a dataset of several files of one folder."""
    own = tuple([folder / part.path.rpartition("/")[2] for part in parts])
    mtimes = tuple(sorted([one.mtime, *[part.mtime for part in parts]]))
    return FoundFile(path=folder / name, size=one.size, mtime=one.mtime, parts=own, mtimes=mtimes)
