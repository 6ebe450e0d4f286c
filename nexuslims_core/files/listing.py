"""What one folder holds, told by names alone: nothing is asked about its files yet."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple, cast

from nexuslims_core.files.glancing import Glance
from nexuslims_core.files.ignoring import ALONE, OWNER, PART, KindsBySuffix, Wanted
from nexuslims_core.files.models import Unsearched
from nexuslims_core.files.sightings import cannot_read

Look = Callable[[str], os.stat_result]

A_FOLDER_ITSELF = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
"""How a folder is opened: one that was replaced by a link since it was seen is not followed."""

_MANY = 10_000
"""Entries from which on those of one folder are not kept to be looked at twice."""


class Place(NamedTuple):
    """A folder as results call it, and where it really is."""

    path: str
    real: str

    def of(self, name: str) -> str:
        """Return the path of an entry, as results call it."""
        return f"{self.path}/{name}" if self.path != "/" else f"/{name}"

    def below(self, name: str) -> "Place":
        """Return the folder in this one that is no link."""
        return Place(self.of(name), f"{self.real.rstrip('/')}/{name}")


@dataclass(slots=True, kw_only=True)
class Listing:
    """The entries of a folder that may matter; those that are neither a file, a folder nor a link do not.

    Attributes
    ----------
    folders, links, whole
        Names of folders to search, of links, and of folders that are one dataset each and are wanted.
    alone
        Names of files that are datasets by themselves.
    joining
        Names of files that may be parts of a dataset, or have parts here.
    trouble
        Why it could not be read to the end.
    was_read
        Whether it was.
    """

    place: Place
    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    joining: list[str] = field(default_factory=list)
    trouble: list[Unsearched] = field(default_factory=list)
    was_read: bool = False

    def complain(self, error: OSError) -> None:
        """Say that the folder cannot be read, unless it vanished since its parent was."""
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            self.trouble.append(cannot_read(self.place.path, error))


class Lister:
    """Sorts the entries of folders by a rule about their names."""

    def __init__(self, rule: Wanted) -> None:
        self._rule = rule
        self._kinds = KindsBySuffix(rule)

    def list(self, place: Place) -> Listing:
        """Sort the entries of a folder."""
        listing = Listing(place=place)
        try:
            with os.scandir(place.real) as entries:
                self._sort(entries, listing)
                listing.was_read = True
        except OSError as error:
            listing.complain(error)
        return listing

    def look_into(self, place: Place, glance: Glance, describe: Callable[[Listing, Look], None]) -> Listing:
        """Sort the entries of a folder, and have them described while it is open, if anything in it counts.

        Parameters
        ----------
        describe
            Gets the listing, and what asks the file server about a name in it, once at most.
        """
        listing = Listing(place=place)
        try:
            handle = os.open(place.real, A_FOLDER_ITSELF)
        except OSError as error:
            listing.complain(error)
            return listing
        try:
            self._glance_and_sort(listing, handle, glance, describe)
        finally:
            os.close(handle)
        return listing

    def _glance_and_sort(
        self, listing: Listing, handle: int, glance: Glance, describe: Callable[[Listing, Look], None]
    ) -> None:
        some, folders = list["os.DirEntry[str]"](), None
        try:
            with os.scandir(handle) as found:
                entries = cast("Iterator[os.DirEntry[str]]", found)
                some += islice(entries, _MANY)
                folders = glance.folders(some) if len(some) < _MANY else None
                if folders is None:
                    self._sort(chain(some, entries), listing)
                listing.was_read = True
        except OSError as error:
            listing.complain(error)
        if folders is None:
            describe(listing, _looking(some, handle))
        else:
            listing.folders = folders

    def _sort(self, entries: Iterable["os.DirEntry[str]"], listing: Listing) -> None:
        """Sort entries by what they may be."""
        by_suffix, confirmed, told = self._kinds, self._rule.confirmed, self._rule.suffix_tells_all
        alone, joining, kinds = listing.alone.append, listing.joining.append, 0
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                name = entry.name
                kind = by_suffix[name[name.rfind(".") :]]
                if kind and not told:
                    kind = confirmed(kind, name)
                if kind == ALONE:
                    alone(name)
                elif kind:
                    joining(name)
                    kinds |= kind
            else:
                self._sort_other(entry, listing)
        self.part(listing, may_join=kinds == OWNER | PART)

    def part(self, listing: Listing, *, may_join: bool) -> None:
        """Take the files that can belong to nothing here as files by themselves."""
        if listing.links:  # which may add what belongs to something here
            return
        suffixes = [name[name.rfind(".") :].lower() for name in listing.joining]
        present = frozenset(suffixes)
        staying = {suffix for suffix in present if may_join and self._rule.partners.get(suffix, present) & present}
        listed = {suffix for suffix in present if self._rule.kind_by_suffix(suffix) == OWNER}
        both = list(zip(listing.joining, suffixes, strict=True))
        single = [(name, suffix) for name, suffix in both if suffix not in staying]
        listing.alone += (name for name, suffix in single if suffix in listed or self._rule.lists(name))
        listing.joining = [name for name, suffix in both if suffix in staying]

    def _sort_other(self, entry: "os.DirEntry[str]", listing: Listing) -> None:
        if entry.is_symlink():
            listing.links.append(entry.name)
        elif entry.is_dir(follow_symlinks=False):
            self.sort_folder(entry.name, listing)

    def sort_folder(self, name: str, listing: Listing) -> None:
        """Take a folder as one to search, or as one dataset."""
        if not self._rule.is_whole(name):
            listing.folders.append(name)
        elif self._rule.lists(name):
            listing.whole.append(name)


def _looking(entries: Iterable["os.DirEntry[str]"], handle: int) -> Look:
    known = {entry.name: entry for entry in entries}

    def look(name: str) -> os.stat_result:
        entry = known.get(name)
        return entry.stat(follow_symlinks=False) if entry else os.stat(name, dir_fd=handle, follow_symlinks=False)

    return look
