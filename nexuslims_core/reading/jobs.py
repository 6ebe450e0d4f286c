"""One file to read, and what is said of one that cannot be; nothing here loads a reader."""

from dataclasses import dataclass

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.models import Unreadable
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.instruments.profiles.models import Profile
from nexuslims_core.reading.outputs import Mirror

LONGEST_REASON = 500
"""Characters of a reason; some readers explain themselves at length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file to open and where to write what is learnt.

    Attributes
    ----------
    mirror
        None reads the metadata and writes nothing.
    profiles
        Those of the source's instrument, in their order.
    recipe
        Digest of what decides, beside the file and its reader, what is made of it (see :func:`cache.recipe`); with it
        and a mirror the outcome is kept for the next time.
    """

    source: Source
    mirror: Mirror | None
    profiles: tuple[Profile, ...] = ()
    recipe: str = ""


def unreadable(file: FoundFile, reason: str) -> Unreadable:
    """Return what a record says of a file that could not be read, without the folder that it lies in."""
    return Unreadable(file=file, reason=clean_text(reason.replace(f"{file.path.parent}/", ""))[:LONGEST_REASON])
