"""FEI and Thermo Fisher TIFF images: of SEM and FIB with an INI text in tag 34680 or 34682, of TEM with TIA's settings.

Not documented by the maker; what the keys mean is known from the microscopes' own data bars. An XML part may follow the
INI text: its acquisition time, which has a zone, is used, the rest is left out. Names and units are in
``fei_names.py``. Axes are in nm; the image is handed on with the data bar that the microscope drew into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import degrees
from pathlib import Path

from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors import tiff_tags
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.experimental_description import parsed_xml, settings
from nexuslims_core.extractors.fei_names import ANY, DATA_TYPES, NUMBER, ROWS, TEXT, Row
from nexuslims_core.extractors.times import creation_time, first_reading
from nexuslims_core.quantities import MetadataValue, Quantity

TAGS = (34682, 34680)
_INI_START, _LIST_START, _XML_START = "[User]", "<Root>", "<?xml"
_LONGEST_TEXT, _LINE = 1 << 16, 80
_YES = frozenset({"yes", "on", "true"})
_DATES = ("%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y")
_CLOCKS = ("%I:%M:%S %p", "%H:%M:%S", "%H:%M")

Sections = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class Findings:
    """What is gathered from one file: entries that say something, and sentences on those left out."""

    entries: dict[str, MetadataValue] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, value: MetadataValue | None) -> None:
        """Keep a value that says something, unless the name has one already."""
        if value is not None:
            self.entries.setdefault(name, value)

    def add_number(self, name: str, text: str, unit: str = "", power: int = 0) -> None:
        """Keep a number times a power of ten, exactly as the file's digits say; note text that is none."""
        try:
            number = Decimal(text).scaleb(power)
            whole = not unit and number == number.to_integral_value()
            value = quantity(int(number) if whole else float(number), unit)
        except (InvalidOperation, OverflowError, ValueError):
            value = None
        self.add(name, value)
        if value is None and text:
            self.notes.append(f"{name}: {clean_text(text)!r} is no number, left out")


class FeiTiffExtractor:
    """Reads the image and the settings of one FEI or Thermo Fisher TIFF."""

    name = "fei_tiff"
    suffixes = frozenset({".tif", ".tiff"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by its text, which lies behind the pixels."""
        try:
            return head.startswith(tiff_tags.MAGIC) and bool(_description(tiff_tags.read_directory(path)))
        except (ExtractionError, OSError):
            return False

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image.

        Raises
        ------
        ExtractionError
            If this is no FEI TIFF. One whose pixels are lost or a lie still tells its settings.
        """
        directory = tiff_tags.read_directory(source.path)
        text = _description(directory)
        if not text:
            raise ExtractionError(source.path, "has neither FEI's tags 34680 and 34682 nor their text")
        signal = _tem_image(source, text) if text.startswith(_LIST_START) else _sem_image(source, text)
        return (_with_pixels(signal, directory),)


def _description(directory: tiff_tags.Directory) -> str:
    """Return the maker's text; editors of images are known to move it to other tags."""
    others = (tag for tag, value in directory.tags.items() if isinstance(value, bytes) and tag not in TAGS)
    for tag in (*TAGS, *others):
        text = directory.text(tag).lstrip("\ufeff\x00 \t\r\n")
        if text.startswith((_INI_START, _LIST_START)) or (tag in TAGS and text.startswith("[")):
            return text
    return _stray_text(directory)


def _stray_text(directory: tiff_tags.Directory) -> str:
    """Return the text at the end of a file whose tags were damaged by a program that took the file for text."""
    with directory.path.open("rb") as file:
        file.seek(max(0, directory.size - _LONGEST_TEXT))
        _, start, rest = file.read().rpartition(_INI_START.encode())
    text = (start + rest).decode("cp1252", "replace")
    return text if "Date=" in text[:_LINE] else ""


def _sections(text: str) -> Sections:
    """Read an INI text in which sections may come twice: keys add up, the first of two equal ones stays."""
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        key, equals, value = line.partition("=")
        if line.startswith("[") and line.endswith("]"):
            section = sections.setdefault(line[1:-1], {})
        elif equals:
            section.setdefault(key.strip(), value.strip())
    return sections


def _with_pixels(signal: Signal, directory: tiff_tags.Directory) -> Signal:
    """Add the image, its axes calibrated by the size of a pixel or of the field of view."""
    metadata = signal.metadata
    try:
        data = tiff_tags.pixels(directory)
    except ExtractionError as error:
        return replace(signal, metadata=replace(metadata, notes=(*metadata.notes, f"no image: it {error.reason}")))
    entries = {**metadata.entries}
    dimensions = str(entries.setdefault("Data Dimensions", str((data.shape[1], data.shape[0]))))
    columns = int(dimensions.strip("()").split(",")[0])
    axes = (_axis("y", data.shape[0], entries, columns), _axis("x", data.shape[1], entries, columns))
    kept = replace(metadata, entries=entries)
    return replace(signal, kind=SignalKind.IMAGE, metadata=kept, axes=axes, data=data)


def _axis(name: str, size: int, entries: Mapping[str, MetadataValue], columns: int) -> Axis:
    pixel = entries.get("Pixel Height" if name == "y" else "Pixel Width")
    if isinstance(pixel, Quantity) and pixel.value > 0:
        return Axis(name=name, size=size, scale=float(pixel.value), unit=pixel.unit)
    field_width = entries.get("Horizontal Field Width")
    if isinstance(field_width, Quantity) and field_width.value > 0 and columns:
        return Axis(name=name, size=size, scale=field_width.value / columns, unit=field_width.unit)
    return Axis(name=name, size=size)


def _sem_image(source: Source, text: str) -> Signal:
    ini, mark, xml = text.partition(_XML_START)
    sections = _sections(ini)
    findings = _findings(sections)
    made, doubts = creation_time(source, _xml_time(mark + xml) or _stated_time(sections, findings))
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type=DATA_TYPES.get(_value(sections, "Beam", "Beam"), "SEM_Imaging"),
        creation_time=made,
        entries=findings.entries,
        warnings=("Operator",) if "Operator" in findings.entries else (),
        notes=(*findings.notes, *doubts),
    )
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata, native=sections)


