"""Counts that lie in a file as the events they are: place and channel of each, in the order in which they came.

A spectrum image of events is never unfolded whole: most of its channels are empty, so that the counts of a few
megabytes would fill gigabytes. What a picture needs is added up in one pass over the events.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Events = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Places, counted row by row, and channels of some events, of one length."""

_BLOCK_BYTES = 32 << 20
_ALL = slice(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventData:
    """A spectrum image as its events.

    Attributes
    ----------
    shape
        Rows, columns, channels.
    events
        Reads all events from the file, piece by piece; each lies within ``shape``.
    """

    shape: tuple[int, int, int]
    events: Callable[[], Iterator[Events]]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one number."""
        return np.dtype(np.uint32)

    def sums(self, channels: slice = _ALL) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the counts of each place in ``channels``, shape ``(rows, columns)``, and of every channel."""
        rows, columns, length = self.shape
        first, last, _ = channels.indices(length)
        places, spectrum = np.zeros(rows * columns, np.int64), np.zeros(length, np.int64)
        for place, channel in self.events():
            spectrum += np.bincount(channel, minlength=length)
            meant = place if (first, last) == (0, length) else place[(channel >= first) & (channel < last)]
            places += np.bincount(meant, minlength=len(places))
        return places.reshape(rows, columns).astype(np.float64), spectrum.astype(np.float64)

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis, with one pass over the events for each."""
        shape = self.shape[len(index) :]
        start = int(np.ravel_multi_index((*index, *[0] * len(shape)), self.shape))
        row = math.prod(shape[1:])
        step = max(1, _BLOCK_BYTES // (row * self.dtype.itemsize) // rows) * rows
        for first in range(0, shape[0], step):
            count = min(step, shape[0] - first)
            yield self._unfolded(start + first * row, count * row).reshape(count, *shape[1:])

    def _unfolded(self, first: int, size: int) -> NDArray[np.uint32]:
        """Count the events of a stretch of the whole array."""
        counts = np.zeros(size, np.uint32)
        for place, channel in self.events():
            where = place * self.shape[-1] + channel - first
            np.add.at(counts, where[(where >= 0) & (where < size)], 1)
        return counts
