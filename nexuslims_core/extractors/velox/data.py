"""Numbers in a Velox file, which are read when they are asked for: images, spectra, streams of X-ray counts.

Velox keeps images as ``(y, x, frame)``, spectra as ``(channel, number)``, and a spectrum image as the stream that each
of its detectors sent: a 16-bit channel for every count, and 65535 where the beam moved on to the next place. The packed
copy of a spectrum image that Velox itself works with (``SpectrumImage``) has no known layout.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import BLOCK_BYTES
from nexuslims_core.datasets.events import Events
from nexuslims_core.extractors.contents.hdf5_data import opened

MOST_VALUES = 1 << 29
"""Values of all streams of one file that are read for a picture: half a minute's work."""

_NEXT_PLACE = 65535
_VALUES_AT_ONCE = 1 << 21
_LARGEST_CHUNK = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class VeloxData:
    """Images or spectra of one data set, the last axis of the file first.

    Attributes
    ----------
    name
        Of the data set in the file.
    held
        Its shape in the file: ``(y, x, frames)`` or ``(channels, spectra)``.
    kept
        Type of a number in the file; two named fields are a complex number.
    single
        Whether only the first frame or spectrum is meant, so that the axis of them falls away.
    """

    path: Path
    name: str
    held: tuple[int, ...]
    kept: np.dtype[Any]
    single: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, slow to fast."""
        return self.held[:-1] if self.single else (self.held[-1], *self.held[:-1])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one number."""
        return np.dtype(np.complex64) if self.kept.names else self.kept

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If the file is damaged.
        """
        with opened(self.path) as file:
            held = file[self.name]
            if not self.single and not index:
                for frame in range(self.held[-1]):
                    yield self._plain(held[..., frame])[np.newaxis]
                return
            frame, inside = (0, index) if self.single else (index[0], index[1:])
            yield from self._pieces(held, inside, frame, rows)

    def _pieces(self, held: Any, inside: tuple[int, ...], frame: int, rows: int) -> Iterator[NDArray[Any]]:  # noqa: ANN401
        shape = self.held[:-1][len(inside) :]
        row_bytes = self.kept.itemsize * math.prod(shape[1:])
        step = max(1, BLOCK_BYTES // max(1, row_bytes))
        chunk = held.chunks[len(inside)] if held.chunks else 1
        if chunk * row_bytes <= _LARGEST_CHUNK:
            step = -(-step // chunk) * chunk  # a chunk is unpacked whole, so once
        step = -(-step // rows) * rows
        for first in range(0, shape[0], step):
            where = (*inside, slice(first, min(first + step, shape[0])), ..., frame)
            yield self._plain(held[where])

    def _plain(self, numbers: NDArray[Any]) -> NDArray[Any]:
        if not self.kept.names:
            return numbers
        real, imaginary = self.kept.names
        return np.asarray(numbers[real] + 1j * numbers[imaginary], np.complex64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The streams of all detectors of one spectrum image.

    Attributes
    ----------
    names
        Of the data sets in the file.
    places, channels
        How many places the beam visited in each frame, and channels of a spectrum.
    frames
        How many frames count; None for all.
    most
        Values of each stream that are read.
    """

    path: Path
    names: tuple[str, ...]
    places: int
    channels: int
    frames: int | None
    most: int

    def events(self) -> Iterator[Events]:
        """Yield the counts of all streams, piece by piece.

        Raises
        ------
        ExtractionError
            If the file is damaged.
        """
        with opened(self.path) as file:
            for name in self.names:
                yield from self._of_one(file[name])

    def _of_one(self, stream: Any) -> Iterator[Events]:  # noqa: ANN401 - a data set of h5py
        passed = 0
        end = None if self.frames is None else self.frames * self.places
        for first in range(0, min(len(stream), self.most), _VALUES_AT_ONCE):
            values = stream[first : min(first + _VALUES_AT_ONCE, self.most), 0]
            moves = values == _NEXT_PLACE
            place = passed + np.cumsum(moves)
            passed += int(np.count_nonzero(moves))
            counted = (values < self.channels) & ~moves
            if end is not None and passed >= end:
                counted &= place < end
            yield place[counted] % self.places, values[counted].astype(np.int64)
            if end is not None and passed >= end:
                return
