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

    @classmethod
    def at(cls, path: str) -> "Sighting":
        """Look at a file, or at a folder that is one dataset: all bytes in it, and when the last were written.

        Raises
        ------
        OSError
            If it is not there or cannot be looked into.
        """
        status = os.stat(path)  # noqa: PTH116 - as text, like all paths here
        return cls.of(path, status) if not stat.S_ISDIR(status.st_mode) else cls._whole(path)

    @classmethod
    def _whole(cls, folder: str) -> "Sighting":
        """Add up the files in a folder; links in it are not followed."""
        inside = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    inside.append(cls._whole(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    inside.append(cls.of(entry.path, entry.stat(follow_symlinks=False)))
        latest = max((one.mtime for one in inside), default=0.0)
        return cls(folder, sum(one.size for one in inside), latest or cls.of(folder, os.lstat(folder)).mtime)


class _Place(NamedTuple):
    """A folder as results call it, and where it really is."""

    path: str
    real: str

    def below(self, name: str) -> "_Place":
        return _Place(f"{self.path.rstrip('/')}/{name}", f"{self.real.rstrip('/')}/{name}")


class _Listing(NamedTuple):
    folders: list[_Place]
    links: list[str]
    whole: list[str]
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

    def __init__(
        self,
        root: Path,
        *,
        looks_at: Callable[[str], bool],
        is_whole: Callable[[str], bool] = lambda _name: False,
        threads: int,
    ) -> None:
        self.found: list[Sighting] = []
        self.unsearched: list[Unsearched] = []
        self._root = _Place(str(root), os.path.realpath(root))
        self._looks_at, self._is_whole = looks_at, is_whole
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
        for found, trouble in (
            *each(_look_at, [batch for listing in listings for batch in listing.files]),
            *each(_look_through, [folder for listing in listings for folder in listing.whole]),
        ):
            self.found += found
            self.unsearched += trouble
        return [place for listing in listings for place in listing.folders if place.real not in self._seen]

    def _list(self, place: _Place) -> _Listing:
        """Sort the entries of one folder; files come as batches of paths."""
        folders, links, whole, names, trouble = [], [], [], [], []
        try:
            with os.scandir(place.path) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        links.append(entry.path)
                    elif entry.is_dir(follow_symlinks=False):
                        if self._is_whole(entry.name):
                            whole.append(entry.path)
                        else:
                            folders.append(place.below(entry.name))
                    elif self._looks_at(entry.name):
                        names.append(entry.path)
            self._read.add(place.real)
        except (FileNotFoundError, NotADirectoryError):
            pass  # it vanished since its parent was read
        except OSError as error:
            trouble.append(_cannot_read(place.path, error))
        batches = [names[i : i + _BATCH] for i in range(0, len(names), _BATCH)]
        wanted = [path for path in whole if self._looks_at(_base_name(path))]
        return _Listing(folders, links, wanted, batches, trouble)

    def _folders_behind_links(self) -> list[_Place]:
        """Look at each new link: return unseen folders, keep files for later, refuse what leads out of the root."""
        links, self._links = sorted(self._links), []
        places: dict[str, _Place] = {}
        for link in links:
            target = os.path.realpath(link)
            kind = _kind(target)
            if not Path(target).is_relative_to(self._root.real):
                self._refuse(link, kind)
            elif kind == stat.S_IFDIR and target not in self._seen and not self._is_within_whole(target):
                places.setdefault(target, _Place(link, target))
            elif kind == stat.S_IFREG and self._looks_at(_base_name(link)):
                self._linked_files.append((link, target))
        return list(places.values())

    def _is_within_whole(self, target: str) -> bool:
        """Tell whether a link leads to, or into, a folder that is one dataset, which was found by itself."""
        return any(map(self._is_whole, target.removeprefix(self._root.real).split("/")))

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


def _look_through(folder: str) -> tuple[list[Sighting], list[Unsearched]]:
    """Describe a folder that is one dataset, if it is still there."""
    try:
        return [Sighting.at(folder)], []
    except (FileNotFoundError, NotADirectoryError):
        return [], []  # it vanished, or its files are being replaced: the next scan sees it
    except OSError as error:
        return [], [_cannot_read(folder, error)]


def _cannot_read(path: str, error: OSError) -> Unsearched:
    return Unsearched(path=Path(path), reason=f"it cannot be read: {error.strerror or error}")
