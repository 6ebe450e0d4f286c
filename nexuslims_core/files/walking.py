"""One walk through a folder: each folder is read once, and each file with a wanted name is described once.

The walk goes level by level, so that on a network mount many threads can ask at a time. Links come last: what they
lead to inside the root was found without them, unless its own name is not wanted or its folder cannot be read.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from nexuslims_core.files.models import Unsearched

_BATCH = 32

A = TypeVar("A")
B = TypeVar("B")


class Sighting(NamedTuple):
    """A regular file, as the file server described it."""

    path: str
    size: int
    mtime: float

    @classmethod
    def of(cls, path: str, status: os.stat_result) -> "Sighting":
        """Describe a file; its time is rounded once, as that of a datetime is, so that equal times stay equal."""
        return cls(path, status.st_size, status.st_mtime_ns / 10**9)


class _Place(NamedTuple):
    """A folder as results call it, and where it really is."""

    path: str
    real: str

    def below(self, name: str) -> "_Place":
        return _Place(f"{self.path.rstrip('/')}/{name}", f"{self.real.rstrip('/')}/{name}")


class _Listing(NamedTuple):
    folders: list[_Place]
    links: list[str]
    files: list[list[str]]
    trouble: list[Unsearched]


class _Each(Protocol):
    def __call__(self, function: Callable[[A], B], items: Iterable[A], /) -> Iterable[B]: ...


class Walk:
    """What a walk has found.

    Attributes
    ----------
    found
        Regular files with a wanted name, in no order.
    unsearched
        Places that could not be looked into, in no order.
    """

    def __init__(self, root: Path, *, looks_at: Callable[[str], bool], threads: int) -> None:
        self.found: list[Sighting] = []
        self.unsearched: list[Unsearched] = []
        self._root = _Place(str(root), os.path.realpath(root))
        self._looks_at = looks_at
        self._seen: set[str] = set()
        self._read: set[str] = set()
        self._links: list[str] = []
        self._linked_files: list[tuple[str, str]] = []
        with _mapping(threads) as each:
            level = [self._root]
            while level:
                level = self._search(level, each) or self._folders_behind_links()
        for link, target in self._linked_files:
            self._add_linked_file(link, target)

    def _search(self, places: list[_Place], each: _Each) -> list[_Place]:
        """Look into some folders and return the folders in them."""
        self._seen.update(place.real for place in places)
        listings = list(each(self._list, places))
        for listing in listings:
            self._links += listing.links
            self.unsearched += listing.trouble
        for found, trouble in each(_look_at, [batch for listing in listings for batch in listing.files]):
            self.found += found
            self.unsearched += trouble
        return [place for listing in listings for place in listing.folders if place.real not in self._seen]

    def _list(self, place: _Place) -> _Listing:
        """Sort the entries of one folder; files come as batches of paths."""
        folders, links, names, trouble = [], [], [], []
        try:
            with os.scandir(place.path) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        links.append(entry.path)
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(place.below(entry.name))
                    elif self._looks_at(entry.name):
                        names.append(entry.path)
            self._read.add(place.real)
        except (FileNotFoundError, NotADirectoryError):
            pass  # it vanished since its parent was read
        except OSError as error:
            trouble.append(_cannot_read(place.path, error))
        batches = [names[i : i + _BATCH] for i in range(0, len(names), _BATCH)]
        return _Listing(folders, links, batches, trouble)

    def _folders_behind_links(self) -> list[_Place]:
        """Look at each new link: return unseen folders, keep files for later, refuse what leads out of the root."""
        links, self._links = sorted(self._links), []
        places: dict[str, _Place] = {}
        for link in links:
            target = os.path.realpath(link)
            kind = _kind(target)
            if not Path(target).is_relative_to(self._root.real):
                self._refuse(link, kind)
            elif kind == stat.S_IFDIR and target not in self._seen:
                places.setdefault(target, _Place(link, target))
            elif kind == stat.S_IFREG and self._looks_at(_base_name(link)):
                self._linked_files.append((link, target))
        return list(places.values())

    def _refuse(self, link: str, kind: int | None) -> None:
        if kind == stat.S_IFREG and not self._looks_at(_base_name(link)):
            return
        reason = f"this link leads out of {self._root.path}, so it was not followed: move the data into the folder"
        self.unsearched.append(Unsearched(path=Path(link), reason=reason))

    def _add_linked_file(self, link: str, target: str) -> None:
        """Add a file that only a link gives a wanted name, or that lies where the walk could not look."""
        folder, name = os.path.split(target)
        if target in self._seen or (folder in self._read and self._looks_at(name)):
            return
        self._seen.add(target)
        found, trouble = _look_at([target])
        self.found += [sighting._replace(path=link) for sighting in found]
        self.unsearched += trouble


@contextmanager
def _mapping(threads: int) -> Iterator[_Each]:
    if threads <= 1:
        yield map
        return
    with ThreadPoolExecutor(threads) as pool:
        yield pool.map


def _kind(path: str) -> int | None:
    try:
        return stat.S_IFMT(Path(path).stat().st_mode)
    except OSError:
        return None


def _base_name(path: str) -> str:
    return path.rpartition("/")[2]


def _look_at(paths: list[str]) -> tuple[list[Sighting], list[Unsearched]]:
    """Describe those of some files that are regular and still there."""
    found, trouble = [], []
    for path in paths:
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue  # it vanished since its folder was read
        except OSError as error:
            trouble.append(_cannot_read(path, error))
            continue
        if stat.S_ISREG(status.st_mode):
            found.append(Sighting.of(path, status))
    return found, trouble


def _cannot_read(path: str, error: OSError) -> Unsearched:
    return Unsearched(path=Path(path), reason=f"it cannot be read: {error.strerror or error}")
