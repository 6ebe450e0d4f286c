"""TIFF files that no vendor's extractor knows: pages of one kind are a series, calibrated where a program says how.

After the TIFF 6.0 specification and its extensions as tifffile reads them: BigTIFF, OME-TIFF, ImageJ stacks, pyramids,
tiles and strips, every usual compression, one bit to 64, integers, floats and complex numbers, grey, palettes, colours
and inks. Numbers that lie as they are stay in the file; the others are decoded an image at a time. A series of one file
is one signal; a pyramid is drawn from the level that suits a picture. Streak images of Hamamatsu's go to RosettaSciIO's
reader.
"""

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import override

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.cleaning import clean_text, clean_value
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalData, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.claimed_size import check_claim
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said
from nexuslims_core.extractors.rosetta.metadata import native
from nexuslims_core.extractors.rosetta.reading import read_signals
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.extractors.tiff.calibration import Calibration, calibration
from nexuslims_core.extractors.tiff.frames import FramesData, Look, OpenTiff
from nexuslims_core.extractors.values.times import creation_time, first_reading
from nexuslims_core.quantities import MetadataValue

if TYPE_CHECKING:
    from tifffile import TiffPage, TiffPageSeries

_MOST_SERIES, _MOST_NOTES = 64, 3
_OPACITIES = frozenset({1, 2})
_PICTURE_SIDE, _LARGE_PAGE = 1024, 16 << 20
_DESCRIPTION, _DATE_TIME, _ARTIST, _SOFTWARE = 270, 306, 315, 305
_TEXTS = (
    (271, "Manufacturer"),
    (272, "Device Model"),
    (_SOFTWARE, "Software Version"),
    (_ARTIST, "Operator"),
    (269, "Document Name"),
)
_DATES = ("%Y:%m:%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_MACHINES_TEXT = ("<", "{", "[", "ImageJ=", "shape=")
_WHITE_IS_ZERO, _RGB, _PALETTE, _INKS, _YCBCR, _LAB = 0, 2, 3, 5, 6, 8
_COLOURS = frozenset({_RGB, _YCBCR, _LAB})
_HAMAMATSU = "Copyright Hamamatsu"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arranged:
    """How the axes of a series are those of a signal: letters in lower case, without that of colours."""

    letters: str
    shape: tuple[int, ...]
    look: Look
    samples: int


def read_tiff(source: Source) -> tuple[Signal, ...]:
    """Return the series of a file, at least one.

    Raises
    ------
    ExtractionError
        If the file is damaged, or claims more pixels than it can hold.
    """
    directory = tiff_tags.read_directory(source.path)
    tiff_tags.check_claim(directory)
    if directory.text(_ARTIST).startswith(_HAMAMATSU):
        return read_signals(source, "tiff")
    with _complaints() as heard:
        file = OpenTiff(source.path)
        try:
            signals = tuple(_signal(source, file, series) for series in file.tiff.series[:_MOST_SERIES])
        except FOREIGN_FAULTS as error:
            raise ExtractionError(source.path, f"its images cannot be read ({said(error)})") from error
    if not signals:
        raise ExtractionError(source.path, "holds no image")
    return tuple(_with_notes(signal, heard) for signal in signals)


class _Listener(logging.Handler):
    """Keeps what tifffile complains of: it goes on with what it can read of a damaged file."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(clean_text(" ".join(record.getMessage().split())))


@contextmanager
def _complaints() -> Iterator[list[str]]:
    logger, listener = logging.getLogger("tifffile"), _Listener()
    logger.addHandler(listener)
    try:
        yield listener.heard
    finally:
        logger.removeHandler(listener)


def _with_notes(signal: Signal, heard: list[str]) -> Signal:
    if not heard:
        return signal
    notes = tuple(f"the file is damaged: {text}" for text in dict.fromkeys(heard))[:_MOST_NOTES]
    return replace(signal, metadata=replace(signal.metadata, notes=(*signal.metadata.notes, *notes)))


def _signal(source: Source, file: OpenTiff, series: "TiffPageSeries") -> Signal:
    arranged = _arranged(series)
    check_claim(source, arranged.shape, series.dtype)
    page = series.keyframe
    known = calibration(file.tiff, page)
    level = _level(series)
    data, notes = _data(source, file, level)
    shown = data.shape[: len(arranged.shape)] if data is not None else arranged.shape
    if level is not series:
        notes = (*notes, f"its picture is drawn from a copy of {shown[-1]} × {shown[-2]} pixels that the file holds")
    entries = {"Data Dimensions": str(arranged.shape), **known.entries, **_texts(page)}
    made, doubts = creation_time(source, known.made or _stated_time(page))
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type=f"{known.microscope}_Imaging".lstrip("_"),
        creation_time=made,
        entries=entries,
        warnings=("Operator",) if "Operator" in entries else (),
        notes=(*notes, *doubts),
    )
    return Signal(
        title=source.path.stem,
        kind=SignalKind.NONE if data is None else SignalKind.IMAGE_STACK if len(shown) > 2 else SignalKind.IMAGE,
        metadata=metadata,
        axes=_axes(arranged.letters, arranged.shape, shown, known),
        data=data,
        quantity=known.quantity,
        native={**_tags(page), **native(known.native)},
    )


def _arranged(series: "TiffPageSeries") -> _Arranged:
    page, letters = series.keyframe, str(series.axes).lower()
    lengths = dict(zip(letters, series.shape, strict=True))
    look, samples = _look(page, lengths.get("s", 1))
    outer = "".join(letter for letter in letters if letter not in "yxs") + ("s" if samples else "")
    shape = (*(lengths[letter] for letter in outer), lengths.get("y", 1), lengths.get("x", 1))
    return _Arranged(letters=f"{outer}yx", shape=shape, look=look, samples=samples)


def _look(page: "TiffPage", stored: int) -> tuple[Look, int]:
    """Return how pixels are shown, and how many samples are images of their own."""
    photometric, planar = int(page.photometric), stored > 1 and page.axes.find("S") < page.axes.find("Y")
    if photometric == _PALETTE and page.colormap is not None and stored == 1:
        table = np.asarray(page.colormap)
        grey = bool(
            (table[0] == table[1]).all() and (table[1] == table[2]).all() and (np.diff(table[0].astype(int)) >= 0).all()
        )
        return Look() if grey else Look(palette=(table >> 8).astype(np.uint8).T, colours=3), 0
    if photometric == _INKS and stored >= 4 and page.dtype == np.uint8:
        return Look(planar=planar, inks=True, colours=3), 0
    if photometric in _COLOURS and stored in {3, 4}:
        return Look(planar=planar, colours=stored), 0
    inverted = photometric == _WHITE_IS_ZERO
    if stored == 2 and any(int(extra) in _OPACITIES for extra in page.extrasamples):
        return Look(planar=planar, inverted=inverted, first=True), 0
    return Look(planar=planar, inverted=inverted), stored if stored > 1 else 0


def _level(series: "TiffPageSeries") -> "TiffPageSeries":
    """Return the smallest level of a pyramid that fills a picture, or the series itself if it is not large."""
    if series.keyframe.nbytes <= _LARGE_PAGE:
        return series
    fitting = [
        level for level in series.levels if min(level.keyframe.imagelength, level.keyframe.imagewidth) >= _PICTURE_SIDE
    ]
    return fitting[-1] if fitting else series


def _data(source: Source, file: OpenTiff, series: "TiffPageSeries") -> tuple[SignalData | None, tuple[str, ...]]:
    arranged = _arranged(series)
    look, dtype = arranged.look, np.dtype(series.dtype)
    if dtype.kind not in "biufc" or 0 in arranged.shape:
        return None, ("its numbers are not of a kind that can be drawn",)
    colours = (look.colours,) if look.colours else ()
    shape = (*arranged.shape, *colours)
    if series.dataoffset is not None and look.as_stored and not arranged.samples:
        stored = dtype.newbyteorder(file.tiff.byteorder)
        if series.dataoffset + math.prod(shape) * dtype.itemsize <= source.file.size:
            return FileData(path=source.path, offset=int(series.dataoffset), shape=shape, dtype=stored), ()
        return None, ("no image: the file ends before its pixels do",)
    if look.palette is not None or look.inks:
        dtype = np.dtype(np.uint8)
    outer = arranged.shape[:-2]
    images = math.prod(outer) // (arranged.samples or 1)
    if len(series.pages) != images and len(series.pages) * _images_a_page(series.keyframe) != images:
        return None, (f"no image: {images} were expected and {len(series.pages)} are there",)
    data = FramesData(
        path=source.path,
        file=file,
        series=series,
        shape=shape,
        dtype=dtype,
        look=look,
        outer=outer,
        samples=arranged.samples,
    )
    return data, ()


def _images_a_page(page: "TiffPage") -> int:
    return math.prod(length for letter, length in zip(page.axes, page.shape, strict=True) if letter not in "YXS")


def _axes(letters: str, shape: tuple[int, ...], shown: tuple[int, ...], known: Calibration) -> tuple[Axis, ...]:
    """Return the axes of what is shown, whose pixels are larger where it is a small level of a pyramid."""
    axes = []
    for letter, whole, size in zip(letters, shape, shown, strict=True):
        step, offset, unit = known.axes.get(letter, (1.0, 0.0, ""))
        scale = step if size in {0, whole} else step * whole / size
        axes.append(Axis(name=letter, size=size, scale=scale, offset=offset, unit=unit))
    return tuple(axes)


def _texts(page: "TiffPage") -> dict[str, MetadataValue]:
    found = {name: clean_value(_text(page, tag)) for tag, name in _TEXTS}
    description = _text(page, _DESCRIPTION)
    if not description.startswith(_MACHINES_TEXT):
        found["Description"] = clean_value(description)
    return {name: value for name, value in found.items() if value is not None}


def _tags(page: "TiffPage") -> dict[str, Any]:
    tags = {tag.name: tag.value for tag in page.tags if tag.count <= 1 << 16}
    plain: dict[str, Any] = native(tags)
    return {name: value for name, value in plain.items() if value is not None}


def _text(page: "TiffPage", tag: int) -> str:
    found = page.tags.get(tag)
    return found.value.strip() if found is not None and isinstance(found.value, str) else ""


def _stated_time(page: "TiffPage") -> datetime | None:
    return first_reading(_text(page, _DATE_TIME), *_DATES)
