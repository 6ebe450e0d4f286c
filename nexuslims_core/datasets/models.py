"""Metadata of one signal, the dataset made of it, and the file that could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from nexuslims_core.codec import AnyPath
from nexuslims_core.files.models import FoundFile
from nexuslims_core.quantities import MetadataValue


class DatasetType(StrEnum):
    """The schema's controlled vocabulary for ``dataset/@type``."""

    IMAGE = "Image"
    SPECTRUM = "Spectrum"
    SPECTRUM_IMAGE = "SpectrumImage"
    DIFFRACTION = "Diffraction"
    NOTES = "Notes"
    MISC = "Misc"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What one signal says of itself: the ``nx_meta`` of the requirement, flat and typed.

    Attributes
    ----------
    dataset_type
        ``DatasetType`` of the record.
    data_type
        ``Data Type``: a word for people with underscores, such as ``TEM_Imaging`` or ``STEM_EELS``.
    creation_time
        ``Creation Time``, aware; None only where neither the file nor the file store tells.
    entries
        Name to value, in the order of the record; nested names are joined with a space.
    warnings
        Names in ``entries`` (or ``DatasetType``, ``Data Type``) whose values are not to be trusted.
    notes
        Sentences on what was left out and why.
    """

    dataset_type: DatasetType
    data_type: str
    creation_time: datetime | None
    entries: Mapping[str, MetadataValue] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.creation_time is not None and self.creation_time.tzinfo is None:
            raise ValueError("a creation time needs a zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One signal of one file, read, with what was written for it.

    Attributes
    ----------
    name
        The file's name, with ``(i of n)`` counted from 1 where a file holds several signals.
    signal, of
        Which of how many signals of the file, counted from 0.
    extractor
        Name of the extractor that read it.
    preview, json
        What was written under DATA_PATH; None where it could not be drawn.
    """

    name: str
    metadata: Metadata
    extractor: str
    signal: int = 0
    of: int = 1
    preview: AnyPath | None = None
    json: AnyPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """A file that was read: its datasets, at least one."""

    file: FoundFile
    datasets: tuple[Dataset, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A file that nothing could be read from; the record lists it with the reason."""

    file: FoundFile
    reason: str


Outcome = Extracted | Unreadable
