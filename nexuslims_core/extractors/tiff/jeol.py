"""JEOL TIFF images of TEM and STEM, as SightX saves them: settings as XML (``TemReporter`` 1.0) in ImageDescription.

Not documented by the maker; calibration after RosettaSciIO: the camera's resolution over the magnification, or over
camera length and wavelength. Stage positions are in nm in the file, motor and piezo added up, and µm here; the gun's
currents are in µA, so ``BeamCurrent`` (dark and emission current together) is none of the beam on the specimen. Times
have a zone. Left out are lenses and deflectors in the units of their converters, and drawings, which stay in the native
tree. Scanning images are not calibrated.
"""

from datetime import datetime
from math import sqrt
from pathlib import Path

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.xml_text import as_tree, parsed_xml
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.extractors.tiff.images import with_pixels
from nexuslims_core.extractors.values.naming import ANY, NUMBER, TEXT, Findings, Row, power_between
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.quantities import Quantity

_DESCRIPTION, _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT, _INCH = 270, 282, 283, 296, 2
_ROOT = b"<TemReporter"
_HEAD = 512
_FORMING = "ImageFormingSystem"
_LEFT_OUT = ("OptionalPartsInfo", "Measurement")

_ROWS = (
    Row("", "Instruments", "Microscope", TEXT),
    Row("", "Manufacturer", "Manufacturer", TEXT),
    Row("", "Operator", "Operator", TEXT),
    Row("", "Specimen", "Specimen", TEXT),
    Row("", "Comment", "Comment", TEXT),
    Row("ElectronGun", "AccelerationVoltage", "Voltage", "kV", -3),
    Row("ElectronGun", "EmissionCurrent", "Emission Current", "µA"),
    Row("ElectronGun", "DarkCurrent", "Dark Current", "µA"),
    Row("ElectronGun", "BeamCurrent", "Gun Current", "µA"),
    Row("IlluminationSystem", "SpotSizeString", "Spot Size", ANY),
    Row("IlluminationSystem", "AlphaSelector", "Alpha Selector", NUMBER),
    Row(_FORMING, "ModeString", "Imaging Mode", TEXT),
    Row(_FORMING, "SelectorString", "Indicated Selector", TEXT),
    Row("GonioStage/StagePosition", "TX", "Stage Position α", "degree"),
    Row("GonioStage/StagePosition", "TY", "Stage Position β", "degree"),
    Row("GonioStage/HolderInformation", "Name", "Specimen Holder", TEXT),
    Row("", "ImageSourceDetector", "Detector Name", TEXT),
    Row("JemBaumerCamera", "Modelname", "Camera Name", TEXT),
    Row("JemBaumerCamera/Parameter", "ExposureTimeValue", "Exposure Time", "s", -6),
    Row("JemBaumerCamera/Parameter", "BinningHorizontalSize", "Binning (Horizontal)", NUMBER),
    Row("JemBaumerCamera/Parameter", "BinningVerticalSize", "Binning (Vertical)", NUMBER),
    Row("JemBaumerCamera/Parameter", "FrameIntegration", "Frames Integrated", NUMBER),
    Row("JemBaumerCamera/Parameter", "GainIndex", "Camera Gain Index", NUMBER),
    Row("FilterSystem", "OmegaFilterModeString", "Energy Filter Mode", TEXT),
)
"""Element of the report, element in it, name, unit."""


