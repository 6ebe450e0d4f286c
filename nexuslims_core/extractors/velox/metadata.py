"""What Velox says of one image or spectrum, as a record's metadata. Names and units are in ``names.py``."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from math import degrees

from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.extractors.rosetta.names import TEXT, Row
from nexuslims_core.extractors.rosetta.values import Tree, at
from nexuslims_core.extractors.values.elements import symbol
from nexuslims_core.extractors.values.naming import FLAG, RADIANS
from nexuslims_core.extractors.velox import names
from nexuslims_core.quantities import MetadataValue, Quantity

LARGEST_JSON = 16 << 20
"""Bytes of one JSON text; Velox reserves 60000."""

_QUANTIFICATIONS = (
    "ImageQuantificationOperation",
    "SpectrumQuantificationOperation",
    "EDSSpectrumQuantificationSettings",
)
_MICROSECONDS = 1e6


def parsed(text: bytes) -> Tree:
    """Return the JSON object in a text that may be padded with zeros.

    Raises
    ------
    ValueError
        If there is none.
    """
    found = json.loads(text.rstrip(b"\0").decode("utf-8", "replace"))
    if not isinstance(found, dict):
        raise ValueError("its settings are no JSON object")  # noqa: TRY004 - the file's fault, not a caller's
    return found


def is_stem(tree: Tree) -> bool:
    """Tell whether the microscope scanned its beam."""
    return str(at(tree, "Optics.OperatingMode")) == "2"


def detector(tree: Tree) -> Tree:
    """Return what is said of the detector in use; empty where no single one was."""
    detectors, named = at(tree, "Detectors"), str(at(tree, "BinaryResult.Detector") or "")
    found = at(detectors, f"Detector-{at(tree, 'BinaryResult.DetectorIndex')}")
    if found is None and isinstance(detectors, Mapping) and named:
        found = next((one for one in detectors.values() if at(one, "DetectorName") == named), None)
    return found if isinstance(found, Mapping) else {}


def segments(tree: Tree) -> tuple[Tree, ...]:
    """Return what is said of the segments of the detector in use: ``SuperXG21`` and so on of ``SuperXG2``."""
    detectors, named = at(tree, "Detectors"), str(at(tree, "BinaryResult.Detector") or "")
    if not named or not isinstance(detectors, Mapping):
        return ()
    own = (one for one in detectors.values() if isinstance(one, Mapping))
    return tuple(one for one in own if str(one.get("DetectorName", "")).startswith(named))


def entries(tree: Tree, quantifications: Tree) -> dict[str, MetadataValue]:
    """Return name to value of all that is known of an image or spectrum."""
    of_one = detector(tree)
    several = () if of_one else segments(tree)
    scanned = is_stem(tree) and at(of_one, "DetectorType") != "ImagingDetector"
    rows = [*names.MICROSCOPE, *(names.STEM if is_stem(tree) else names.TEM), *(names.SCAN if scanned else ())]
    found = [*_rows(tree, rows), *_codes(tree), *_apertures(tree), *_of_detector(tree, of_one, several)]
    if at(of_one, "DetectorType") == "AnalyticalDetector" or several:
        elements = ", ".join(_elements(quantifications))
        found += [("Elements", elements)] if elements else []
    kept: dict[str, MetadataValue] = {}
    for name, value in found:
        kept.setdefault(name, value)
    return kept


def acquired(tree: Tree) -> datetime | None:
    """Return when an acquisition began, else when its picture left the camera; Velox counts seconds since 1970, UTC."""
    stated = at(tree, "Acquisition.AcquisitionStartDatetime.DateTime")
    seconds = _number(stated)
    if not seconds:
        stamps = at(tree, "CustomProperties")
        name = f"Detectors[{at(tree, 'BinaryResult.Detector')}].TimeStamp"
        stamp = _number(at(stamps.get(name), "value")) if isinstance(stamps, Mapping) else None
        seconds = stamp / _MICROSECONDS if stamp else None
    seconds = seconds or _number(at(tree, "Acquisition.AcquisitionDatetime.DateTime"))
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, ValueError, OSError):
        return None


def _number(value: object) -> float | None:
    found = quantity(value, "")
    return float(found) if isinstance(found, int | float) else None


def _rows(tree: Tree, rows: Iterable[Row]) -> Iterator[tuple[str, MetadataValue]]:
    for row in rows:
        value = _value(at(tree, row.place), row)
        if value is not None:
            yield row.name, value


def _value(found: object, row: Row) -> MetadataValue | None:
    if row.unit is TEXT:
        return clean_value(found) if isinstance(found, str) else None
    if row.unit == FLAG:
        return {"true": True, "false": False}.get(str(found).lower())
    number = quantity(found, "" if row.unit == RADIANS else row.unit, row.power)
    if row.unit == RADIANS:
        return quantity(degrees(number), "degree") if isinstance(number, int | float) else None
    plain = number.value if isinstance(number, Quantity) else number
    if row.name in names.MUST_BE_POSITIVE and not (isinstance(plain, int | float) and plain > 0):
        return None
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _codes(tree: Tree) -> Iterator[tuple[str, MetadataValue]]:
    for key, (name, words) in names.CODES.items():
        word = words.get(str(at(tree, f"Optics.{key}")))
        if word is not None:
            yield name, word


def _apertures(tree: Tree) -> Iterator[tuple[str, MetadataValue]]:
    found = at(tree, "Optics.Apertures")
    for one in found.values() if isinstance(found, Mapping) else ():
        name = names.APERTURES.get(str(at(one, "Name")))
        diameter = quantity(at(one, "Diameter"), "µm", 6)
        if name and isinstance(diameter, Quantity) and diameter.value > 0:
            yield name, diameter


def _of_detector(tree: Tree, of_one: Tree, several: tuple[Tree, ...]) -> Iterator[tuple[str, MetadataValue]]:
    name = clean_value(at(tree, "BinaryResult.Detector") or of_one.get("DetectorName"))
    if name is not None:
        yield "Detector Name", name
    if of_one:
        yield from _rows(of_one, (*names.DETECTOR, *names.ONE_DETECTOR))
        yield from _collection_angles(of_one)
    elif several:
        yield "Number of Detectors", len(several)
        for row in names.DETECTOR:
            values = {str(at(one, row.place)) for one in several}
            if len(values) == 1:  # the segments agree, so that it is true of them all
                yield from _rows(several[0], (row,))


def _collection_angles(of_one: Tree) -> Iterator[tuple[str, MetadataValue]]:
    inner, outer = (quantity(at(of_one, f"CollectionAngleRange.{end}"), "mrad", 3) for end in ("begin", "end"))
    if isinstance(inner, Quantity) and isinstance(outer, Quantity) and outer.value > inner.value >= 0:
        yield "Collection Angle (Inner)", inner
        yield "Collection Angle (Outer)", outer


def _elements(quantifications: Tree) -> list[str]:
    """Return the symbols of the elements that the operator chose, sorted."""
    numbers: set[int] = set()
    for kind in _QUANTIFICATIONS:
        held = quantifications.get(kind)
        for settings in held.values() if isinstance(held, Mapping) else ():
            chosen = at(settings, "elementSelection")
            for number in chosen if isinstance(chosen, list) else ():
                text = clean_text(str(number))
                numbers |= {int(text)} if text.isdecimal() and len(text) < 4 else set()
    return sorted(filter(None, map(symbol, numbers)))
