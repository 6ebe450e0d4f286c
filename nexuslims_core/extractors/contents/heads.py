"""The beginning of a file, which tells most of what it is."""

from pathlib import Path

from nexuslims_core.errors import ExtractionError


def read_head(path: Path, most: int) -> bytes:
    """Return the first ``most`` bytes of a file, or all of a shorter one.

    Raises
    ------
    ExtractionError
        If it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise ExtractionError(path, f"cannot be opened ({error.strerror or error})") from error
