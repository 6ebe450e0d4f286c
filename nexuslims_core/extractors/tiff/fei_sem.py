"""Settings of FEI's and Thermo Fisher's SEM and FIB as named values: their INI text, and the XML part behind it.

Not documented by the maker; what the keys mean is known from the microscopes' own data bars. Several beams and
detectors may be described: the values are those of the ones that made the image. Names and units are in
``fei_names.py``. Left out are the gas injection systems, heating stages and accessories, which stay in the native tree.
"""

from datetime import datetime

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_text, clean_value
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.ini_text import Sections, read_sections, value_of
from nexuslims_core.extractors.contents.xml_text import as_tree, parsed_xml
from nexuslims_core.extractors.tiff.fei_names import DATA_TYPES, DECELERATION_ROWS, ROWS, XML_BEAMS, XML_ROWS
from nexuslims_core.extractors.values.naming import YES, Findings
from nexuslims_core.extractors.values.times import creation_time, first_reading

XML_START = "<?xml"
_XML_PART, _LONGEST_COUNT = "XML", 9
_DATES = ("%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y")
_CLOCKS = ("%I:%M:%S %p", "%H:%M:%S", "%H:%M")


def sem_image(source: Source, text: str) -> Signal:
    """Return what an image says of itself, without its pixels.

    Parameters
    ----------
    text
        INI text, XML part, or both in this order.
    """
    ini, mark, part = text.partition(XML_START)
    sections, root = read_sections(ini), parsed_xml(mark + part) if part else None
    beam = _beam(sections, root)
    findings = _findings(sections, beam)
    if root is not None:
        _add_xml(findings, root)
    made, doubts = creation_time(source, _xml_time(root) or _stated_time(sections, findings))
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type=DATA_TYPES.get(beam, "SEM_Imaging"),
        creation_time=made,
        entries=findings.entries,
        warnings=("Operator",) if "Operator" in findings.entries else (),
        notes=(*findings.notes, *doubts),
    )
    native = dict(sections) if root is None else {**sections, _XML_PART: as_tree(root)}
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata, native=native)


def _beam(sections: Sections, root: etree._Element | None) -> str:
    """Return the name of the beam in use: the one that is named, or the only one that is described."""
    named = value_of(sections, "Beam", "Beam")
    if not named and root is not None:
        named = XML_BEAMS.get((root.findtext("{*}Acquisition/{*}BeamType") or "").strip(), "")
    described = [name for name in DATA_TYPES if name in sections]
    return named or (described[0] if len(described) == 1 else "")


def _findings(sections: Sections, beam: str) -> Findings:
    findings = Findings()
    detector = value_of(sections, "Detectors", "Name")
    in_use = {"beam": beam, "scan": value_of(sections, "Beam", "Scan"), "detector": detector}
    for row in ROWS:
        findings.add_row(row, value_of(sections, in_use.get(row.place, row.place), row.key))
    _add_image(findings, sections)
    _add_system(findings, sections)
    if value_of(sections, beam, "TiltCorrectionIsOn").lower() in YES:
        findings.add_angle("Tilt Correction Angle", value_of(sections, beam, "TiltCorrectionAngle"))
    if value_of(sections, "EBeamDeceleration", "ModeOn").lower() in YES:
        for row in DECELERATION_ROWS:
            findings.add_row(row, value_of(sections, row.place, row.key))
    return findings


def _add_image(findings: Findings, sections: Sections) -> None:
    image = sections.get("Image", {})
    width, height, integrated = (_count(image.get(key, "")) for key in ("ResolutionX", "ResolutionY", "Integrate"))
    if width is not None and height is not None:
        findings.add("Data Dimensions", str((width, height)))
    if "DriftCorrected" in image:
        findings.add("Drift Correction Applied", image["DriftCorrected"].lower() in YES)
    if integrated is not None and integrated > 1:
        findings.add("Frames Integrated", integrated)


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_COUNT else None


def _add_system(findings: Findings, sections: Sections) -> None:
    software, build = value_of(sections, "System", "Software"), value_of(sections, "System", "BuildNr")
    if software:
        findings.add("Software Version", clean_value(f"{software} (build {build})" if build else software))
    column = (value_of(sections, "System", "Column"), value_of(sections, "System", "Type"))
    findings.add("Column Type", clean_value(" ".join(part for part in column if part)))
    pressure = value_of(sections, "Vacuum", "ChPressure")
    if pressure and value_of(sections, "Vacuum", "UserMode") == "High vacuum":
        findings.add_number("Chamber Pressure", pressure, "mPa", 3)
    elif pressure:
        findings.add_number("Chamber Pressure", pressure, "Pa")


def _add_xml(findings: Findings, root: etree._Element) -> None:
    for row in XML_ROWS:
        path = "/".join(f"{{*}}{step}" for step in f"{row.place}/{row.key}".split("/"))
        findings.add_row(row, root.findtext(path) or "")


def _xml_time(root: etree._Element | None) -> datetime | None:
    stated = "" if root is None else next((found.text or "" for found in root.iter("{*}AcquisitionDatetime")), "")
    try:
        return datetime.fromisoformat(stated.strip())
    except ValueError:
        return None


def _stated_time(sections: Sections, findings: Findings) -> datetime | None:
    """Read the operator's date and time; the order of day and month follows the machine's language.

    ``TimeOfCreation``, where it is given, is always day.month.year.
    """
    stated = f"{value_of(sections, 'User', 'Date')} {value_of(sections, 'User', 'Time')}".strip()
    plain = first_reading(value_of(sections, "PrivateFei", "TimeOfCreation"), "%d.%m.%Y %H:%M:%S")
    readings = [first_reading(stated, f"{date} {clock}") for date in _DATES for clock in _CLOCKS]
    possible = [reading for reading in readings if reading is not None]
    if plain is not None and (not possible or plain in possible):
        return plain
    if possible:
        return possible[0]
    if stated:
        note = f"{clean_text(stated)!r} is no date and time: took the time the file was last written instead"
        findings.notes.append(note)
    return None
