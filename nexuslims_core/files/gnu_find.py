"""GNU find as the searcher: it sees the files of a folder as a walk does, and what is kept of them is the same.

It tells of links and does not follow them; the walk does that afterwards, under the same rules. Null bytes part what it
says, so that every name of the file system is told whole. No shell has a part in it.
"""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from nexuslims_core.files.catching import Catch
from nexuslims_core.files.describing import Described, Lot, Row, describe, tasks_of
from nexuslims_core.files.ignoring import ALONE, OWNER, PART, KindsBySuffix, Wanted
from nexuslims_core.files.listing import Listing, Place
from nexuslims_core.files.sightings import NS_PER_S
from nexuslims_core.files.spans import Span
from nexuslims_core.files.walking import walk

log = logging.getLogger(__name__)

_CHUNK = 1 << 16
_LONGEST_COMPLAINT = 500


class _GnuFindError(Exception):
    """GNU find is not there, or could not do all of it."""


def find_below(root: Path, rule: Wanted, span: Span) -> Catch | None:
    """Return what GNU find finds, as :func:`walk` would; None if it fails, which is said in the log."""
    try:
        return walk(root, rule, span=span, begin=lambda place, catch: _Search(place, rule, catch).run())
    except _GnuFindError as error:
        log.warning("GNU find could not search %s, so it is searched without: %s", root, error)
        return None


@dataclass(slots=True, kw_only=True)
class _Folder:
    """What find told of one folder so far."""

    listing: Listing
    joining: list[Row] = field(default_factory=list)
    kinds: int = 0


class _Search:
    """One run of find."""

    def __init__(self, root: Place, rule: Wanted, catch: Catch) -> None:
        self._root, self._rule, self._catch = root, rule, catch
        self._kinds = KindsBySuffix(rule)
        self._folders: dict[str, _Folder] = {}

    def run(self) -> list[Listing]:
        """Fill the catch and return what was listed.

        Raises
        ------
        _GnuFindError
            If anything went wrong, a folder that cannot be read included: a walk says more of it.
        """
        try:
            for line in _lines(_command(self._root.path, self._rule)):
                self._note(line)
        except (OSError, ValueError) as error:
            raise _GnuFindError(str(error)) from error
        for folder in self._folders.values():
            self._catch.take(folder.listing, self._described(folder))
        return [folder.listing for folder in self._folders.values()]

    def _note(self, line: bytes) -> None:
        what, _, rest = line.partition(b" ")
        if what == b"f":
            mtime, size, path = rest.split(b" ", 2)
            self._note_file(os.fsdecode(path), int(size), _seconds(mtime))
        elif what == b"d":
            self._folder(os.fsdecode(rest))
        elif what in (b"l", b"w"):
            folder, _, name = os.fsdecode(rest).rpartition("/")
            listing = self._folder(folder or "/").listing
            if what == b"l":
                listing.links.append(name)
            elif self._rule.lists(name):
                listing.whole.append(name)
        else:
            raise ValueError(f"it said {line[:50]!r}")

    def _folder(self, path: str) -> _Folder:
        known = self._folders.get(path)
        if known is None:
            real = self._root.real.rstrip("/") + path.removeprefix(self._root.path.rstrip("/"))
            known = _Folder(listing=Listing(place=Place(path, real or "/"), was_read=True))
            self._folders[path] = known
        return known

    def _note_file(self, path: str, size: int, mtime: float) -> None:
        folder, _, name = path.rpartition("/")
        kind = self._rule.confirmed(self._kinds[name[name.rfind(".") :]], name)
        if kind == ALONE:
            if self._catch.span.holds(mtime):
                self._catch.add(folder or "/", [(name, size, mtime)])
        elif kind:
            known = self._folder(folder or "/")
            known.joining.append((name, size, mtime))
            known.kinds |= kind

    def _described(self, folder: _Folder) -> Iterator[Described]:
        """Yield the rest of a folder: datasets that are folders, and files that may belong together, if any can."""
        for task in tasks_of(folder.listing, size=1):
            yield describe(task, self._catch.span)
        if folder.kinds == OWNER | PART or folder.listing.links:
            yield Described(Lot.JOINING, folder.joining, [])
        else:
            asked = [row for row in folder.joining if self._catch.span.holds(row[2]) and self._rule.lists(row[0])]
            yield Described(Lot.ALONE, asked, [])


def _seconds(text: bytes) -> float:
    """Return a time that find told; before 1970 it writes whole seconds below zero, and the rest above them."""
    whole, _, rest = text.partition(b".")
    return (int(whole) * NS_PER_S + int(rest[:9].ljust(9, b"0"))) / NS_PER_S


def _command(root: str, rule: Wanted) -> list[str]:
    executable = shutil.which("find")
    if executable is None:
        raise _GnuFindError("there is no program named find")
    whole = ["-mindepth", "1", "-type", "d", *_names(rule.whole), "-prune", "-printf", r"w %p\0", "-o"]
    wanted = None if rule.suffixes is None else (*rule.suffixes, *rule.companions)
    return [
        *(executable, "-H", root),
        *(whole if rule.whole else ()),
        *("-type", "d", "-printf", r"d %p\0", "-o", "-type", "l", "-printf", r"l %p\0", "-o"),
        *("-type", "f", *(() if wanted is None else _names(wanted)), "-printf", r"f %T@ %s %p\0"),
    ]


def _names(suffixes: Iterable[str]) -> list[str]:
    """Return the words that let names with one of these suffixes pass."""
    every = [word for suffix in suffixes for word in ("-o", "-iname", "*" + _literal(suffix))]
    return ["(", *every[1:], ")"] if every else ["-false"]


def _literal(text: str) -> str:
    return "".join(f"\\{letter}" if letter in r"\*?[]" else letter for letter in text)


def _lines(command: list[str]) -> Iterator[bytes]:
    """Yield what find says, without the null bytes that end each line.

    Raises
    ------
    _GnuFindError
        If it ends with an error.
    """
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, env={"LC_ALL": "C"}
        ) as find,
    ):
        yield from _parted(find.stdout)
        if find.wait():
            complaints.seek(0)
            said = complaints.read(_LONGEST_COMPLAINT).decode(errors="replace").strip()
            raise _GnuFindError(said or f"it ended with {find.returncode}")


def _parted(stream: IO[bytes] | None) -> Iterator[bytes]:
    rest = b""
    while stream and (chunk := stream.read(_CHUNK)):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        raise ValueError(f"it stopped in the middle of {rest[:50]!r}")
