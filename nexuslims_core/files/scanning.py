"""One scan of an instrument's folder, which serves every session that waits for it."""

import gc
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nexuslims_core.files.gnu_find import find_below
from nexuslims_core.files.ignoring import wanted
from nexuslims_core.files.models import Scan
from nexuslims_core.files.spans import Span, Window, united
from nexuslims_core.files.walking import walk

Companions = Mapping[str, Collection[str]]
_MANY = 10_000
"""New objects that are worth keeping from the search for garbage."""


def scan_folder(  # noqa: PLR0913 - whose folder, what counts there, and how to search: all named where it is called
    folder: Path,
    *,
    instrument_pid: str,
    suffixes: frozenset[str] | None,
    ignore: tuple[str, ...],
    companions: Companions,
    now: float,
    threads: int = 1,
    filestore: Path | None = None,
    windows: Iterable[Window] | None = None,
    with_gnu_find: bool = False,
) -> Scan:
    """Search an instrument's folder once and return what may belong to a record.

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
    windows
        The times that anybody asks for; None for every time, which takes longer the more files there are.
    with_gnu_find
        Let GNU find search; where it fails, that is said in the log, and it is done without.
    """
    root = folder.absolute()
    asked = None if windows is None else united(windows)
    scan = Scan(instrument_pid=instrument_pid, root=root, taken_at=now, windows=asked)
    absent = _why_absent(root, filestore)
    if absent:
        return replace(scan, absent=absent)
    before = _identity(root)
    rule, span = wanted(suffixes, ignore, companions), Span(asked)
    with _no_garbage():
        catch = find_below(root, rule, span) if with_gnu_find else None
        catch = catch or walk(root, rule, span=span, threads=threads)
        files = catch.in_order()
    if before is None or _identity(root) != before:
        return replace(scan, absent=f"{root} went away during the scan: check that the file store stays mounted")
    unsearched = tuple(sorted(catch.unsearched, key=lambda place: str(place.path)))
    return replace(scan, files=files, unsearched=unsearched)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Do without the search for circles among objects: there are none here, and it goes through all files each time.

    Afterwards all that was found counts as old, or else the first search would go through it at once. Where that is
    little, counting what was frozen before would take longer.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > _MANY and not gc.get_freeze_count():  # who has frozen objects wants them to stay so
            gc.freeze()
            gc.unfreeze()
        if was_on:
            gc.enable()


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
