"""When a signal was made: what its file says where that can be believed, else when the file was last written."""

from datetime import UTC, datetime

from nexuslims_core.extractors.base import Source

EARLIEST_YEAR, LATEST_YEAR = 1980, 2100
"""Years in which a digital micrograph can have been made; others are typing errors and reset clocks."""


def written(source: Source) -> datetime:
    """Return the file's modification time on the instrument's clock."""
    try:
        return datetime.fromtimestamp(source.file.mtime, source.zone)
    except (OverflowError, ValueError, OSError):  # a file system may hold any 64-bit number
        return datetime.fromtimestamp(0, UTC)


def creation_time(source: Source, stated: datetime | None) -> tuple[datetime, tuple[str, ...]]:
    """Return when a signal was made, and a sentence if the file's own statement was not believed.

    Parameters
    ----------
    stated
        What the file says; without a zone it is the instrument's local time. None if it says nothing.
    """
    if stated is None:
        return written(source), ()
    if not EARLIEST_YEAR <= stated.year < LATEST_YEAR or _is_of_the_future(source, stated):
        note = f"the file says it was made in the year {stated.year}: took the time it was last written instead"
        return written(source), (note,)
    return (stated if stated.tzinfo else stated.replace(tzinfo=source.zone)), ()


def _is_of_the_future(source: Source, stated: datetime) -> bool:
    """Tell a year that had not begun when the file was last written, where the file store knows that."""
    year = written(source).year
    return year > EARLIEST_YEAR and stated.year > year + 1


def first_reading(text: str, *formats: str) -> datetime | None:
    """Return ``text`` read with the first of the ``strptime`` formats that fits, or None."""
    for pattern in formats:
        try:
            return datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the zone is the instrument's, added later
        except ValueError:
            continue
    return None
