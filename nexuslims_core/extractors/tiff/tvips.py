"""TVIPS TIFF images of TEM cameras, as EM-MENU writes them: settings as a binary block that tag 37706 points to.

The block's layout, versions 1 and 2, is known to tifffile, which reads it. Units after RosettaSciIO: V, ms, nm a pixel,
m for the stage; they are turned into those that people read. The date holds year, month and day as two and one and one
bytes, the time seconds of the day, on the instrument's clock. Of version 1 only the size of a pixel is used. Left out
are arrays of aberrations and of unnamed numbers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said
from nexuslims_core.extractors.rosetta.metadata import native
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.extractors.tiff.images import with_pixels
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.quantities import MetadataValue

TAG = 37706
_RESOLUTIONS, _DIFFRACTION_MODE = (283, 282), 3
_LONGEST_DAY = 86_400

_WORDS = (
    ("TemType", "Microscope"),
    ("CameraType", "Camera Name"),
    ("FlatfieldDescription", "Camera Processing"),
    ("ImageName", "Original Filename"),
    ("Comment", "Comment"),
)
_NUMBERS = (
    ("TemHighTension", "Voltage", "kV", -3),
    ("ExposureTime", "Exposure Time", "s", -3),
    ("BinningX", "Binning (Horizontal)", "", 0),
    ("BinningY", "Binning (Vertical)", "", 0),
    ("PhysicalPixelSizeX", "Camera Pixel Width", "µm", -3),
    ("PhysicalPixelSizeY", "Camera Pixel Height", "µm", -3),
    ("OffsetX", "Camera Offset X", "", 0),
    ("OffsetY", "Camera Offset Y", "", 0),
    ("Gain", "Camera Gain", "", 0),
    ("ReadoutRate", "Readout Rate", "kHz", 0),
    ("PostMagnification", "Post Magnification", "", 0),
    ("TemMagnificationCorrection", "Magnification Correction", "", 0),
    ("PixelSizeX", "Pixel Width", "nm", 0),
    ("PixelSizeY", "Pixel Height", "nm", 0),
)
_STAGE = (("X", "µm", 6), ("Y", "µm", 6), ("Z", "µm", 6), ("α", "degree", 0), ("β", "degree", 0))

Block = Mapping[str, Any]


class TvipsTiffExtractor:
    """Reads the image and the settings of one TVIPS TIFF."""

    name = "tvips_tiff"
    suffixes = frozenset({".tif", ".tiff"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by its tag."""
        return tiff_tags.fits(path, head, lambda directory: TAG in directory.tags)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image.

        Raises
        ------
        ExtractionError
            If this is no TIFF of TVIPS'. One whose pixels or settings are lost still tells the other.
        """
        directory = tiff_tags.read_directory(source.path)
        if TAG not in directory.tags:
            raise ExtractionError(source.path, "has no tag 37706")
        block, notes = _block(source.path)
        return (with_pixels(_image(source, directory, block, notes), directory),)


def _block(path: Path) -> tuple[Block, tuple[str, ...]]:
    import tifffile  # a third of a second, and most files do not need it

    try:
        with tifffile.TiffFile(path) as tiff:
            value = tiff.pages.first.tags[TAG].value
    except FOREIGN_FAULTS as error:
        return {}, (f"its settings cannot be read ({said(error)})",)
    return (value, ()) if isinstance(value, Mapping) else ({}, ("its settings are damaged, so they are not known",))


def _image(source: Source, directory: tiff_tags.Directory, block: Block, notes: tuple[str, ...]) -> Signal:
    diffraction = block.get("TemMode") == _DIFFRACTION_MODE
    entries = {name: value for name, value in _entries(block, diffraction=diffraction).items() if value is not None}
    made, doubts = creation_time(source, _stated_time(block))
    metadata = Metadata(
        dataset_type=DatasetType.DIFFRACTION if diffraction else DatasetType.IMAGE,
        data_type="TEM_Diffraction" if diffraction else "TEM_Imaging",
        creation_time=made,
        entries=entries,
        notes=(*notes, *doubts),
    )
    axes = () if "Pixel Width" in entries else _axes(directory)
    return Signal(title=source.path.stem, kind=SignalKind.NONE, metadata=metadata, axes=axes, native=native(block))


def _entries(block: Block, *, diffraction: bool) -> dict[str, MetadataValue | None]:
    entries: dict[str, MetadataValue | None] = {name: clean_value(block.get(key)) for key, name in _WORDS}
    for key, name, unit, power in _NUMBERS:
        entries[name] = _measure(block.get(key), unit, power)
    name, unit = ("Camera Length", "mm") if diffraction else ("Magnification", "")
    entries[name] = _measure(block.get("TemMagnification"), unit, 0)
    stage = block.get("TemStagePosition")
    if isinstance(stage, Sequence) and len(stage) >= len(_STAGE):
        for number, (axis, unit, power) in zip(stage, _STAGE, strict=False):
            entries[f"Stage Position {axis}"] = _measure(number, unit, power)
    return {key: value for key, value in entries.items() if value != "" and not _is_unset(key, value)}


def _is_unset(name: str, value: MetadataValue | None) -> bool:
    """Tell whether a size is nought because nobody set it."""
    return name.startswith(("Pixel", "Camera Pixel", "Magnification", "Camera Length")) and not getattr(
        value, "value", value
    )


def _measure(number: object, unit: str, power: int) -> MetadataValue | None:
    """Return a number of the block; those of 32 bits are given with the digits that they have."""
    value = quantity(number, "")
    if not isinstance(value, int | float):
        return None
    exact = float(f"{value:.7g}")
    return int(exact) if not unit and exact.is_integer() else quantity(exact, unit, power)


def _axes(directory: tiff_tags.Directory) -> tuple[Axis, ...]:
    """Return axes by the resolution that version 1 states, pixels a cm of the specimen."""
    resolutions = [next(iter(directory.tags.get(tag, ())), 0) for tag in _RESOLUTIONS]
    if not all(resolution > 0 for resolution in resolutions):
        return ()
    sizes = directory.number(tiff_tags.HEIGHT), directory.number(tiff_tags.WIDTH)
    return tuple(
        Axis(name=name, size=size, scale=1e7 / resolution, unit="nm")
        for name, size, resolution in zip("yx", sizes, resolutions, strict=True)
    )


def _stated_time(block: Block) -> datetime | None:
    date, seconds = (block.get(name) or block.get(f"{name}V1") for name in ("Date", "Time"))
    if not isinstance(date, int) or not isinstance(seconds, int) or not 0 <= seconds < _LONGEST_DAY:
        return None
    try:
        day = datetime(date >> 16, date >> 8 & 255, date & 255)  # noqa: DTZ001 - the zone is the instrument's, added later
    except ValueError:
        return None
    return day + timedelta(seconds=seconds)


extractor = TvipsTiffExtractor()
