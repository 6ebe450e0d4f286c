"""Two homes of a signal's numbers: an array that a reader made, and a stretch of bytes in a file."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.errors import ExtractionError

BLOCK_BYTES = 1 << 20
"""Bytes of one piece: large enough that a read pays, small enough that no stack fills the memory."""


def _rows_a_block(row_bytes: int, rows: int) -> int:
    return max(1, BLOCK_BYTES // max(1, row_bytes) // rows) * rows


@dataclass(frozen=True, slots=True)
class ArrayData:
    """An array in memory, or one that computes its slices when asked (dask, h5py, memmap)."""

    array: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, slow to fast."""
        return tuple(self.array.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one number."""
        dtype: np.dtype[Any] = np.dtype(self.array.dtype)
        return dtype

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``array[index]`` piece by piece along its first axis; of a dask array each chunk is computed once."""
        part = self.array[index] if index else self.array
        shape = part.shape or (1,)
        step = _rows_a_block(self.dtype.itemsize * math.prod(shape[1:]), rows)
        held = np.empty((0, *shape[1:]), self.dtype)
        for slab in _slabs(part if part.shape else np.reshape(part, 1), step):
            held = np.concatenate((held, slab)) if len(held) else slab
            whole = len(held) // rows * rows
            for first in range(0, whole, step):
                yield held[first : min(first + step, whole)]
            held = held[whole:]
        if len(held):
            yield held


def _slabs(part: Any, step: int) -> Iterator[NDArray[Any]]:  # noqa: ANN401 - whatever slices like an array
    """Yield a part of an array in stretches of its first axis: dask's own chunks, else ``step`` rows each."""
    chunks = getattr(part, "chunks", None)
    lengths = [step] * -(-part.shape[0] // step)
    if chunks and isinstance(chunks[0], tuple):  # h5py's chunks are plain lengths
        lengths = list(chunks[0])
    first = 0
    for length in lengths:
        yield np.asarray(part[first : first + length])
        first += length


@dataclass(frozen=True, slots=True, kw_only=True)
class FileData:
    """Numbers that lie uncompressed in a file, read piece by piece.

    Attributes
    ----------
    offset
        Where the first number lies, in bytes from the start of the file.
    """

    path: Path
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis; a piece is valid until the next is asked for.

        Raises
        ------
        ExtractionError
            If the file ends before the data does.
        """
        shape = self.shape[len(index) :]
        if 0 in shape:
            return
        row_bytes = self.dtype.itemsize * math.prod(shape[1:])
        step = min(shape[0], _rows_a_block(row_bytes, rows))
        start = self.offset + int(np.ravel_multi_index((*index, *[0] * len(shape)), self.shape)) * self.dtype.itemsize
        buffer = np.empty((step, *shape[1:]), self.dtype)
        handle = os.open(self.path, os.O_RDONLY)
        try:
            for first in range(0, shape[0], step):
                piece = buffer[: min(step, shape[0] - first)]
                self._fill(handle, piece, start + first * row_bytes)
                yield piece
        finally:
            os.close(handle)

    def _fill(self, handle: int, piece: NDArray[Any], offset: int) -> None:
        view, got = piece.reshape(-1).view(np.uint8).data, 0
        while got < len(view):
            read = os.preadv(handle, [view[got:]], offset + got)
            if read == 0:
                raise ExtractionError(self.path, f"the file ends {len(view) - got} bytes before its data does")
            got += read
