"""Sample files of DigitalMicrograph, versions 3 and 4, with a thumbnail as real files have one."""

import os
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_TYPES = {  # what DigitalMicrograph calls a type, and the elements that it is made of
    "int16": (1, (2,)),
    "float32": (2, (6,)),
    "complex64": (3, (6, 6)),
    "uint8": (6, (8,)),
    "int32": (7, (3,)),
    "int8": (9, (10,)),
    "uint16": (10, (4,)),
    "uint32": (11, (5,)),
    "float64": (12, (7,)),
    "complex128": (13, (7, 7)),
    "bool": (14, (8,)),
}
_COLOUR = 23
_NUMBERS = {3: "<i", 5: "<I", 7: "<d", 8: "<B", 11: "<q"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One axis: ``value(i) = (i - origin) · scale``."""

    origin: float = 0.0
    scale: float = 1.0
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DmImage:
    """One image to write.

    Attributes
    ----------
    data
        The numbers, axes slow to fast.
    tags
        ``ImageTags``: nested dicts of text, numbers, lists and tuples; names such as ``TagGroup0`` are written unnamed.
    calibrations
        One for each axis of ``data``, slow to fast; the plainest where there are none.
    intensity_unit
        Unit of the numbers.
    data_type, shape
        What to state instead of what ``data`` is, for packed and for false files.
    """

    data: NDArray[Any]
    tags: Mapping[str, object] = field(default_factory=dict)
    calibrations: Sequence[Calibration] = ()
    name: str = "synthetic"
    intensity_unit: str = ""
    data_type: int | None = None
    shape: tuple[int, ...] | None = None


def write_dm(  # noqa: PLR0913 - each says one thing of the one image
    path: Path,
    data: NDArray[Any],
    *,
    tags: Mapping[str, object] | None = None,
    calibrations: Sequence[Calibration] = (),
    name: str = "synthetic",
    version: Literal[3, 4] = 3,
    mtime: float | None = None,
) -> Path:
    """Write a file with one image; see `DmImage` for what the arguments mean."""
    image = DmImage(data=data, tags=tags or {}, calibrations=calibrations, name=name)
    return write_dm_images(path, (image,), version=version, mtime=mtime)


def write_dm_images(
    path: Path, images: Sequence[DmImage], *, version: Literal[3, 4] = 3, mtime: float | None = None
) -> Path:
    """Write a file with a thumbnail and these images.

    Parameters
    ----------
    mtime
        The file's modification time, epoch seconds; now where None.
    """
    thumbnail = DmImage(data=np.zeros((2, 2), np.uint32), name="thumbnail", data_type=_COLOUR)
    root = {
        "DocumentObjectList": {},
        "ImageList": {f"TagGroup{i}": _image(image) for i, image in enumerate((thumbnail, *images))},
        "InImageMode": True,
        "Thumbnails": {"TagGroup0": {"ImageIndex": 0}},
    }
    path.write_bytes(_Writer(version).file(root))
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


@dataclass(frozen=True, slots=True)
class _Elements:
    """An array as it goes into the file: element kinds, their number, their bytes."""

    kinds: tuple[int, ...]
    size: int
    raw: bytes


def _image(image: DmImage) -> dict[str, object]:
    data = np.ascontiguousarray(image.data)
    data_type, kinds = _TYPES[data.dtype.name]
    shape = data.shape if image.shape is None else image.shape
    calibrations = image.calibrations or tuple(Calibration() for _ in shape)
    return {
        "ImageData": {
            "Calibrations": {
                "Brightness": _calibration(Calibration(unit=image.intensity_unit)),
                "Dimension": {f"TagGroup{i}": _calibration(axis) for i, axis in enumerate(reversed(calibrations))},
                "DisplayCalibratedUnits": True,
            },
            "Data": _Elements(kinds, data.size, data.astype(data.dtype.newbyteorder("<")).tobytes()),
            "DataType": data_type if image.data_type is None else image.data_type,
            "Dimensions": {f"Data{i}": size for i, size in enumerate(reversed(shape))},
            "PixelDepth": data.dtype.itemsize,
        },
        "ImageTags": image.tags,
        "Name": image.name,
    }


def _calibration(axis: Calibration) -> dict[str, object]:
    return {"Origin": float(axis.origin), "Scale": float(axis.scale), "Units": axis.unit}


class _Writer:
    """Turns nested values into the bytes of one version of the format."""

    def __init__(self, version: int) -> None:
        self._version, self._long = version, ">q" if version == 4 else ">i"

    def file(self, root: Mapping[str, object]) -> bytes:
        body = self._group(root)
        return struct.pack(">i", self._version) + self._longs(len(body)) + struct.pack(">i", 1) + body + bytes(8)

    def _longs(self, *values: int) -> bytes:
        return b"".join(struct.pack(self._long, value) for value in values)

    def _group(self, tags: Mapping[str, object]) -> bytes:
        return b"\1\0" + self._longs(len(tags)) + b"".join(self._tag(name, value) for name, value in tags.items())

    def _tag(self, name: str, value: object) -> bytes:
        letters = b"" if re.fullmatch(r"(TagGroup|Data)\d+", name) else name.encode()
        kind, body = (20, self._group(value)) if isinstance(value, Mapping) else (21, self._data(value))
        size = self._longs(len(body)) if self._version == 4 else b""
        return struct.pack(">bh", kind, len(letters)) + letters + size + body

    def _data(self, value: object) -> bytes:
        info, raw = self._encoded(value)
        return b"%%%%" + self._longs(len(info), *info) + raw

    def _encoded(self, value: object) -> tuple[tuple[int, ...], bytes]:
        if isinstance(value, _Elements):
            return self._array(value), value.raw
        if isinstance(value, str):
            raw = value.encode("utf-16-le", "surrogatepass")
            return (20, 4, len(raw) // 2), raw
        if isinstance(value, tuple):
            return self._structure(value)
        if isinstance(value, list):
            return self._list(value)
        kind, raw = _number(value)
        return (kind,), raw

    def _array(self, value: _Elements) -> tuple[int, ...]:
        if len(value.kinds) == 1:
            return 20, value.kinds[0], value.size
        fields = [number for kind in value.kinds for number in (0, kind)]
        return 20, 15, 0, len(value.kinds), *fields, value.size

    def _structure(self, values: tuple[object, ...]) -> tuple[tuple[int, ...], bytes]:
        numbers = [_number(value) for value in values]
        fields = [number for kind, _ in numbers for number in (0, kind)]
        return (15, 0, len(numbers), *fields), b"".join(raw for _, raw in numbers)

    def _list(self, values: list[object]) -> tuple[tuple[int, ...], bytes]:
        kind = 7 if any(isinstance(value, float) for value in values) else 11 if self._version == 4 else 3
        raw = b"".join(struct.pack(_NUMBERS[kind], value) for value in values)
        return (20, kind if values else 4, len(values)), raw


def _number(value: object) -> tuple[int, bytes]:
    """Return the narrowest kind for a number, and its bytes."""
    if isinstance(value, bool):
        return 8, struct.pack(_NUMBERS[8], value)
    if isinstance(value, float):
        return 7, struct.pack(_NUMBERS[7], value)
    if not isinstance(value, int):
        raise TypeError(f"no tag can hold {value!r}")
    kind = 3 if -(2**31) <= value < 2**31 else 5 if 0 <= value < 2**32 else 11
    return kind, struct.pack(_NUMBERS[kind], value)
