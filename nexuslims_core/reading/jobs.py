"""One file to read, and what is said of one that cannot be; nothing here loads a reader."""

from dataclasses import dataclass, replace

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.models import Dataset, Extracted, Unreadable
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
    return Unreadable(file=file, reason=_fit_to_say(file, reason))


def without_picture(known: Extracted, reason: str) -> Extracted:
    """Return what is known of a file whose picture cost more than its reader could bear."""

    def noted(dataset: Dataset) -> Dataset:
        if dataset.preview is not None:
            return dataset
        notes = (*dataset.metadata.notes, f"no picture: {_fit_to_say(known.file, reason)}")
        return replace(dataset, metadata=replace(dataset.metadata, notes=notes))

    return replace(known, datasets=tuple(map(noted, known.datasets)))


def _fit_to_say(file: FoundFile, reason: str) -> str:
    return clean_text(reason.replace(f"{file.path.parent}/", ""))[:LONGEST_REASON]
