"""Phenom TIFF images (FEI and Thermo Fisher desktop SEM): settings as XML (``FeiImage``) in tag 34683.

Not documented by the maker; the elements are known from programs that read them. Units are those that the elements
state as attributes; a number whose unit is not stated and not known is left out. The voltage is given without its sign.
Times are the instrument's local time.
"""

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
from nexuslims_core.extractors.values.naming import ANY, NUMBER, TEXT, Findings, Row, power_between
from nexuslims_core.extractors.values.times import creation_time, first_reading

TAG = 34683
_ROOT, _HEAD = b"<FeiImage", 512
_DATE_TIME = 306
_DATES = ("%Y:%m:%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")

_ROWS = (
    Row("instrument", "type", "System Type", TEXT),
    Row("instrument", "edition", "Microscope", TEXT),
    Row("instrument", "uniqueID", "Serial Number", TEXT),
    Row("instrument", "softwareVersion", "Software Version", TEXT),
    Row("instrument/sampleHolder", "id", "Specimen Holder", TEXT),
    Row("acquisition/scan", "highVoltage", "Voltage", "kV"),
    Row("acquisition/scan", "emissionCurrent", "Emission Current", "µA"),
    Row("acquisition/scan", "detector", "Detector Name", TEXT),
    Row("acquisition/scan", "dwellTime", "Pixel Dwell Time", "µs"),
    Row("acquisition/scan", "spotSize", "Spot Size", ANY),
    Row("acquisition/scan", "spotPresetName", "Spot Preset", TEXT),
    Row("acquisition/scan", "rotation", "Scan Rotation", "degree"),
    Row("acquisition/scan/beamShift", "x", "Beam Shift X", NUMBER),
    Row("acquisition/scan/beamShift", "y", "Beam Shift Y", NUMBER),
    Row("acquisition/scan/stigmator", "x", "Stigmator X Value", NUMBER),
    Row("acquisition/scan/stigmator", "y", "Stigmator Y Value", NUMBER),
    Row("", "integrations", "Frames Integrated", NUMBER),
    Row("", "workingDistance", "Working Distance", "mm"),
    Row("", "pixelWidth", "Pixel Width", "nm"),
    Row("", "pixelHeight", "Pixel Height", "nm"),
    Row("", "databarLabel", "User Text", TEXT),
    Row("multiStage", "axis[@id='X']", "Stage Position X", "mm"),
    Row("multiStage", "axis[@id='Y']", "Stage Position Y", "mm"),
)
"""Elements, the element in them, name, unit."""


class PhenomTiffExtractor:
    """Reads the image and the settings of one Phenom TIFF."""

    name = "phenom_tiff"
    suffixes = frozenset({".tif", ".tiff"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by its XML."""
        return tiff_tags.fits(path, head, is_phenom)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image.

        Raises
        ------
        ExtractionError
            If this is no such TIFF. One whose pixels or settings are lost still tells the other.
        """
        directory = tiff_tags.read_directory(source.path)
        if not is_phenom(directory):
            raise ExtractionError(source.path, "has no FeiImage in tag 34683")
        return (with_pixels(_image(source, directory), directory),)


def is_phenom(directory: tiff_tags.Directory) -> bool:
    """Tell whether tag 34683 is that of a Phenom; larger microscopes write another XML into it."""
    return _ROOT in directory.content(TAG)[:_HEAD]


def _image(source: Source, directory: tiff_tags.Directory) -> Signal:
    findings, root = Findings(), parsed_xml(directory.content(TAG))
    if root is None:
        findings.notes.append("its list of settings is damaged, so they are not known")
    else:
        for row in _ROWS:
            _add(findings, row, root.find(f"{row.place}/{row.key}".strip("/")))
    made, doubts = creation_time(source, _stated_time(directory))
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type="SEM_Imaging",
        creation_time=made,
        entries=findings.entries,
        notes=(*findings.notes, *doubts),
    )
    tree = {} if root is None else {str(child.tag): as_tree(child) for child in root.iterchildren("*")}
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata, native=tree)


def _add(findings: Findings, row: Row, element: etree._Element | None) -> None:
    text = "" if element is None else (element.text or "").strip()
    if element is None or not text:
        return
    above = element.getparent()
    unit = element.get("unit") or ("" if above is None else above.get("unit")) or ""
    known = row.unit in {TEXT, ANY, NUMBER, "degree"} or power_between(unit, row.unit) is not None
    if known:
        findings.add_row(row, text.lstrip("-") if row.name == "Voltage" else text, unit)
    else:
        findings.notes.append(f"{row.name}: {text!r} is left out, its unit {unit!r} is not known")


def _stated_time(directory: tiff_tags.Directory) -> datetime | None:
    return first_reading(directory.text(_DATE_TIME), *_DATES)


extractor = PhenomTiffExtractor()
