"""FEI's list of microscope settings, ``<Root><Data><Label/><Value/><Unit/></Data>…</Root>``, as names and quantities.

TIA writes it into ``.emi`` files and into the TIFF files that it exports. Units are those of the file, but for camera
lengths, which are read in mm.
"""

from collections.abc import Iterator

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.quantities import MetadataValue

_UNITS = {"uA": ("µA", 0), "um": ("µm", 0), "deg": ("degree", 0), "m": ("mm", 3), "x": ("", 0), "kX": ("", 3)}
_UNITS |= {unit: (unit, 0) for unit in ("%", "V", "kV", "mm", "nm", "eV", "s", "K")}
_UNITS |= {"eV/Channel": ("eV", 0)}  # a dispersion is in eV a channel
"""What a unit of the file is in a record, and the power of ten to it."""


def settings(root: etree._Element) -> dict[str, MetadataValue]:
    """Return name to value of every setting below ``root`` that says something; the first of two equal names."""
    found: dict[str, MetadataValue] = {}
    for label, text, unit in _rows(root):
        value = _value(text, unit)
        if value is not None:
            found.setdefault(setting_name(label), value)
    return found


def setting_name(label: str) -> str:
    """Return NexusLIMS's name of a setting: ``Stage X`` is ``Stage Position X``, ``Gun lens`` is ``Gun Lens``."""
    words = label.split()
    if words[0] == "Stage":
        words[0:1] = ["Stage", "Position"]
    elif words[0] == "Filter":
        words[0:1] = ["Tecnai", "Filter"]
    elif words[0] == "Stem":
        words[0] = "STEM"
    return " ".join(word[:1].upper() + word[1:] for word in words)


def _rows(root: etree._Element) -> Iterator[tuple[str, str, str]]:
    for row in root.iter("Data"):
        label, text, unit = (clean_text(row.findtext(part) or "") for part in ("Label", "Value", "Unit"))
        if label:
            yield label, text, unit


def _value(text: str, unit: str) -> MetadataValue | None:
    if not unit and text.isdecimal():
        return int(text)
    figure, _, behind = text.partition(" ")
    if not unit and behind in _UNITS and (number := quantity(figure, *_UNITS[behind])) is not None:
        return number  # "2.0 mm" without a unit of its own
    number = quantity(text, *_UNITS.get(unit, ("", 0)))
    return clean_value(text) if number is None else number