def _tem_image(source: Source, text: str) -> Signal:
    root = parsed_xml(text)
    entries = {} if root is None else settings(root)
    notes = () if root is not None else ("its list of settings is damaged, so they are not known",)
    mode = str(entries.get("Mode", ""))
    beam = "STEM" if "STEM" in mode else "TEM"
    diffraction = beam == "TEM" and "Diffraction" in mode
    made, _ = creation_time(source, None)
    metadata = Metadata(
        dataset_type=DatasetType.DIFFRACTION if diffraction else DatasetType.IMAGE,
        data_type=f"{beam}_{'Diffraction' if diffraction else 'Imaging'}",
        creation_time=made,
        entries=entries,
        notes=notes,
    )
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata)


def _findings(sections: Sections) -> Findings:
    findings = Findings()
    in_use = {
        "beam": _value(sections, "Beam", "Beam"),
        "scan": _value(sections, "Beam", "Scan"),
        "detector": _value(sections, "Detectors", "Name"),
    }
    for row in ROWS:
        text = _value(sections, in_use.get(row.place, row.place), row.key)
        if text:
            _add(findings, row, text)
    _add_image(findings, sections.get("Image", {}))
    _add_beam(findings, sections.get(in_use["beam"], {}))
    _add_system(findings, sections)
    return findings


def _add(findings: Findings, row: Row, text: str) -> None:
    if row.unit == TEXT:
        findings.add(row.name, clean_value(text))
    elif row.unit == ANY:
        number = quantity(text, "")
        findings.add(row.name, clean_value(text) if number is None else number)
    else:
        findings.add_number(row.name, text, "" if row.unit == NUMBER else row.unit, row.power)


def _add_image(findings: Findings, image: Mapping[str, str]) -> None:
    width, height = image.get("ResolutionX", ""), image.get("ResolutionY", "")
    if width.isdecimal() and height.isdecimal():
        findings.add("Data Dimensions", str((int(width), int(height))))
    if "DriftCorrected" in image:
        findings.add("Drift Correction Applied", image["DriftCorrected"].lower() in _YES)
    if image.get("Integrate", "").isdecimal() and int(image["Integrate"]) > 1:
        findings.add("Frames Integrated", int(image["Integrate"]))


def _add_beam(findings: Findings, beam: Mapping[str, str]) -> None:
    rotation = quantity(beam.get("ScanRotation", ""), "rad")
    if isinstance(rotation, Quantity):
        findings.add("Scan Rotation", Quantity(value=degrees(rotation.value), unit="degree"))
    if beam.get("TiltCorrectionIsOn", "").lower() in _YES:
        findings.add_number("Tilt Correction Angle", beam.get("TiltCorrectionAngle", ""), "rad")
    for key, name in (("DynamicFocusIsOn", "Dynamic Focus Enabled"), ("DynamicWDIsOn", "Dynamic WD Enabled")):
        if beam.get(key):
            findings.add(name, beam[key].lower() in _YES)


def _add_system(findings: Findings, sections: Sections) -> None:
    software, build = _value(sections, "System", "Software"), _value(sections, "System", "BuildNr")
    if software:
        findings.add("Software Version", clean_value(f"{software} (build {build})" if build else software))
    column = (_value(sections, "System", "Column"), _value(sections, "System", "Type"))
    findings.add("Column Type", clean_value(" ".join(part for part in column if part)))
    pressure = _value(sections, "Vacuum", "ChPressure")
    if pressure and _value(sections, "Vacuum", "UserMode") == "High vacuum":
        findings.add_number("Chamber Pressure", pressure, "mPa", 3)
    elif pressure:
        findings.add_number("Chamber Pressure", pressure, "Pa")


def _value(sections: Sections, section: str, key: str) -> str:
    return sections.get(section, {}).get(key, "")


def _xml_time(text: str) -> datetime | None:
    root = parsed_xml(text) if text else None
    stated = "" if root is None else next((found.text or "" for found in root.iter("{*}AcquisitionDatetime")), "")
    try:
        return datetime.fromisoformat(stated.strip())
    except ValueError:
        return None


def _stated_time(sections: Sections, findings: Findings) -> datetime | None:
    """Read the operator's date and time; the order of day and month follows the machine's language.

    ``TimeOfCreation``, where it is given, is always day.month.year.
    """
    stated = f"{_value(sections, 'User', 'Date')} {_value(sections, 'User', 'Time')}".strip()
    plain = first_reading(_value(sections, "PrivateFei", "TimeOfCreation"), "%d.%m.%Y %H:%M:%S")
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


extractor = FeiTiffExtractor()
