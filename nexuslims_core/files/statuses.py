"""The file system asked about all names in a folder, without an object for each answer.

``os.stat`` makes an object of nineteen values out of every answer, and nearly all answers come to nothing: nobody asks
for a file of that time. So ``statx`` of the C library writes them side by side into one piece of memory, from which a
column is read at a time. Linux has it; where it is missing, or refused, folders are looked at as everywhere else.
"""

import os
import stat
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import repeat
from typing import NamedTuple

from nexuslims_core.files.sightings import NS_PER_S

_AT_ONCE = 256
_SIZE = 256
"""Bytes of one answer, as Linux lays it out on every machine; below, where in it a value is."""
_MODE, _BYTES, _SECONDS, _NANOSECONDS = 28, 40, 112, 120
_OF_THE_NAME_ITSELF = 0x900
"""A link is not followed, and nothing is mounted because of the question."""
_WANTED = 0x243
"""Kind and mode, time of modification, size."""


class Answers(NamedTuple):
    """What is known of some names of one folder: one column a value, in the order of the names.

    Nanoseconds and sizes, which few ask for, may stay where they were written, until the next question.
    """

    names: Sequence[str]
    modes: list[int]
    seconds: list[int]
    nanoseconds: Sequence[int]
    sizes: Sequence[int]

    def kept(self) -> "Answers":
        """Return the same, with no value left where it was written."""
        return self._replace(nanoseconds=list(self.nanoseconds), sizes=list(self.sizes))

    def kinds(self) -> set[int]:
        """Return the kinds there are, such as ``stat.S_IFDIR``."""
        return set(map(stat.S_IFMT, set(self.modes)))

    def names_of(self, kind: int) -> list[str]:
        """Return the names of one kind."""
        return [name for name, mode in zip(self.names, self.modes, strict=True) if stat.S_IFMT(mode) == kind]

    def files(self) -> list[tuple[str, int, float]]:
        """Return name, size in bytes, and modification time in epoch seconds of each regular file."""
        rows = zip(self.names, self.modes, self.sizes, self.seconds, self.nanoseconds, strict=True)
        return [
            (name, size, (s * NS_PER_S + ns) / NS_PER_S)  # rounded once, as everywhere
            for name, mode, size, s, ns in rows
            if stat.S_ISREG(mode)
        ]

    def times(self, kinds: set[int]) -> list[int]:
        """Return when each regular file was modified, whole seconds; ``kinds`` are those there are."""
        if kinds == {stat.S_IFREG}:
            return self.seconds
        return [second for second, mode in zip(self.seconds, self.modes, strict=True) if stat.S_ISREG(mode)]


class Questions:
    """Asks about names, some hundreds at a time; not for two threads at once."""

    def __init__(self, statx: Callable[..., int]) -> None:
        import ctypes  # only who searches pays for it

        room = ctypes.create_string_buffer(_AT_ONCE * _SIZE)
        memory = memoryview(room).cast("B")
        self._statx = statx
        self._answers = [ctypes.byref(room, i * _SIZE) for i in range(_AT_ONCE)]
        self._columns = (
            _column(memory.cast("H"), _MODE),
            _column(memory.cast("q"), _SECONDS),
            _column(memory.cast("I"), _NANOSECONDS),
            _column(memory.cast("Q"), _BYTES),
        )

    def ask(self, folder: int, names: Sequence[str]) -> list[Answers] | None:
        """Return what is known of each name in an open folder; None if there is none for one of them."""
        every = []
        for i in range(0, len(names), _AT_ONCE):
            some = names[i : i + _AT_ONCE]
            encoded = "\0".join(some).encode(_ENCODING, _ERRORS).split(b"\0")
            asked = map(
                self._statx, repeat(folder), encoded, repeat(_OF_THE_NAME_ITSELF), repeat(_WANTED), self._answers
            )
            if any(asked):
                return None
            every.append(self._read(some, keep=len(some) < len(names)))
        return every

    def _read(self, names: Sequence[str], *, keep: bool) -> Answers:
        modes, seconds, nanoseconds, sizes = self._columns
        n = len(names)
        if keep:
            return Answers(
                names, modes[:n].tolist(), seconds[:n].tolist(), nanoseconds[:n].tolist(), sizes[:n].tolist()
            )
        return Answers(names, modes[:n].tolist(), seconds[:n].tolist(), nanoseconds[:n], sizes[:n])


def _column(memory: "memoryview[int]", begin: int) -> "memoryview[int]":
    return memory[begin // memory.itemsize :: _SIZE // memory.itemsize]


_ENCODING, _ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()


@cache
def statx() -> Callable[..., int] | None:
    """Return the C library's function of that name, if it has one that works."""
    import ctypes  # only who searches pays for it

    try:
        found: Callable[..., int] = ctypes.CDLL(None).statx
    except (AttributeError, OSError, TypeError):  # another C library, or another system
        return None
    return found if _tells_the_truth(found) else None


def _tells_the_truth(found: Callable[..., int]) -> bool:
    """Compare what it says of one file with what Python says, before it is asked about others."""
    handle = os.open("/", os.O_RDONLY)
    try:
        ours, told = os.stat(".", dir_fd=handle), Questions(found).ask(handle, ["."])
    finally:
        os.close(handle)
    rows = [] if told is None else [*zip(*told[0], strict=True)]
    return rows == [(".", ours.st_mode, *divmod(ours.st_mtime_ns, NS_PER_S), ours.st_size)]
