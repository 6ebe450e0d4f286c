"""The ``.ser`` files of FEI's TIA (Emispec series data, versions 0x210 and 0x220): header, calibrations, elements.

Layout after C. B. Boothroyd's description of the format. A series holds spectra or images of one size, each with its
own calibration, in metres, in 1/metres or in eV. Images lie bottom row first and are handed on top row first.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import BLOCK_BYTES
from nexuslims_core.datasets.signals import Axis
from nexuslims_core.errors import ExtractionError

MAGIC = b"II\x97\x01"
_SPECTRA, _IMAGES = 0x4120, 0x4122
_TIME_AND_POSITION = 0x4142
_DTYPES = dict(enumerate(("<u1", "<u2", "<u4", "<i1", "<i2", "<i4", "<f4", "<f8", "<c8", "<c16"), start=1))
_MOST_DIMENSIONS, _LONGEST_NAME = 8, 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension of the series: how its elements were stepped."""

    size: int
    offset: float
    delta: float
    element: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesData:
    """The numbers of a series, read element by element.

    Attributes
    ----------
    offsets
        Where the numbers of each element lie in the file, shaped like the series.
    element
        Shape of one element: ``(energy,)`` or ``(y, x)``.
    """

    path: Path
    offsets: NDArray[np.int64]
    element: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, slow to fast."""
        return (*self.offsets.shape, *self.element)

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If the file ends before the data does.
        """
        depth = self.offsets.ndim
        part = self.offsets[index[:depth]]
        with self.path.open("rb") as file:
            if part.ndim == 0:
                yield from self._rows(file, int(part), index[depth:], rows)
                return
            row_bytes = self.dtype.itemsize * math.prod((*part.shape[1:], *self.element))
            step = max(1, BLOCK_BYTES // row_bytes // rows) * rows
            for first in range(0, len(part), step):
                yield self._elements(file, part[first : first + step])

    def _elements(self, file: BufferedReader, offsets: NDArray[np.int64]) -> NDArray[Any]:
        whole = [self._piece(file, int(offset), 0, self.element[0]) for offset in offsets.flat]
        return np.stack(whole).reshape(*offsets.shape, *self.element)

    def _rows(self, file: BufferedReader, offset: int, index: tuple[int, ...], rows: int) -> Iterator[NDArray[Any]]:
        if index:
            yield self._piece(file, offset, 0, self.element[0])[index]
            return
        step = max(1, BLOCK_BYTES // (self.dtype.itemsize * math.prod(self.element[1:])) // rows) * rows
        for first in range(0, self.element[0], step):
            yield self._piece(file, offset, first, min(step, self.element[0] - first))

    def _piece(self, file: BufferedReader, offset: int, first: int, count: int) -> NDArray[Any]:
        row = math.prod(self.element[1:])
        upwards = len(self.element) == 2
        start = self.element[0] - first - count if upwards else first
        file.seek(offset + start * row * self.dtype.itemsize)
        numbers = np.fromfile(file, self.dtype, count * row)
        if numbers.size < count * row:
            raise ExtractionError(self.path, "the file ends before its data does")
        piece = numbers.reshape(count, *self.element[1:])
        return piece[::-1] if upwards else piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series, opened: its numbers, its axes, and how many elements its acquisition was meant to have."""

    data: SeriesData
    axes: tuple[Axis, ...]
    planned: int
    acquired: int

    @property
    def reciprocal(self) -> bool:
        """Whether its images are calibrated in 1/length, as diffraction patterns are."""
        return self.axes[-1].unit == "1/nm"


def read_series(path: Path) -> Series:
    """Open a ``.ser`` file; its numbers stay in the file.

    Raises
    ------
    ExtractionError
        If it is none, is cut short, or claims what it does not hold.
    """
    try:
        with path.open("rb") as file:
            return _read(path, file)
    except OSError as error:
        raise ExtractionError(path, f"cannot be opened ({error.strerror or error})") from error
    except (struct.error, KeyError, ValueError, OverflowError, MemoryError) as error:
        raise ExtractionError(path, "its header is damaged or cut short, so not a TIA series") from error


def _read(path: Path, file: BinaryIO) -> Series:
    if file.read(4) != MAGIC:
        raise ExtractionError(path, "does not begin like a TIA series")
    version, kind, tag, planned, acquired = _unpack(file, "<HIIII")
    pointer = "<I" if version <= 0x210 else "<Q"
    (table, count) = _unpack(file, pointer + "I")
    if acquired == 0:
        raise ExtractionError(path, "holds no data: a single spectrum is kept in its .emi file alone")
    if kind not in (_SPECTRA, _IMAGES) or count > _MOST_DIMENSIONS:
        raise ExtractionError(path, f"holds data of unknown kind {kind:#x}")
    dimensions = [_dimension(file) for _ in range(count)]
    offsets = _offsets(path, file, (table, pointer), min(acquired, max(planned, 1)))
    file.seek(int(offsets[0]))
    dtype, element, axes = _spectrum_header(file) if kind == _SPECTRA else _image_header(file)
    header = 26 if kind == _SPECTRA else 50
    if 0 in element:
        raise ExtractionError(path, "holds spectra or images without a single number")
    size = dtype.itemsize * math.prod(element)
    _check_size(path, file, int(offsets.max()) + header + size)
    if tag == _TIME_AND_POSITION and _across(file, offsets, header + size):
        dimensions.reverse()
    offsets, series_axes = _arranged(offsets + header, dimensions, spectra=kind == _SPECTRA)
    data = SeriesData(path=path, offsets=offsets, element=element, dtype=dtype)
    return Series(data=data, axes=(*series_axes, *axes), planned=planned, acquired=acquired)


def _unpack(file: BinaryIO, layout: str) -> tuple[Any, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _dimension(file: BinaryIO) -> Dimension:
    size, offset, delta, element = _unpack(file, "<IddI")
    names = []
    for _ in ("description", "unit"):
        (length,) = _unpack(file, "<I")
        if length > _LONGEST_NAME:
            raise ValueError(f"a name of {length} characters")
        names.append(file.read(length).decode("utf-8", "replace"))
    return Dimension(size=size, offset=offset, delta=delta, element=element, unit=names[1])


def _offsets(path: Path, file: BinaryIO, table: tuple[int, str], count: int) -> NDArray[np.int64]:
    start, pointer = table
    width = struct.calcsize(pointer)
    _check_size(path, file, start + count * width)
    file.seek(start)
    return np.frombuffer(file.read(count * width), pointer.replace("I", "u4").replace("Q", "u8")).astype(np.int64)


def _check_size(path: Path, file: BinaryIO, end: int) -> None:
    size = file.seek(0, 2)
    if not 0 <= end <= size:
        raise ExtractionError(path, f"the file ends {end - size} bytes before its data does")


def _spectrum_header(file: BinaryIO) -> tuple[np.dtype[Any], tuple[int, ...], tuple[Axis, ...]]:
    offset, delta, _, kind, size = _unpack(file, "<ddIHI")
    return np.dtype(_DTYPES[kind]), (size,), (_calibrated("Energy", size, delta, offset, "eV"),)


def _image_header(file: BinaryIO) -> tuple[np.dtype[Any], tuple[int, ...], tuple[Axis, ...]]:
    x0, dx, ex, y0, dy, ey, kind, width, height = _unpack(file, "<ddIddIHII")
    axes = (_length_axis("y", height, dy, y0 - ey * dy), _length_axis("x", width, dx, x0 - ex * dx))
    return np.dtype(_DTYPES[kind]), (height, width), axes


def _length_axis(name: str, size: int, delta: float, offset: float) -> Axis:
    """Tell metres from 1/metres by size: no pixel is a metre wide, no reciprocal one below 1/metre."""
    if abs(delta) > 1:
        return _calibrated(name, size, delta * 1e-9, offset * 1e-9, "1/nm")
    return _calibrated(name, size, delta * 1e9, offset * 1e9, "nm")


def _calibrated(name: str, size: int, scale: float, offset: float, unit: str) -> Axis:
    """Return an axis, in steps of one if its calibration is damaged."""
    if not (math.isfinite(scale) and math.isfinite(offset)):
        return Axis(name=name, size=size)
    return Axis(name=name, size=size, scale=scale, offset=offset, unit=unit)


def _across(file: BinaryIO, offsets: NDArray[np.int64], element_bytes: int) -> bool:
    """Tell whether the first two elements lie in one row of the scan, by the positions written behind them."""
    heights = []
    for offset in offsets[:2]:
        file.seek(int(offset) + element_bytes)
        heights.append(_unpack(file, "<HHIdd")[4])
    return len(heights) == 2 and heights[0] == heights[1]


def _arranged(
    offsets: NDArray[np.int64], dimensions: list[Dimension], *, spectra: bool
) -> tuple[NDArray[np.int64], tuple[Axis, ...]]:
    """Shape the elements like the scan; of one that was stopped, its whole rows; a single one was not scanned."""
    if len(offsets) == 1:
        return offsets.reshape(()), ()
    kept = [dimension for dimension in dimensions if dimension.size and (spectra or dimension.size != 1)]
    row = math.prod(dimension.size for dimension in kept[1:])
    if not kept or len(offsets) < row:
        shape = [len(offsets)] if len(offsets) > 1 else []
        return offsets.reshape(shape), tuple(Axis(name="element", size=size) for size in shape)
    rows = min(kept[0].size, len(offsets) // row)
    shape = [rows, *(dimension.size for dimension in kept[1:])]
    names = ["x"] if len(kept) == 1 else ["y", "x"]
    axes = tuple(
        _series_axis(dimension, size, names[i] if i < len(names) else "")
        for i, (dimension, size) in enumerate(zip(kept, shape, strict=True))
    )
    return offsets[: math.prod(shape)].reshape(shape), axes


def _series_axis(dimension: Dimension, size: int, name: str) -> Axis:
    offset = dimension.offset - dimension.element * dimension.delta
    if dimension.unit == "meters":
        return _calibrated(name, size, dimension.delta * 1e9, offset * 1e9, "nm")
    return _calibrated("element", size, dimension.delta, offset, "")
