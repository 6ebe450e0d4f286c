"""How a vendor's values get their names: tables of rows, and what is gathered by them from one file."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from math import degrees
from typing import NamedTuple

from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.quantities import MetadataValue

NUMBER = ""
TEXT, ANY, FLAG, RADIANS = "text", "any", "flag", "radians"
"""What a row may say instead of a unit: a plain number, words, either, yes or no, an angle in radians."""

YES = frozenset({"yes", "on", "true"})

_PREFIXES = {"": 0, "M": 6, "k": 3, "c": -2, "m": -3, "µ": -6, "μ": -6, "u": -6, "n": -9, "p": -12, "f": -15}
_BASES = ("Pa", "V", "A", "m", "s", "Hz", "rad", "bar", "Torr", "torr", "K", "eV")
_ANGLE_DIGITS = 10
_LONGEST_INTEGER = 18


class Row(NamedTuple):
    """Where one value stands, and what it is called.

    Attributes
    ----------
    place, key
        The section and the name in it.
    unit, power
        The unit that people read, or what stands for it, and the power of ten that turns the file's number into it.
    """

    place: str
    key: str
    name: str
    unit: str = ANY
    power: int = 0


@dataclass(slots=True)
class Findings:
    """What is gathered from one file: entries that say something, and sentences on those left out."""

    entries: dict[str, MetadataValue] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, value: MetadataValue | None) -> None:
        """Keep a value that says something, unless the name has one already."""
        if value is not None:
            self.entries.setdefault(name, value)

    def add_row(self, row: Row, text: str, stated_unit: str = "") -> None:
        """Keep a value of a table.

        Parameters
        ----------
        stated_unit
            The unit that the file states beside the number; where it is known and of the row's kind it counts, not the
            row's power.
        """
        if not text.strip():
            return
        if row.unit == TEXT:
            self.add(row.name, clean_value(text))
        elif row.unit == FLAG:
            self.add(row.name, text.strip().lower() in YES)
        elif row.unit == ANY:
            self.add(row.name, _plain(text))
        elif row.unit == RADIANS:
            self.add_angle(row.name, text)
        else:
            power = power_between(stated_unit, row.unit)
            self.add_number(row.name, text, row.unit, row.power if power is None else power)

    def add_number(self, name: str, text: str, unit: str = "", power: int = 0) -> None:
        """Keep a number times a power of ten, exactly as the file's digits say; note text that is none."""
        try:
            number = Decimal(text.strip()).scaleb(power)
            whole = not unit and number == number.to_integral_value()
            value = quantity(int(number) if whole else float(number) + 0.0, unit)  # no number is -0
        except (InvalidOperation, OverflowError, ValueError):
            value = None
        self.add(name, value)
        if value is None and text.strip():
            self.notes.append(f"{name}: {clean_text(text)!r} is no number, left out")

    def add_angle(self, name: str, text: str) -> None:
        """Keep an angle that the file gives in radians, in degrees."""
        angle = quantity(text, "")
        if isinstance(angle, int | float):
            self.add(name, quantity(float(f"{degrees(angle):.{_ANGLE_DIGITS}g}"), "degree"))
        else:
            self.add_number(name, text)


def _plain(text: str) -> MetadataValue | None:
    if len(text) <= _LONGEST_INTEGER and text.strip().removeprefix("-").isdecimal():
        return int(text)
    number = quantity(text, "")
    return clean_value(text) if number is None else number


def power_between(stated: str, wanted: str) -> int | None:
    """Return the power of ten from one unit to another of its kind, ``mm`` to ``µm``: 3; None where they are not."""
    ours, theirs = _taken_apart(wanted), _taken_apart(stated)
    if ours is None or theirs is None or ours[1].lower() != theirs[1].lower():
        return None
    return theirs[0] - ours[0]


def _taken_apart(unit: str) -> tuple[int, str] | None:
    for base in _BASES:
        prefix = unit.removesuffix(base)
        if prefix != unit and prefix in _PREFIXES:
            return _PREFIXES[prefix], base
    return None
