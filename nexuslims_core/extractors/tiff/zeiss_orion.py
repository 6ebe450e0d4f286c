"""TIFF images of Zeiss's ion microscopes (Orion) and of Fibics' software: settings as XML in tag 65000 or 51023.

Zeiss's is a flat list of ``<Name><Value/><Units/></Name>``; Fibics' (NPVE and Atlas, which also drive other microscopes
of Zeiss's) has sections, units as attributes and named items. Not documented by the makers; names and units are
NexusLIMS's (``zeiss_orion_names.py``). Zeiss's times are the instrument's local time, Fibics' have a zone.
The bar of text below the image is left out.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from lxml import etree

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.xml_text import as_tree, parsed_xml
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.extractors.tiff.images import with_pixels
from nexuslims_core.extractors.tiff.zeiss_orion_names import FIBICS_ROWS, ZEISS_ROWS
from nexuslims_core.extractors.tiff.zeiss_sem import is_smart_sem
from nexuslims_core.extractors.values.naming import ANY, TEXT, Findings, Row
from nexuslims_core.extractors.values.times import creation_time, first_reading

ZEISS_TAG, FIBICS_TAG = 65000, 51023
_ROOTS = {ZEISS_TAG: b"<ImageTags", FIBICS_TAG: b"<Fibics"}
_HEAD = 512
_UNITS = {"Volts": "V", "picoAmps": "pA", "Microns": "µm", "Micrometers": "µm", "Millimeters": "mm", "uSec": "µs"}
_UNITS |= {"mSec": "ms", "nSec": "ns", "Micro Radians": "µrad", "ElectronVolts": "eV", "Meters": "m"}
_BEAMS = {"SEM": "SEM_Imaging", "FIB": "FIB_Imaging", "Ga FIB": "FIB_Imaging"}
_CLOCKS = ("%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S")


class ZeissOrionExtractor:
    """Reads the image and the settings of one TIFF of Orion's or Fibics'."""

    name = "zeiss_orion"
    suffixes = frozenset({".tif", ".tiff"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by its XML; SmartSEM's settings, where they are there too, say more."""
        return tiff_tags.fits(path, head, _is_orion)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image.

        Raises
        ------
        ExtractionError
            If this is no such TIFF. One whose pixels or settings are lost still tells the other.
        """
        directory = tiff_tags.read_directory(source.path)
        tag = _tag(directory)
        if tag is None:
            raise ExtractionError(source.path, "has neither Zeiss's tag 65000 nor Fibics' tag 51023")
        root = parsed_xml(directory.content(tag))
        signal = _image(source, tag, root)
        unscaled = signal.metadata.entries.get("Image Width") == directory.number(tiff_tags.WIDTH)
        return (with_pixels(signal, directory, rows=signal.metadata.entries.get("Image Height") if unscaled else None),)


def _tag(directory: tiff_tags.Directory) -> int | None:
    return next((tag for tag, root in _ROOTS.items() if root in directory.content(tag)[:_HEAD]), None)


def _is_orion(directory: tiff_tags.Directory) -> bool:
    return _tag(directory) is not None and not is_smart_sem(directory)


def _image(source: Source, tag: int, root: etree._Element | None) -> Signal:
    findings = Findings()
    if root is None:
        findings.notes.append("its list of settings is damaged, so they are not known")
    elif tag == ZEISS_TAG:
        _add_zeiss(findings, root)
    else:
        _add_fibics(findings, root)
    made, doubts = creation_time(source, _stated_time(findings))
    beam = str(findings.entries.get("Image Beam Type", ""))
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type=_BEAMS.get(beam, "HIM_Imaging"),
        creation_time=made,
        entries=findings.entries,
        notes=(*findings.notes, *doubts),
    )
    tree = {} if root is None else {str(child.tag): as_tree(child) for child in root.iterchildren("*")}
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata, native=tree)


def _add_zeiss(findings: Findings, root: etree._Element) -> None:
    elements = _named(root.iterchildren("*"))
    for row in ZEISS_ROWS:
        element = elements.get(row.key)
        if element is not None:
            unit = (element.findtext("Units") or "").strip()
            findings.add_row(row, element.findtext("Value") or "", _UNITS.get(unit, unit))


def _add_fibics(findings: Findings, root: etree._Element) -> None:
    sections = {name: _named(section.iterchildren("*")) for name, section in _named(root.iterchildren("*")).items()}
    for row in FIBICS_ROWS:
        element = sections.get(row.place, {}).get(row.key)
        if element is not None:
            findings.add_row(row, *_measure(row, element))


def _named(elements: Iterable[etree._Element]) -> dict[str, etree._Element]:
    """Return elements by their names; an ``item`` bears its own in an attribute."""
    return {(element.get("name") or str(element.tag)): element for element in elements}


def _measure(row: Row, element: etree._Element) -> tuple[str, str]:
    """Return a number and its unit; detectors have both in one text, ``=500.0 V``."""
    text, unit = (element.text or "").strip(), (element.get("units") or "").strip()
    if text.startswith("=") and row.unit not in {ANY, TEXT}:
        number, _, behind = text.lstrip("= ").partition(" ")
        return number, behind.strip()
    return text, _UNITS.get(unit, unit)


def _stated_time(findings: Findings) -> datetime | None:
    zeiss = str(findings.entries.get("System Acquisition Date/Time", ""))
    fibics = str(findings.entries.get("Application Acquisition Date/Time", ""))
    try:
        return datetime.fromisoformat(fibics)
    except ValueError:
        return first_reading(zeiss, *_CLOCKS)


extractor = ZeissOrionExtractor()
