"""The folder of a demo: marked as one, used by one command at a time, and what facility lies in it."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from nexuslims_core import codec
from nexuslims_core.artefacts import write_whole
from nexuslims_core.codec import AnyPath
from nexuslims_core.errors import ConfigurationError, StorageError

MARK = "made-by-nexuslims-demo"
LAID_OUT = "facility.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """What lies in a demo's folder, once it is whole.

    Attributes
    ----------
    filestore
        Root of the raw files.
    inclusive
        Whether every file counts, as with a person's own files.
    """

    filestore: AnyPath
    inclusive: bool


@contextmanager
def occupied(folder: Path) -> Iterator[None]:
    """Make ``folder`` a demo's where it is not one yet, and keep other commands out while the block lasts.

    Raises
    ------
    ConfigurationError
        If it holds something that no demo made, or another command uses it.
    StorageError
        If it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / MARK).exists() and any(folder.iterdir()):
            raise ConfigurationError(f"{folder} holds files that no demo made: name another folder with DEMO=…")
        mark = (folder / MARK).open("a")
    except OSError as error:
        raise StorageError(f"cannot use {folder}: {error.strerror or error}; name another with DEMO=…") from error
    with mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationError(
                f"another `make demo` or `make up` uses {folder}: stop it, or name another folder with DEMO=…"
            ) from error
        yield


def clear(folder: Path) -> None:
    """Remove all that an earlier demo left in its folder.

    Raises
    ------
    StorageError
        If something cannot be removed.
    """
    try:
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != MARK:
                path.unlink()
    except OSError as error:
        raise StorageError(f"cannot remove {error.filename}: {error.strerror or error}") from error


def remember(folder: Path, laid_out: LaidOut) -> None:
    """Write down that the folder holds a whole facility."""
    write_whole(folder / LAID_OUT, codec.dumps(laid_out))


def recall(folder: Path) -> LaidOut | None:
    """Return what an earlier command laid out here; None if nothing, or only a part."""
    try:
        return codec.loads(LaidOut, (folder / LAID_OUT).read_bytes())
    except (FileNotFoundError, ValidationError, ValueError):
        return None
