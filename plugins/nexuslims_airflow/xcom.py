"""What travels between tasks: plain JSON made by the core's codec, long lists as the path and digest of their file."""

from pathlib import Path
from typing import Any, TypeVar

from nexuslims_core import codec
from nexuslims_core.artefacts import result_in, sha256
from nexuslims_core.codec import AnyPath
from nexuslims_core.errors import StorageError

LONGEST = 100
"""Entries that still travel in the XCom itself."""

T = TypeVar("T")


def ship(value: object, kept: Path, *, entries: int) -> dict[str, Any]:
    """Return ``value`` as JSON, or where its file is if it has more than a hundred entries.

    Parameters
    ----------
    kept
        The artefact that its stage has written.
    """
    if entries <= LONGEST:
        return {"value": codec.encode(value)}
    return refer(kept)


def refer(kept: Path) -> dict[str, Any]:
    """Return the path and digest of an artefact."""
    return {"path": codec.encode(kept, AnyPath), "sha256": sha256(kept.read_bytes())}


def receive(shipped: dict[str, Any], kind: type[T]) -> T:
    """Return the noun that was shipped.

    Raises
    ------
    StorageError
        If the file of a long list is not there, or is not the one that was shipped.
    """
    if "value" in shipped:
        return codec.decode(kind, shipped["value"])
    path: Path = codec.decode(AnyPath, shipped["path"])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} of an earlier task cannot be read: {error.strerror}") from error
    if sha256(content) != shipped["sha256"]:
        raise StorageError(f"{path} has changed since an earlier task wrote it: clear the run's tasks")
    return result_in(content, kind)
