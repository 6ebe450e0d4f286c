"""One profile: to which files of which instruments it applies, and what it makes of their metadata."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from nexuslims_core.quantities import MetadataValue, Scalar

DATASET_TYPE, DATA_TYPE, FILE_NAME = "DatasetType", "Data Type", "File Name"
"""Names that a mode may ask for beside those of the values; the first two may also be warned of."""

FIRST_ORDER = 100
"""Where a profile stands that does not say."""

_KEPT = frozenset({DATASET_TYPE, DATA_TYPE, "Creation Time", "Metadata File", "warnings"})

DatasetTypeName = Literal["Image", "Spectrum", "SpectrumImage", "Diffraction", "Notes", "Misc", "Unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """Settings that tell what a dataset is.

    Attributes
    ----------
    when
        Name to what its value must be; of several, one. Text may hold ``*`` and ``?`` and is compared whatever its
        case. ``DatasetType``, ``Data Type`` and ``File Name`` may stand among the names.
    without
        Names that must not be there; ``*`` and ``?`` are allowed.
    dataset_type, data_type
        What such a dataset is; None leaves it as the file says.
    """

    when: Mapping[str, Scalar | tuple[Scalar, ...]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    dataset_type: DatasetTypeName | None = None
    data_type: str | None = None

    def __post_init__(self) -> None:
        if not self.dataset_type and not self.data_type:
            raise ValueError("a mode says what a dataset is: give it dataset_type, data_type or both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is odd about some instruments.

    It is applied in the order of the fields: values are renamed, dropped, replaced and filled in; then the first mode
    that fits says what the dataset is; then values are marked as not to be trusted.

    Attributes
    ----------
    name
        Name of its file, without ``.toml``.
    about
        For people: which microscope, and why.
    instruments
        Persistent ids; ``*`` and ``?`` are allowed.
    order
        Of several profiles for one instrument, those of lower order come first; of one order, by name.
    extractors, suffixes
        Which files of the instruments; empty for all. Suffixes are in lower case, with their dot.
    rename
        Name in the file's metadata to the name in the record.
    drop
        Names that are left out; ``*`` and ``?`` are allowed.
    replace, fill
        Values that the instrument always has, whatever the file says, and where the file says nothing.
    mode
        What the instrument's modes make of a dataset; the first that fits counts.
    warnings
        Names whose values are not to be trusted; ``*`` and ``?`` are allowed.
    """

    name: str
    instruments: tuple[str, ...]
    about: str = ""
    order: int = FIRST_ORDER
    extractors: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    replace: Mapping[str, MetadataValue] = field(default_factory=dict)
    fill: Mapping[str, MetadataValue] = field(default_factory=dict)
    mode: tuple[Mode, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.instruments:
            raise ValueError('instruments is empty: name persistent ids, or "*" for all')
        for suffix in self.suffixes:
            if not suffix.startswith(".") or suffix != suffix.lower():
                raise ValueError(f'suffixes holds {suffix!r}: write it as ".{suffix.lstrip(".").lower()}"')
        for name in (*self.rename, *self.rename.values(), *self.replace, *self.fill):
            if name in _KEPT:
                raise ValueError(f"{name!r} is no value: a mode says what a dataset is, and the file when it was made")
            if not name.strip():
                raise ValueError("a value needs a name")

    def is_of(self, instrument_pid: str | None) -> bool:
        """Tell whether it is a profile of an instrument; of one that nobody named, only those of all are."""
        return any(fnmatchcase(instrument_pid or "", pattern) for pattern in self.instruments)

    def applies_to(self, *, extractor: str, suffix: str) -> bool:
        """Tell whether it applies to a file of its instruments."""
        return (not self.extractors or extractor in self.extractors) and (
            not self.suffixes or suffix.lower() in self.suffixes
        )
