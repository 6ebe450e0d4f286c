"""A third home of a signal's numbers: images of one size, each behind its own header, in one file or in several."""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import BLOCK_BYTES
from nexuslims_core.errors import ExtractionError

Unpack = Callable[[NDArray[np.uint8]], NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Images that follow each other in one file.

    Attributes
    ----------
    offset
        Where the first number of the first image lies, in bytes from the start of the file.
    count
        How many images there are.
    """

    path: Path
    offset: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameData:
    """Images that are read one by one, or by rows.

    Attributes
    ----------
    runs
        Where they lie, in order.
    stride
        Bytes from one image to the next in a file, with what lies between them.
    outer
        Length of the axes that the images were repeated over, slow to fast; empty for a single image.
    frame
        Rows and columns of one image.
    upwards
        Whether the file holds the lowest row first; it is handed on last.
    packed_bytes, unpack
        For numbers that are not stored as such: bytes of one image, and what makes its rows and columns of them.
    """

    runs: tuple[Run, ...]
    stride: int
    outer: tuple[int, ...]
    frame: tuple[int, int]
    dtype: np.dtype[Any]
    upwards: bool = False
    packed_bytes: int = 0
    unpack: Unpack | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, slow to fast."""
        return (*self.outer, *self.frame)

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If a file ends before its images do.
        """
        depth = len(self.outer)
        if len(index) < depth:
            yield from self._images(index, rows)
            return
        number = int(np.ravel_multi_index(index[:depth], self.outer)) if depth else 0
        if len(index) > depth:
            yield np.atleast_1d(self._rows(number, 0, self.frame[0])[index[depth:]])
            return
        step = self._step(self.dtype.itemsize * self.frame[1], rows) if self.unpack is None else self.frame[0]
        for first in range(0, self.frame[0], step):
            yield self._rows(number, first, min(step, self.frame[0] - first))

    def _images(self, index: tuple[int, ...], rows: int) -> Iterator[NDArray[Any]]:
        inner = self.outer[len(index) + 1 :]
        each = math.prod(inner)
        before = int(np.ravel_multi_index((*index, 0, *[0] * len(inner)), self.outer))
        length = self.outer[len(index)]
        step = self._step(self.dtype.itemsize * math.prod(self.frame) * each, rows)
        for first in range(0, length, step):
            count = min(step, length - first)
            numbers = range(before + first * each, before + (first + count) * each)
            whole = np.stack([self._rows(number, 0, self.frame[0]) for number in numbers])
            yield whole.reshape(count, *inner, *self.frame)

    @staticmethod
    def _step(row_bytes: int, rows: int) -> int:
        return max(1, BLOCK_BYTES // max(1, row_bytes) // rows) * rows

    def _rows(self, number: int, first: int, count: int) -> NDArray[Any]:
        path, start = self._place(number)
        if self.unpack is not None:
            whole = self.unpack(np.frombuffer(_read(path, start, self.packed_bytes), np.uint8))
            return (whole[::-1] if self.upwards else whole)[first : first + count]
        lowest = self.frame[0] - first - count if self.upwards else first
        row_bytes = self.dtype.itemsize * self.frame[1]
        content = _read(path, start + lowest * row_bytes, count * row_bytes)
        piece = np.frombuffer(content, self.dtype).reshape(count, self.frame[1])
        return piece[::-1] if self.upwards else piece

    def _place(self, number: int) -> tuple[Path, int]:
        for run in self.runs:
            if number < run.count:
                return run.path, run.offset + number * self.stride
            number -= run.count
        raise IndexError(f"image {number} after the last")


def _read(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        content = os.pread(file.fileno(), length, offset)
    if len(content) < length:
        raise ExtractionError(path, f"the file ends {length - len(content)} bytes before its data does")
    return content
