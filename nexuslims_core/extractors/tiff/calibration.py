"""What programs write into TIFF files about the size of a pixel and the axes of a series, as axes and named values.

Read are ImageJ's description, DigitalMicrograph's tags 65003 to 65025, OME-XML, and Olympus SIS' tags 33471 and 33560.
The resolution of the TIFF standard, in pixels an inch of paper, is not: most programs leave it at that of a screen.
Scales and units agree with RosettaSciIO's; lengths in m are read in nm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.extractors.contents.xml_text import parsed_xml
from nexuslims_core.quantities import MetadataValue, Quantity

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

_UNITS = {"micron": "µm", "microns": "µm", "um": "µm", "μm": "µm", "\\u00B5m": "µm", "A": "Å", "angstrom": "Å"}
_UNITS |= {"nanometer": "nm", "nanometers": "nm", "sec": "s", "1 / nm": "1/nm", "nm^-1": "1/nm"}
_NO_UNITS = frozenset({"", "pixel", "pixels", "px", "inch", "none", "null"})
_DM = {"x": (65003, 65006, 65009), "y": (65004, 65007, 65010), "z": (65005, 65008, 65011)}
_DM_QUANTITY = 65022
_SIS_TAGS = (33560, 33471)
_X_RESOLUTION, _Y_RESOLUTION = 282, 283
_COUNTS = (("images", "Images"), ("channels", "Channels"), ("slices", "Slices"), ("frames", "Frames"))


@dataclass(slots=True)
class Calibration:
    """What is known of a series of images.

    Attributes
    ----------
    axes
        Letter of an axis, such as ``x``, ``z`` or ``t``, to step, offset and unit.
    microscope
        ``TEM`` where the program tells; else empty.
    """

    axes: dict[str, tuple[float, float, str]] = field(default_factory=dict)
    entries: dict[str, MetadataValue] = field(default_factory=dict)
    native: dict[str, object] = field(default_factory=dict)
    quantity: str = ""
    microscope: str = ""
    made: datetime | None = None
    dataset_type: DatasetType = DatasetType.IMAGE

    def add(self, name: str, value: MetadataValue | None) -> None:
        """Keep a value that says something, unless the name has one already."""
        if value is not None and value != "":
            self.entries.setdefault(name, value)

    def add_axis(self, name: str, step: object, unit: object, offset: object = 0.0) -> None:
        """Keep an axis whose step is a number above nought and has a unit."""
        plain = str(clean_value(unit) or "").strip()
        plain = _UNITS.get(plain, plain)
        numbers = [quantity(number, "") for number in (step, offset)]
        if plain.lower() in _NO_UNITS or not isinstance(numbers[0], int | float) or numbers[0] <= 0:
            return
        factor, plain = (1e9, "nm") if plain == "m" else (1.0, plain)
        start = numbers[1] if isinstance(numbers[1], int | float) else 0.0
        self.axes.setdefault(name, (factor * numbers[0], factor * start, plain))


def calibration(tiff: "TiffFile", page: "TiffPage") -> Calibration:
    """Return what a file says of the series that begins with a page."""
    found = Calibration()
    _add_dm(found, page)
    _add_imagej(found, tiff, page)
    _add_ome(found, tiff)
    _add_sis(found, page)
    for name, axis in (("Pixel Width", "x"), ("Pixel Height", "y")):
        if axis in found.axes:
            step, _, unit = found.axes[axis]
            found.add(name, Quantity(value=step, unit=unit))
    return found


def _value(page: "TiffPage", tag: int) -> Any:  # noqa: ANN401 - a tag holds anything
    found = page.tags.get(tag)
    return None if found is None else found.value


def _add_dm(found: Calibration, page: "TiffPage") -> None:
    for axis, (unit, origin, scale) in _DM.items():
        found.add_axis(axis, _value(page, scale), _value(page, unit), _value(page, origin))
    found.quantity = str(clean_value(_value(page, _DM_QUANTITY)) or "")


def _add_imagej(found: Calibration, tiff: "TiffFile", page: "TiffPage") -> None:
    said = tiff.imagej_metadata
    if not isinstance(said, Mapping):
        return
    unit = said.get("unit", "")
    for axis, tag in (("x", _X_RESOLUTION), ("y", _Y_RESOLUTION)):
        above, below = _value(page, tag) or (0, 0)
        found.add_axis(axis, below / above if above else None, said.get(f"{axis}unit", unit))
    found.add_axis("z", said.get("spacing"), said.get("zunit", unit))
    found.add_axis("t", said.get("finterval"), said.get("tunit", "s"))
    for key, name in _COUNTS:
        found.add(name, clean_value(said.get(key)))
    found.add("Frame Interval", quantity(said.get("finterval"), "s"))
    found.native["ImageJ"] = dict(said)


def _add_ome(found: Calibration, tiff: "TiffFile") -> None:
    root = parsed_xml(tiff.ome_metadata) if tiff.ome_metadata else None
    image = None if root is None else root.find("{*}Image")
    pixels = None if image is None else image.find("{*}Pixels")
    if image is None or pixels is None:
        return
    for axis in "XYZ":
        found.add_axis(axis.lower(), pixels.get(f"PhysicalSize{axis}"), pixels.get(f"PhysicalSize{axis}Unit", "µm"))
    found.add_axis("t", pixels.get("TimeIncrement"), pixels.get("TimeIncrementUnit", "s"))
    found.add("Name", clean_value(image.get("Name") or ""))
    try:
        found.made = datetime.fromisoformat((image.findtext("{*}AcquisitionDate") or "").strip())
    except ValueError:
        return


def _add_sis(found: Calibration, page: "TiffPage") -> None:
    said = next((value for tag in _SIS_TAGS if isinstance(value := _value(page, tag), Mapping)), None)
    if said is None:
        return
    for axis in "xy":
        size = said.get(f"pixelsize{axis}")
        found.add_axis(axis, round(size, 15) if isinstance(size, float) else None, "m")
    magnification = clean_value(said.get("magnification"))
    whole = isinstance(magnification, float) and magnification.is_integer()
    found.add("Magnification", int(magnification) if whole and magnification else magnification)
    found.add("Camera Name", clean_value(said.get("cameraname")))
    found.add("Picture Type", clean_value(said.get("picturetype")))
    found.microscope = "TEM"
    found.made = said["datetime"] if isinstance(said.get("datetime"), datetime) else None
    found.native["Olympus SIS"] = dict(said)
