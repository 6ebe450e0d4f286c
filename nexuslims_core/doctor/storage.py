"""Folders and disks: can the raw data be read, can results be written, and for how long."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from nexuslims_core.config import Settings
from nexuslims_core.doctor.checking import Doubt, checked
from nexuslims_core.errors import StorageError
from nexuslims_core.publishing.base import Check

LOW_BYTES = 5 * 10**9
"""Less free space is a warning."""

FULL_BYTES = 100 * 10**6
"""Less is too little to go on."""


def file_store(settings: Settings) -> Iterator[Check]:
    """Look whether the raw data is there and can be read."""
    yield checked("file store", partial(_file_store, settings.filestore_path))


def data_path(settings: Settings) -> Iterator[Check]:
    """Look whether results can be written, and how much of them."""
    root = settings.data_path
    yield checked("data path", partial(_data_path, root))
    yield checked("disk", partial(space, root), area="data path")


def database_disk(settings: Settings, file: Path) -> Iterator[Check]:
    """Look at the disk of the database's file, if it is not that of the data path."""
    if not _share_a_disk(file.parent, settings.data_path):
        yield checked("disk", partial(space, file.parent), area="database")


def space(folder: Path, low_bytes: int = LOW_BYTES, full_bytes: int = FULL_BYTES) -> str | Doubt:
    """Return how much of a folder's disk is free.

    Raises
    ------
    StorageError
        If it is too little to go on.
    """
    folder = _existing(folder)
    disk = shutil.disk_usage(folder)
    figures = f"{_figure(disk.free)} of {_figure(disk.total)} are free on the disk of {folder}"
    if disk.free < full_bytes:
        raise StorageError(f"{figures}: nothing more can be written, make room")
    return Doubt(sentence=f"{figures}: make room soon") if disk.free < low_bytes else figures


def listable(folder: Path) -> bool:
    """Return whether a folder holds anything.

    Raises
    ------
    OSError
        If it cannot be listed.
    """
    with os.scandir(folder) as entries:
        return next(entries, None) is not None


def _file_store(root: Path) -> str:
    if not root.is_dir():
        raise StorageError(f"{root} is not there: mount it, or correct NEXUSLIMS_FILESTORE_PATH")
    if not listable(root):
        raise StorageError(f"{root} is empty, so it is probably not mounted: mount it")
    return f"{root} is there"


def _data_path(root: Path) -> str:
    there = _existing(root)
    advice = f"{root} cannot be written: give this user the right to, or correct NEXUSLIMS_DATA_PATH"
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise StorageError(advice)
    if there != root:
        return f"{root} can be made"
    try:
        tempfile.TemporaryFile(dir=root).close()  # a server may refuse what the rights allow
    except OSError as error:
        raise StorageError(f"{advice} ({error.strerror or error})") from error
    return f"{root} can be written"


def _share_a_disk(one: Path, other: Path) -> bool:
    try:
        return _existing(one).stat().st_dev == _existing(other).stat().st_dev
    except OSError:
        return False


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _figure(size_bytes: int) -> str:
    gigabytes = size_bytes / 10**9
    return f"{gigabytes / 1000:.1f} TB" if gigabytes >= 1000 else f"{gigabytes:.1f} GB"
