"""What one folder holds, told by names alone: nothing is asked about its files yet."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from nexuslims_core.files.ignoring import ALONE, OWNER, PART, KindsBySuffix, Wanted
from nexuslims_core.files.models import Unsearched
from nexuslims_core.files.sightings import cannot_read


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


class Lister:
    """Sorts the entries of folders by a rule about their names."""

    def __init__(self, rule: Wanted) -> None:
        self._rule = rule
        self._kinds = KindsBySuffix(rule)

    def list(self, place: Place, at_once: Callable[[Listing, int], None] | None = None) -> Listing:
        """Sort the entries of a folder.

        Parameters
        ----------
        at_once
            What to do with the listing while the folder is open; gets its handle too.
        """
        listing = Listing(place=place)
        try:
            if at_once is None:
                self._read(place.real, listing)
            else:
                with _opened(place.real) as handle:
                    self._read(handle, listing)
                    at_once(listing, handle)
        except (FileNotFoundError, NotADirectoryError):
            pass  # it vanished since its parent was read
        except OSError as error:
            listing.trouble.append(cannot_read(place.path, error))
        return listing

    def _read(self, folder: str | int, listing: Listing) -> None:
        with os.scandir(folder) as entries:
            self._sort(cast("Iterable[os.DirEntry[str]]", entries), listing)
        listing.was_read = True

    def _sort(self, entries: Iterable["os.DirEntry[str]"], listing: Listing) -> None:
        """Sort entries; this is the loop that every name of a file store goes through."""
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
        if kinds != OWNER | PART and not listing.links:  # nothing here can belong to anything
            listing.alone += listing.joining if not kinds & PART else filter(self._rule.lists, listing.joining)
            listing.joining = []

    def _sort_other(self, entry: "os.DirEntry[str]", listing: Listing) -> None:
        if entry.is_symlink():
            listing.links.append(entry.name)
        elif entry.is_dir(follow_symlinks=False):
            if not self._rule.is_whole(entry.name):
                listing.folders.append(entry.name)
            elif self._rule.lists(entry.name):
                listing.whole.append(entry.name)


@contextmanager
def _opened(folder: str) -> Iterator[int]:
    """Open a folder; one that was replaced by a link since it was seen is not followed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)
