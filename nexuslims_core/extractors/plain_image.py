"""Plain images as Pillow reads them: PNG, JPEG, BMP, GIF and other exports without a microscope's metadata.

Only the header is read here; pixels are decoded when a preview asks for them. The first frame stands for an animation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.values.times import creation_time, first_reading

MOST_PIXELS = 100_000_000
"""A larger plain image is refused: decoded it would fill the memory of the process that draws it."""

_SUFFIXES = "png jpg jpeg jpe bmp dib gif pcx ppm pgm pbm msp spi xbm"
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_EXIF_DATE_TIME, _EXIF_DATE_TIME_ORIGINAL, _EXIF_FOLDER = 306, 36867, 0x8769
_DTYPES = {"L": "u1", "RGB": "u1", "RGBA": "u1", "I;16": "<u2", "I;16B": ">u2", "I": "i4", "F": "f4"}
_SAMPLES = {"RGB": 3, "RGBA": 4}
_FAULTS = (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True, kw_only=True)
class PillowData:
    """Pixels that Pillow decodes when they are asked for.

    Attributes
    ----------
    mode
        Pillow's mode to decode to: ``L``, ``RGB``, ``RGBA``, ``I;16``, ``I`` or ``F``.
    """

    path: Path
    shape: tuple[int, ...]
    mode: str

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one number."""
        dtype: np.dtype[Any] = np.dtype(_DTYPES[self.mode])
        return dtype

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If the pixels cannot be decoded, for instance because the file is cut short.
        """
        try:
            with Image.open(self.path) as image:
                pixels = np.asarray(image if image.mode == self.mode else image.convert(self.mode))
        except _FAULTS as error:
            raise ExtractionError(self.path, f"its pixels cannot be decoded ({clean_text(str(error))})") from error
        yield from ArrayData(pixels).blocks(index, rows=rows)


class PlainImageExtractor:
    """Reads the header of a plain image."""

    name = "plain_image"
    suffixes = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's parameters
        """Know PNG, JPEG and GIF by their first bytes."""
        return head.startswith(_MAGIC)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image as one signal.

        Raises
        ------
        ExtractionError
            If it is no image, or claims more pixels than are safe to decode.
        """
        try:
            with Image.open(source.path) as image:
                return (_signal(source, image),)
        except _FAULTS as error:
            raise ExtractionError(source.path, f"is no image that can be read ({clean_text(str(error))})") from error


def _signal(source: Source, image: Image.Image) -> Signal:
    if image.width * image.height > MOST_PIXELS:
        raise ExtractionError(source.path, f"claims {image.width} × {image.height} pixels, which is not safe to decode")
    mode = _plain_mode(image)
    shape = (image.height, image.width)
    made, notes = creation_time(source, _taken(image))
    if getattr(image, "n_frames", 1) > 1:
        notes = (*notes, "holds several frames: the first stands for all")
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type="Imaging",
        creation_time=made,
        entries={"Data Dimensions": str((image.width, image.height))},
        notes=notes,
    )
    data = PillowData(path=source.path, shape=(*shape, *([_SAMPLES[mode]] if mode in _SAMPLES else [])), mode=mode)
    axes = tuple(Axis(name=name, size=size) for name, size in zip("yx", shape, strict=True))
    return Signal(title=source.path.stem, kind=SignalKind.IMAGE, metadata=metadata, axes=axes, data=data)


def _plain_mode(image: Image.Image) -> str:
    if image.mode in _DTYPES:
        return image.mode
    if image.mode in {"1", "LA"}:
        return "L"
    return "RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB"


def _taken(image: Image.Image) -> datetime | None:
    if "exif" not in image.info:  # asked for its tags, Pillow would decode a PNG whole
        return None
    tags = image.getexif()
    text = tags.get_ifd(_EXIF_FOLDER).get(_EXIF_DATE_TIME_ORIGINAL) or tags.get(_EXIF_DATE_TIME)
    return first_reading(text, "%Y:%m:%d %H:%M:%S") if isinstance(text, str) else None


extractor = PlainImageExtractor()
