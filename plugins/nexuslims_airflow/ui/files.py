"""The files of a session as its last attempt found them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from nexuslims_core.artefacts import Workbench, result_in
from nexuslims_core.config import Settings
from nexuslims_core.files.models import FileList, FoundFile

MOST_SHOWN = 200
MOST_BYTES = 16_000_000
"""Of a list of files; a longer one takes longer to read than a person waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """One line of the list.

    Attributes
    ----------
    name
        Path below the file store.
    modified
        Aware time.
    """

    name: str
    size: int
    parts: int
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFiles:
    """The first files of a session, and how many there are."""

    files: tuple[SeenFile, ...]
    total: int


def files_of(settings: Settings, session_identifier: str) -> SeenFiles | None:
    """Return the files of a session; None where no attempt has kept a list, or it is too long to be read here."""
    path = Workbench(root=settings.data_path / "work").result_path(session_identifier, "find_files")
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        found = result_in(path.read_bytes(), FileList).files
    except (OSError, ValidationError):
        return None
    seen = tuple(_seen(each, settings.filestore_path) for each in found[:MOST_SHOWN])
    return SeenFiles(files=seen, total=len(found))


def _seen(file: FoundFile, filestore: Path) -> SeenFile:
    below = file.path.relative_to(filestore) if file.path.is_relative_to(filestore) else file.path
    try:
        modified = datetime.fromtimestamp(file.mtime, UTC)
    except (ValueError, OverflowError, OSError):  # a clock that was never set
        modified = datetime.fromtimestamp(0, UTC)
    return SeenFile(name=str(below), size=file.size, parts=len(file.parts), modified=modified)
