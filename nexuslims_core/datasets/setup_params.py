"""What the datasets of an activity share, told apart from what is each one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nexuslims_core.datasets.models import Metadata
from nexuslims_core.quantities import MetadataValue

DATA_TYPE = "Data Type"
RESERVED = frozenset({DATA_TYPE, "Creation Time", "DatasetType", "Metadata File", "warnings"})
"""Names with a place of their own in a record; an entry that bears one stays in the dataset's JSON alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupSplit:
    """The metadata of an activity's datasets, in two parts.

    Attributes
    ----------
    setup
        Values that are the same in all datasets, in the order of the first dataset; ``Data Type`` leads where
        it is shared.
    warnings
        Names in ``setup`` that at least one dataset does not trust.
    unique
        For each dataset, in the order of the input, the entries that are not in ``setup``.
    """

    setup: Mapping[str, MetadataValue]
    warnings: frozenset[str]
    unique: tuple[Mapping[str, MetadataValue], ...]


def split_setup(datasets_metadata: Sequence[Metadata]) -> SetupSplit:
    """Move the values that all datasets of an activity share to its setup; the rest stays with each dataset.

    Datasets without any entry are not compared, and with fewer than two others nothing is shared. A value is shared
    when its name is in each dataset with the same value and the same unit.
    """
    compared = [metadata for metadata in datasets_metadata if metadata.entries]
    setup = _shared(compared) if len(compared) > 1 else {}
    distrusted = frozenset(name for metadata in compared for name in metadata.warnings)
    return SetupSplit(
        setup=setup,
        warnings=distrusted & setup.keys(),
        unique=tuple(
            {name: value for name, value in metadata.entries.items() if name not in setup and name not in RESERVED}
            for metadata in datasets_metadata
        ),
    )


def _shared(compared: Sequence[Metadata]) -> dict[str, MetadataValue]:
    first, *others = compared
    shared = {name: value for name, value in first.entries.items() if name not in RESERVED}
    for other in others:
        theirs = other.entries
        shared = {name: value for name, value in shared.items() if name in theirs and _identical(value, theirs[name])}
    if all(other.data_type == first.data_type for other in others):
        return {DATA_TYPE: first.data_type} | shared
    return shared


def _identical(one: MetadataValue, other: MetadataValue) -> bool:
    """Compare values and units; ``True`` is not ``1``, whatever Python says, while ``1`` and ``1.0`` are one number."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
