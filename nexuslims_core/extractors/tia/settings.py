"""The ``.emi`` files of FEI's TIA: the settings of each series, as XML between binary data of an unknown layout.

The n-th ``<ObjectInfo>`` speaks of the series that bears the number n. Values are given in the units
that people read.
"""

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.extractors.contents.xml_text import parsed_xml
from nexuslims_core.extractors.tia.experimental_description import settings
from nexuslims_core.extractors.values.times import first_reading
from nexuslims_core.extractors.values.value_tables import Named
from nexuslims_core.quantities import MetadataValue

SUFFIX = ".emi"
_ACQUISITION = {
    "DwellTimePath": Named("Dwell Time Path", "µs", 6),
    "FrameTime": Named("Frame Time", "s"),
    "CameraNamePath": Named("Camera Name Path"),
    "Binning": Named("Binning", ""),
    "BeamPosition": Named("Beam Position", "µm"),
    "EnergyResolution": Named("Energy Resolution", "eV"),
    "IntegrationTime": Named("Integration Time", "s"),
    "NumberSpectra": Named("Number of Spectra", ""),
    "ShapingTime": Named("Shaping Time", "s"),
    "ScanArea": Named("Scan Area"),
}
_CONDITIONS = {
    "AcceleratingVoltage": Named("Microscope Accelerating Voltage", "kV", -3),
    "Tilt1": Named("Microscope Tilt 1", ""),
    "Tilt2": Named("Microscope Tilt 2", ""),
}
_OPEN, _CLOSE = b"<ObjectInfo>", b"</ObjectInfo>"
_MOST_OBJECTS, _LONGEST_OBJECT = 10_000, 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """An ``.emi`` file, looked through.

    Attributes
    ----------
    objects
        First byte and length of each ``<ObjectInfo>``, in the order of the series; none if the file is damaged.
    """

    path: Path
    objects: tuple[tuple[int, int], ...]

    def of_series(self, number: int) -> etree._Element | None:
        """Return what the file says of a series, counted from 1; None if it says nothing that can be read."""
        if not 1 <= number <= len(self.objects):
            return None
        start, length = self.objects[number - 1]
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return parsed_xml(file.read(length))
        except OSError:
            return None


def look_through(path: Path) -> SettingsFile:
    """Find the descriptions in an ``.emi`` file."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return SettingsFile(path=path, objects=tuple(islice(_objects(content), _MOST_OBJECTS)))
    except (OSError, ValueError):  # the second for an empty file
        return SettingsFile(path=path, objects=())


def _objects(content: mmap.mmap) -> Iterator[tuple[int, int]]:
    start = content.find(_OPEN)
    while start >= 0:
        end = content.find(_CLOSE, start)
        if end < 0:
            return
        yield start, min(end - start, _LONGEST_OBJECT) + len(_CLOSE)
        start = content.find(_OPEN, end)


def entries_of(info: etree._Element) -> dict[str, MetadataValue]:
    """Return the settings of a series under the names of a record."""
    description = info.find("ExperimentalDescription")
    entries = {} if description is None else settings(description)
    entries |= _named(info, "AcquireInfo", _ACQUISITION)
    entries |= _named(info, "ExperimentalConditions/MicroscopeConditions", _CONDITIONS)
    manufacturer = clean_value(info.findtext("Manufacturer") or "")
    return entries if manufacturer is None else {**entries, "Manufacturer": manufacturer}


def acquired(info: etree._Element) -> datetime | None:
    """Return when a series was acquired, on the instrument's clock."""
    text = info.findtext("AcquireDate") or ""
    return first_reading(" ".join(text.split()), "%a %b %d %H:%M:%S %Y")


def _named(info: etree._Element, place: str, names: Mapping[str, Named]) -> dict[str, MetadataValue]:
    found: dict[str, MetadataValue] = {}
    for key, (name, unit, power) in names.items():
        text = info.findtext(f"{place}/{key}") or ""
        value = clean_value(text) if unit is None else quantity(text, unit, power)
        if value is not None:
            found[name] = value
    return found
