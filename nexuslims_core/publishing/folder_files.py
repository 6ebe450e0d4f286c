"""The files of one record in a site: put where they belong, and removed when no version names them any more."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from nexuslims_core.artefacts import write_whole

_ANOTHER = ".nexuslims-link.part"


def placed(source: Path, target: Path) -> Path:
    """Make ``target`` the same file as ``source``, or a copy of it where they lie on different disks.

    What we write is never changed in place, so a file that is shared stays what it was when its name gets a new one.
    """
    if _is_same(source, target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(_ANOTHER)
    try:
        draft.unlink(missing_ok=True)
        draft.hardlink_to(source)
    except OSError:  # another disk, or a file system without links
        write_whole(target, source.read_bytes())
    else:
        draft.replace(target)
    return target


def remove_all_but(folder: Path, kept: Collection[Path]) -> None:
    """Remove every file below a folder but these, and the folders that are empty then."""
    for path in files_below(folder):
        if path not in kept:
            path.unlink()
    for place, _, _ in os.walk(folder, topdown=False):
        with os.scandir(place) as left:
            is_empty = next(left, None) is None
        if is_empty:
            Path(place).rmdir()


def files_below(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder; links are not followed."""
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in (*names, *links))


def _is_same(source: Path, target: Path) -> bool:
    try:
        there, here = source.stat(), target.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    if os.path.samestat(there, here):
        return True
    return there.st_size == here.st_size and source.read_bytes() == target.read_bytes()
