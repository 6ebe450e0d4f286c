"""Pixels of DigitalMicrograph images: where they lie in the file, read row by row.

The numbers of ``DataType`` are those of DigitalMicrograph's scripting manual. Colours come as 8-bit red, green, blue;
the file holds blue, green, red and an unused fourth byte. Fourier transforms are stored as half a plane: the other half
follows from symmetry and is filled in where rows are asked for. Numbers are not calibrated: ``Brightness`` is left out.
"""

import math
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from nexuslims_core.datasets.arrays import BLOCK_BYTES, FileData
from nexuslims_core.datasets.signals import SignalData
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.digital_micrograph.tags import Block, Tags, at, group

_NUMBERS = {1: "i2", 2: "f4", 6: "u1", 7: "i4", 9: "i1", 10: "u2", 11: "u4", 12: "f8", 14: "?"}
_COMPLEX = {3: "c8", 13: "c16"}
_HALF_PLANES = {27: "c8", 28: "c16"}
_OLD_HALF_PLANE = 5
_COLOURS = frozenset({8, 23})
_MOST_AXES = 8


def stated_shape(image: Tags) -> tuple[int, ...]:
    """Return the lengths of an image's axes, slow to fast; empty where they are absent or absurd."""
    sizes = tuple(group(image, "ImageData", "Dimensions").values())[::-1]
    lengths = tuple(size for size in sizes if isinstance(size, int) and size > 0)
    return lengths if len(lengths) == len(sizes) <= _MOST_AXES else ()


def is_colour(image: Tags) -> bool:
    """Tell whether each pixel of an image is a colour."""
    return at(image, "ImageData", "DataType") in _COLOURS


def is_complex(image: Tags) -> bool:
    """Tell whether an image holds complex numbers, as Fourier transforms do."""
    return at(image, "ImageData", "DataType") in {_OLD_HALF_PLANE, *_COMPLEX, *_HALF_PLANES}


def open_pixels(path: Path, image: Tags, shape: tuple[int, ...]) -> tuple[SignalData | None, str]:
    """Return the numbers of one image without reading them, in a shape of as many pixels as the file states.

    Returns
    -------
    data
        The numbers; None where they cannot be read.
    note
        Why they cannot; empty where they can.
    """
    kind, block = at(image, "ImageData", "DataType"), at(image, "ImageData", "Data")
    if not isinstance(kind, int) or not isinstance(block, Block) or not shape:
        return None, "no picture: the file does not state where its pixels are, how many and of which type"
    data = _data(path, kind, block, shape)
    if data is None:
        return None, f"no picture: pixels of DigitalMicrograph's type {kind} in {len(shape)} dimensions are not read"
    needed = _bytes(data)
    if needed > block.size_bytes:
        return None, f"no picture: the file states {needed} bytes of pixels and holds {block.size_bytes}"
    return data, ""


def _data(path: Path, kind: int, block: Block, shape: tuple[int, ...]) -> "FileData | Colours | HalfPlane | None":
    order, plane = block.code[0], len(shape) == 2
    if code := _NUMBERS.get(kind) or _COMPLEX.get(kind):
        return FileData(path=path, offset=block.offset, shape=shape, dtype=np.dtype(order + code))
    if kind in _COLOURS:
        return Colours(FileData(path=path, offset=block.offset, shape=(*shape, 4), dtype=np.dtype("u1")))
    if kind in _HALF_PLANES and plane and shape[1] % 2 == 0:
        half = (shape[0], shape[1] // 2 + 1)
        stored = FileData(path=path, offset=block.offset, shape=half, dtype=np.dtype(order + _HALF_PLANES[kind]))
        return NewHalfPlane(stored=stored)
    if kind == _OLD_HALF_PLANE and plane and shape[0] == shape[1] and shape[0] % 2 == 0:
        half = (shape[0], shape[0] // 2)
        return OldHalfPlane(stored=FileData(path=path, offset=block.offset, shape=half, dtype=np.dtype(order + "c8")))
    return None


def _bytes(data: "FileData | Colours | HalfPlane") -> int:
    stored = data if isinstance(data, FileData) else data.stored
    return stored.dtype.itemsize * math.prod(stored.shape)


@dataclass(frozen=True, slots=True)
class Colours:
    """Pixels of blue, green, red and a byte without meaning, given as red, green, blue."""

    stored: FileData

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, slow to fast, and 3 colours."""
        return (*self.stored.shape[:-1], 3)

    @property
    def dtype(self) -> np.dtype[Any]:
        """One byte a colour."""
        return self.stored.dtype

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis."""
        for piece in self.stored.blocks(index, rows=rows):
            yield piece[..., 2::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfPlane:
    """A Fourier transform of which the file holds half."""

    stored: FileData

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Length of each axis of the whole plane."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Complex numbers."""
        return self.stored.dtype

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis."""
        first, last = (index[0], index[0] + 1) if index else (0, self.shape[0])
        step = max(1, BLOCK_BYTES // (self.dtype.itemsize * self.shape[1]) // rows) * rows
        half = self._half()
        for start in range(first, last, step):
            whole = self._rows(half, np.arange(start, min(start + step, last)))
            yield whole[0] if index else whole

    def _half(self) -> NDArray[Any]:
        stored = self.stored
        try:
            return np.memmap(stored.path, stored.dtype, "r", stored.offset, stored.shape)
        except (OSError, ValueError) as cause:
            raise ExtractionError(stored.path, "the file ends before its pixels do") from cause

    @abstractmethod
    def _rows(self, half: NDArray[Any], rows: NDArray[np.intp]) -> NDArray[Any]:
        """Fill in whole rows."""


class NewHalfPlane(HalfPlane):
    """Types 27 and 28: each row holds its right half, from the middle outwards."""

    __slots__ = ()

    @property
    @override
    def shape(self) -> tuple[int, ...]:
        rows, columns = self.stored.shape
        return rows, 2 * (columns - 1)

    @override
    def _rows(self, half: NDArray[Any], rows: NDArray[np.intp]) -> NDArray[Any]:
        stored = half[rows]
        return np.hstack((stored[:, ::-1], stored[:, 1:-1].conj()))


class OldHalfPlane(HalfPlane):
    """Type 5: the right half of a square; two numbers of its first column hold two real ones each."""

    __slots__ = ()

    @property
    @override
    def shape(self) -> tuple[int, ...]:
        return self.stored.shape[0], self.stored.shape[0]

    @override
    def _rows(self, half: NDArray[Any], rows: NDArray[np.intp]) -> NDArray[Any]:
        size, middle = half.shape
        whole = np.empty((len(rows), size), half.dtype)
        whole[:, middle:] = half[rows]
        whole[:, 1:middle] = half[-rows % size, :0:-1].conj()
        whole[:, 0] = self._edge(half[:middle, 0])[rows]
        whole[:, middle] = self._edge(half[middle:, 0])[rows]
        return whole

    @staticmethod
    def _edge(lower: NDArray[Any]) -> NDArray[Any]:
        """Make a whole column of its lower half, whose first number holds two real ones."""
        return np.concatenate(([lower[0].imag], lower[:0:-1].conj(), [lower[0].real], lower[1:]))
