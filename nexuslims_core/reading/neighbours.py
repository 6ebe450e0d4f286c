"""Which files a reader reads beside the one it was given, such as the images that a project file names.

Python itself tells of every file that it opens; what a library opens in C (HDF5's external links) is not seen.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_watched: dict[str, list[Path]] = {}
"""Folder, with its last slash, to what was opened below it; at most one folder in a worker."""


@contextmanager
def opened_beside(path: Path) -> Iterator[list[Path]]:
    """Collect the files in or below the folder of ``path`` that are opened for reading in the block, each once."""
    _listen()
    folder = f"{path.parent}{os.sep}"
    opened = _watched.setdefault(folder, [])
    try:
        yield opened
    finally:
        del _watched[folder]
        opened[:] = dict.fromkeys(opened)


@cache
def _listen() -> None:
    sys.addaudithook(_note)  # can never be taken away again, so once in a process


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or not _watched:
        return
    name, _, flags = arguments
    if not isinstance(flags, int) or flags & os.O_ACCMODE != os.O_RDONLY:
        return
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if isinstance(name, str):
        for folder, opened in _watched.items():
            if name.startswith(folder):
                opened.append(Path(name))
