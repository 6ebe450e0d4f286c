"""A vendor's values to names and quantities, by a table."""

from collections.abc import Mapping
from typing import NamedTuple

from nexuslims_core.datasets.cleaning import clean_value, in_degrees, quantity
from nexuslims_core.quantities import MetadataValue

_LONGEST_COUNT = 19


class Named(NamedTuple):
    """What one value is called, its unit (None for text), and the power of ten to it; radians become degrees."""

    name: str
    unit: str | None = None
    power: int = 0


def named_values(
    values: Mapping[str, object], table: Mapping[str, Named]
) -> tuple[dict[str, MetadataValue], tuple[str, ...]]:
    """Return name to value of what ``table`` knows, in its order, and a sentence on each number that is none.

    Values that say nothing (empty, ``n/a``) are left out without a word.
    """
    entries: dict[str, MetadataValue] = {}
    notes: list[str] = []
    for key, (name, unit, power) in table.items():
        stated = clean_value(values.get(key))
        if stated is None:
            continue
        whole = isinstance(stated, str) and stated.isascii() and stated.isdecimal() and len(stated) < _LONGEST_COUNT
        number = int(stated) if whole else stated
        value = stated if unit is None else in_degrees(stated) if unit == "rad" else quantity(number, unit, power)
        if value is None:
            notes.append(f"{name}: {str(stated)[:80]!r} is no number, left out")
        else:
            entries.setdefault(name, value)
    return entries, tuple(notes)
