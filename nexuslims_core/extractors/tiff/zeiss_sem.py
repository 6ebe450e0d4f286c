"""Zeiss SEM and FIB TIFF images, as SmartSEM and LEO's software write them: settings as text in tag 34118.

The text begins with unnamed numbers, the fourth of which is the size of a pixel in m on a display of 1024 columns
(so RosettaSciIO). Pairs of lines follow, an identifier and ``label = value unit``; the date and the time have a colon.
Not documented by the maker; names are in ``zeiss_sem_names.py``. Units are turned into those that people read. Times
are the instrument's local time. Left out are the hundreds of parameters of service and alignment, which stay in the
native tree.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from math import isclose
from pathlib import Path

from nexuslims_core.datasets.cleaning import clean_text, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.extractors.tiff.images import with_pixels
from nexuslims_core.extractors.tiff.zeiss_sem_names import ION_PARAMETERS, PARAMETERS, SWITCHED
from nexuslims_core.extractors.values.naming import ANY, FLAG, NUMBER, TEXT, Findings, Row, power_between
from nexuslims_core.extractors.values.times import creation_time, first_reading
from nexuslims_core.quantities import Quantity

TAG = 34118
_IDENTIFIER = re.compile(r"(?:AP|DP|SV)_[A-Z0-9_]+")
_STATED = re.compile(r"[^=:]*[=:]\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(.*)", re.DOTALL)
_PIXEL_SIZE_PLACE, _DISPLAY_COLUMNS = 3, 1024
_CLOSE = 0.02
_UNITS = {"°": "degree", "Degrees": "degree", "°C": "degC", "Secs": "s", "Sec": "s", "K X": "kX", "KX": "kX", "X": ""}
_LONG_TIMES = {"Mins": 60, "Min": 60, "Hours": 3600, "Hrs": 3600}
_DATES = ("%d %b %Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M:%S")

Parameters = Mapping[str, str]


class ZeissSemExtractor:
    """Reads the image and the settings of one SmartSEM TIFF."""

    name = "zeiss_sem"
    suffixes = frozenset({".tif", ".tiff"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by the identifiers in its tag."""
        return tiff_tags.fits(path, head, is_smart_sem)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image.

        Raises
        ------
        ExtractionError
            If this is no TIFF of SmartSEM's. One whose pixels are lost or a lie still tells its settings.
        """
        directory = tiff_tags.read_directory(source.path)
        if not is_smart_sem(directory):
            raise ExtractionError(source.path, "has no settings of SmartSEM's in tag 34118")
        return (with_pixels(_image(source, directory), directory),)


def is_smart_sem(directory: tiff_tags.Directory) -> bool:
    """Tell whether tag 34118 holds named settings; other programs of Zeiss's fill it with bare numbers."""
    return _IDENTIFIER.search(directory.text(TAG)) is not None


def _image(source: Source, directory: tiff_tags.Directory) -> Signal:
    lines = [line.strip() for line in directory.text(TAG).splitlines()]
    parameters = _parameters(lines)
    ions = parameters.get("DP_FIB_IMAGING", "") == "FIB"
    findings = Findings()
    for identifier, name, unit in (*(ION_PARAMETERS if ions else ()), *PARAMETERS):
        if parameters.get(SWITCHED.get(identifier, ""), "") != "Off":
            _add(findings, name, parameters.get(identifier, ""), _unit(identifier, unit, parameters))
    _refine_pixel_size(findings, lines, directory.number(tiff_tags.WIDTH))
    made, doubts = creation_time(source, _stated_time(parameters, findings))
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type="FIB_Imaging" if ions else "SEM_Imaging",
        creation_time=made,
        entries=findings.entries,
        warnings=("Operator",) if "Operator" in findings.entries else (),
        notes=(*findings.notes, *doubts),
    )
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata, native=dict(parameters))


def _parameters(lines: list[str]) -> Parameters:
    """Return identifier to value of each pair of lines; the first of two equal identifiers."""
    found: dict[str, str] = {}
    for identifier, stated in pairwise(lines):
        value = _STATED.fullmatch(stated)
        if value and _IDENTIFIER.fullmatch(identifier):
            found.setdefault(identifier, clean_text(value[1]))
    return found


def _unit(identifier: str, unit: str, parameters: Parameters) -> str:
    """Return the unit of a row; a chamber that is not at high vacuum has its pressure in Pa."""
    if identifier == "AP_CHAMBER_PRESSURE" and "high" not in parameters.get("DP_VAC_MODE", "high").lower():
        return "Pa"
    return unit


def _add(findings: Findings, name: str, text: str, unit: str) -> None:
    if unit in {TEXT, FLAG, ANY}:
        findings.add_row(Row("", "", name, unit), text)
        return
    parts = _NUMBER.fullmatch(text)
    number, stated = (parts[1], _UNITS.get(parts[2].strip(), parts[2].strip())) if parts else (text, "")
    if stated in _LONG_TIMES and (time := quantity(number, "")) is not None:
        number, stated = str(float(str(time)) * _LONG_TIMES[stated]), "s"
    if unit == NUMBER:
        findings.add_number(name, number, power=3 if stated == "kX" else 0)
    elif stated in {unit, ""} or power_between(stated, unit) is not None:
        findings.add_number(name, number, unit, power_between(stated, unit) or 0)
    elif power_between(stated, stated) == 0:  # another known unit, such as mbar for Pa
        findings.add_number(name, number, stated)
    elif text:
        findings.notes.append(f"{name}: {text!r} is left out, its unit is not known")


def _refine_pixel_size(findings: Findings, lines: list[str], columns: int) -> None:
    """Take the size of a pixel from the unnamed numbers, which have more digits, unless the named one is another."""
    stated = quantity(lines[_PIXEL_SIZE_PLACE], "", 9) if len(lines) > _PIXEL_SIZE_PLACE else None
    if not isinstance(stated, int | float) or not columns or not 0 < stated < float("inf"):
        return
    size = float(f"{stated * _DISPLAY_COLUMNS / columns:.10g}")
    for name in ("Pixel Width", "Pixel Height"):
        named = findings.entries.get(name)
        if named is None or (isinstance(named, Quantity) and isclose(named.value, size, rel_tol=_CLOSE)):
            findings.entries[name] = Quantity(value=size, unit="nm")


def _stated_time(parameters: Parameters, findings: Findings) -> datetime | None:
    stated = f"{parameters.get('AP_DATE', '')} {parameters.get('AP_TIME', '')}".strip()
    made = first_reading(stated, *_DATES)
    if made is None and stated:
        findings.notes.append(f"{stated!r} is no date and time: took the time the file was last written instead")
    return made


extractor = ZeissSemExtractor()
