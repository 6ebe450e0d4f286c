"""One scan of an instrument's folder, which serves every session that waits for it."""

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from nexuslims_core.files.ignoring import Wanted, wanted
from nexuslims_core.files.models import FoundFile, Scan
from nexuslims_core.files.parts import parts_of
from nexuslims_core.files.walking import Sighting, Walk

Companions = Mapping[str, Collection[str]]


def scan_folder(  # noqa: PLR0913 - whose folder, what counts there, and how to walk: all named where it is called
    folder: Path,
    *,
    instrument_pid: str,
    suffixes: frozenset[str] | None,
    ignore: tuple[str, ...],
    companions: Companions,
    now: float,
    threads: int = 1,
    filestore: Path | None = None,
) -> Scan:
    """Walk through an instrument's folder once and return what may belong to a record.

    Nothing is written, and no file is opened. Links are followed inside the folder only, and each file is listed once.
    What could not be looked into is said beside what was found; no state of the file store is an exception.

    Parameters
    ----------
    folder
        The instrument's folder.
    instrument_pid
        Whose folder it is.
    suffixes
        Suffixes of files that are datasets, with the dot; None for every file.
    ignore
        Patterns of names that are never datasets, such as ``*.db``; they still belong to a dataset as its companions.
    companions
        Suffix of a file that is opened to the suffixes of files that belong to it.
    now
        When the scan begins, epoch seconds.
    threads
        How many files to ask the file server about at a time: 1 for a local disk, 16 to 32 for a network mount.
    filestore
        The file store that the folder lies in, to tell an unmounted store from a folder that was never made.
    """
    root = folder.absolute()
    scan = Scan(instrument_pid=instrument_pid, root=root, taken_at=now)
    absent = _why_absent(root, filestore)
    if absent:
        return replace(scan, absent=absent)
    before = _identity(root)
    rule = wanted(suffixes, ignore, companions)
    walk = Walk(root, looks_at=rule.looks_at, is_whole=rule.is_whole, threads=threads)
    if before is None or _identity(root) != before:
        return replace(scan, absent=f"{root} went away during the scan: check that the file store stays mounted")
    unsearched = tuple(sorted(walk.unsearched, key=lambda place: str(place.path)))
    return replace(scan, files=_datasets(walk.found, rule, companions), unsearched=unsearched)


def _datasets(found: list[Sighting], rule: Wanted, companions: Companions) -> tuple[FoundFile, ...]:
    """Return the files that are datasets, with their parts, by time and path."""
    parts = _parts(found, rule, companions)
    belonging = {part for own in parts.values() for part in own}
    owned = belonging | parts.keys()
    times = {sighting.path: sighting.mtime for sighting in found if sighting.path in owned} if owned else {}
    folder_of = cache(Path)  # one path object a folder: making one from text is the slowest part of a scan
    files = []
    for path, size, mtime in sorted(found, key=lambda sighting: (sighting.mtime, sighting.path)):
        folder, _, name = path.rpartition("/")
        if path in belonging or not rule.lists(name):
            continue
        own = parts.get(path, ())
        files.append(
            FoundFile(
                path=folder_of(folder or "/") / name,
                size=size,
                mtime=mtime,
                parts=tuple(map(Path, own)),
                mtimes=tuple(sorted(times[one] for one in (path, *own))) if own else (),
            )
        )
    return tuple(files)


def _parts(found: list[Sighting], rule: Wanted, companions: Companions) -> dict[str, tuple[str, ...]]:
    """Return the parts of each dataset; those of a file that is not wanted are files of their own."""
    parts = parts_of((sighting.path for sighting in found), companions)
    return {path: own for path, own in parts.items() if rule.lists(path.rpartition("/")[2])}


def _why_absent(root: Path, filestore: Path | None) -> str | None:
    """Return a sentence if a folder cannot stand for an instrument's data, or None if it can."""
    if filestore is not None:
        trouble = _trouble(filestore, may_be_empty=False)
        if trouble:
            return f"the file store {filestore} {trouble}: mount it, or correct NEXUSLIMS_FILESTORE_PATH"
    trouble = _trouble(root, may_be_empty=True)
    return (
        f"the instrument's folder {root} {trouble}: correct its filestore_path, or mend the folder" if trouble else None
    )


def _trouble(folder: Path, *, may_be_empty: bool) -> str | None:
    try:
        with os.scandir(folder) as entries:
            empty = next(entries, None) is None
    except FileNotFoundError:
        return "is not there"
    except NotADirectoryError:
        return "is not a folder"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    except ValueError:
        return "has no name that a file system allows"
    return "is empty, so it is probably not mounted" if empty and not may_be_empty else None


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