class JeolTiffExtractor:
    """Reads the image and the settings of one SightX TIFF."""

    name = "jeol_tiff"
    suffixes = frozenset({".tif", ".tiff"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by the report in its description."""
        return tiff_tags.fits(path, head, _is_report)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image.

        Raises
        ------
        ExtractionError
            If this is no TIFF of SightX's. One whose pixels or settings are lost still tells the other.
        """
        directory = tiff_tags.read_directory(source.path)
        if not _is_report(directory):
            raise ExtractionError(source.path, "has no TemReporter in its description")
        root = parsed_xml(directory.content(_DESCRIPTION).strip(b" \r\n\t\x00\x01"))
        return (with_pixels(_image(source, directory, root), directory),)


def _is_report(directory: tiff_tags.Directory) -> bool:
    return _ROOT in directory.content(_DESCRIPTION)[:_HEAD]


def _image(source: Source, directory: tiff_tags.Directory, root: etree._Element | None) -> Signal:
    findings = Findings()
    if root is None:
        findings.notes.append("its report is damaged, so the settings are not known")
        root = etree.Element("TemReporter")
    for row in _ROWS:
        findings.add_row(row, root.findtext(f"{row.place}/{row.key}".strip("/")) or "")
    _add_stage(findings, root)
    scanned = "ASID" in (root.findtext("Eos/EosMode") or "")
    diffraction = root.findtext(f"{_FORMING}/ModeString") == "DIFF"
    axes = () if scanned else _axes(findings, directory, root, diffraction=diffraction)
    made, doubts = creation_time(source, _stated_time(root, findings))
    metadata = Metadata(
        dataset_type=DatasetType.DIFFRACTION if diffraction and not scanned else DatasetType.IMAGE,
        data_type="STEM_Imaging" if scanned else "TEM_Diffraction" if diffraction else "TEM_Imaging",
        creation_time=made,
        entries=findings.entries,
        warnings=("Operator",) if "Operator" in findings.entries else (),
        notes=(*findings.notes, *doubts),
    )
    tree = {str(child.tag): as_tree(child) for child in root.iterchildren("*") if child.tag not in _LEFT_OUT}
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata, axes=axes, native=tree)


def _add_stage(findings: Findings, root: etree._Element) -> None:
    """Add where the stage's motors and its piezo elements, which X and Y have, bring the specimen."""
    for axis in "XYZ":
        parts = [quantity(root.findtext(f"GonioStage/StagePosition/{part}{axis}") or "", "") for part in "MP"]
        numbers = [part for part in parts if isinstance(part, int | float)]
        if numbers:
            findings.add(f"Stage Position {axis}", quantity(round(sum(numbers), 6), "µm", -3))


def _axes(
    findings: Findings, directory: tiff_tags.Directory, root: etree._Element, *, diffraction: bool
) -> tuple[Axis, ...]:
    """Name what the selector stands for, and return the axes that follow from it."""
    selected = quantity(root.findtext(f"{_FORMING}/SelectorValue") or "", "")
    unit = (root.findtext(f"{_FORMING}/SelectorUnitString") or "").strip()
    if not isinstance(selected, int | float) or selected <= 0:
        return ()
    if diffraction:
        power = power_between(unit, "mm")
        length = quantity(selected, "mm", power or 0)
        findings.add("Camera Length", length)
        voltage = findings.entries.get("Voltage")
        if not isinstance(voltage, Quantity) or not isinstance(length, Quantity) or voltage.value <= 0:
            return ()
        return _calibrated(directory, 1 / (length.value * 1e-3 * wavelength_m(voltage.value * 1e3) * 1e9), "1/nm")
    if unit != "X":
        return ()
    findings.add("Magnification", clean_value(int(selected) if selected == int(selected) else selected))
    axes = _calibrated(directory, 1e9 / selected, "nm")
    for axis in axes:
        findings.add("Pixel Height" if axis.name == "y" else "Pixel Width", Quantity(value=axis.scale, unit="nm"))
    return axes


def _calibrated(directory: tiff_tags.Directory, factor: float, unit: str) -> tuple[Axis, ...]:
    """Return axes whose step is a pixel of the camera, in m, times a factor."""
    length_m = 0.0254 if directory.number(_RESOLUTION_UNIT, _INCH) == _INCH else 0.01
    resolutions = [next(iter(directory.tags.get(tag, ())), 0) for tag in (_Y_RESOLUTION, _X_RESOLUTION)]
    if not all(resolution > 0 for resolution in resolutions):
        return ()
    sizes = directory.number(tiff_tags.HEIGHT), directory.number(tiff_tags.WIDTH)
    return tuple(
        Axis(name=name, size=size, scale=length_m / resolution * factor, unit=unit)
        for name, size, resolution in zip("yx", sizes, resolutions, strict=True)
    )


def wavelength_m(voltage_v: float) -> float:
    """Return the wavelength of electrons after an acceleration, in m."""
    mass, charge, light, planck = 9.1093837015e-31, 1.602176634e-19, 299792458.0, 6.62607015e-34
    energy = charge * voltage_v
    return planck / sqrt(2 * mass * energy * (1 + energy / (2 * mass * light**2)))


def _stated_time(root: etree._Element, findings: Findings) -> datetime | None:
    stated = (root.findtext("DateTime") or "").strip()
    try:
        return datetime.fromisoformat(stated)
    except ValueError:
        if stated:
            findings.notes.append(
                f"{clean_text(stated)!r} is no date and time: took the time the file was last written"
            )
        return None


extractor = JeolTiffExtractor()
