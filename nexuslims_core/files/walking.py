"""One walk through a folder: each folder is read once, and each file with a wanted name is described once.

With one thread a folder is looked at as soon as it was listed, through its open handle: all its files at once where
every name counts, else one after the other. With many threads, which ask at the same time on a network mount, folders
go level by level. Links come last: what they lead to inside the root was found
without them, unless its own name is not wanted or its folder cannot be read.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from pathlib import Path

from nexuslims_core.files.asking import Asker
from nexuslims_core.files.catching import Catch
from nexuslims_core.files.describing import describe, tasks_of
from nexuslims_core.files.glancing import Glance
from nexuslims_core.files.ignoring import OWNER, PART, Wanted
from nexuslims_core.files.links import Links
from nexuslims_core.files.listing import Lister, Listing, Look, Place
from nexuslims_core.files.sightings import Sighting, cannot_read
from nexuslims_core.files.spans import EVERY_TIME, Span
from nexuslims_core.files.statuses import statx

_BATCH = 32
_SLICE = 256
"""Folders that many threads describe before more are listed, so that no more names are kept than needed."""
_NAMES = 20_000
"""The same for one thread that asks about whole folders: names in them."""

Beginning = Callable[[Place, Catch], Iterable[Listing]]
Search = Callable[[Iterable[Place]], Iterable[Listing]]


def walk(
    root: Path, rule: Wanted, *, span: Span = EVERY_TIME, threads: int = 1, begin: Beginning | None = None
) -> Catch:
    """Walk through a folder and return what it holds.

    Parameters
    ----------
    rule
        Which names count.
    span
        The times that are asked for.
    threads
        How many files to ask the file server about at a time.
    begin
        Another way to see all of the root: fills the catch and returns what it listed. What is left then are folders
        behind links.
    """
    if threads <= 1:
        return _Walk(root, rule, span).go(None, begin)
    with ThreadPoolExecutor(threads) as pool:
        return _Walk(root, rule, span).go(pool, begin)


class _Walk:
    """Where a walk has been, and what it has found."""

    def __init__(self, root: Path, rule: Wanted, span: Span) -> None:
        self._catch = Catch(span=span, rule=rule)
        self._root = Place(str(root), os.path.realpath(root))
        self._lister, self._glance, self._rule = Lister(rule), Glance(rule, span), rule
        asking = statx() if rule.suffixes is None else None  # where names tell much, most need not be asked about
        self._asker = Asker(asking, rule, span) if asking else None
        self._seen: set[str] = set()
        self._read: set[str] = set()
        self._links = Links(self._root, rule)
        self._new_links: list[str] = []

    def go(self, pool: ThreadPoolExecutor | None, begin: Beginning | None) -> Catch:
        """Search level by level, then behind links, until nothing is left."""
        search: Search = partial(self._search_with, pool) if pool else self._search
        level = self._note(begin(self._root, self._catch) if begin else search([self._root]))
        while level := level or self._behind_links():
            level = self._note(search(level))
        self._add_linked_files()
        self._catch.unsearched += self._links.refused
        self._catch.close()
        return self._catch

    def _search(self, places: Iterable[Place]) -> Iterator[Listing]:
        """List and describe one folder after another."""
        if self._asker is None:
            yield from map(self._look_into, places)
            return
        for place in places:
            yield self._asker.look_into(place) or self._look_into(place)
            self._asker.describe_into(self._catch, at_least=_NAMES)
        self._asker.describe_into(self._catch)

    def _look_into(self, place: Place) -> Listing:
        return self._lister.look_into(place, self._glance, self._describe_at_once)

    def _describe_at_once(self, listing: Listing, look: Look) -> None:
        tasks = tasks_of(listing, sys.maxsize)
        self._catch.take(listing, [describe(task, self._catch.span, look) for task in tasks])

    def _search_with(self, pool: ThreadPoolExecutor, places: Iterable[Place]) -> Iterator[Listing]:
        """List and describe many folders at a time."""
        remaining = iter(places)
        while some := list(islice(remaining, _SLICE)):
            listings = list(pool.map(self._lister.list, some))
            tasks = [list(tasks_of(listing, _BATCH)) for listing in listings]
            told = pool.map(lambda task: describe(task, self._catch.span), chain.from_iterable(tasks))
            for listing, own in zip(listings, tasks, strict=True):
                self._catch.take(listing, islice(told, len(own)))
                yield listing

    def _note(self, listings: Iterable[Listing]) -> list[Place]:
        """Remember what was listed, and return the folders in it that are left to search."""
        below: list[Place] = []
        for listing in listings:
            place = listing.place
            self._seen.add(place.real)
            if listing.was_read:
                self._read.add(place.real)
            self._catch.unsearched += listing.trouble
            self._new_links += map(place.of, listing.links)
            below += map(place.below, listing.folders)
        return [place for place in below if place.real not in self._seen]

    def _behind_links(self) -> list[Place]:
        links, self._new_links = self._new_links, []
        return self._links.follow(links, self._seen)

    def _add_linked_files(self) -> None:
        """Add the files that only a link gives a wanted name, or that lie where the walk could not look."""
        for link, target in self._links.files:
            folder, name = os.path.split(target)
            if target in self._seen or (folder in self._read and self._rule.looks_at(name)):
                continue
            self._seen.add(target)
            try:
                sighting = Sighting.of(link, os.lstat(target))
            except (FileNotFoundError, NotADirectoryError):
                continue  # it vanished since the link was followed
            except OSError as error:
                self._catch.unsearched.append(cannot_read(target, error))
                continue
            joins = self._rule.kind(link.rpartition("/")[2]) & (OWNER | PART)
            self._catch.add_linked(sighting, joins=bool(joins))
