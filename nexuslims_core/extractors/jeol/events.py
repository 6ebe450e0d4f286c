"""The X-rays of a JEOL ``.pts`` file in the order in which they came.

16-bit words whose upper four bits say what they are: the place along a row (8), the row (9), the signal of an imaging
detector (A), the channel of an X-ray (B). Places run to 4096, whatever the size of the map; a row that is above the
last one begins a new frame. The layout is RosettaSciIO's, as is that a frame which was not ended does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.events import Events
from nexuslims_core.errors import ExtractionError

CHANNELS = 4096
PLACES = 4096
"""How finely a row and the rows are counted."""

_ALONG, _ROW, _IMAGE, _X_RAY = 0x8000, 0x9000, 0xA000, 0xB000
_WORDS_AT_ONCE = 1 << 21


@dataclass(frozen=True, slots=True, kw_only=True)
class PtsStream:
    """Where the words lie, and the size of the map.

    Attributes
    ----------
    offset, size
        Of the words in the file, in bytes.
    """

    path: Path
    offset: int
    size: int
    rows: int
    columns: int

    def events(self) -> Iterator[Events]:
        """Yield the X-rays of all frames, piece by piece.

        Raises
        ------
        ExtractionError
            If the file cannot be read.
        """
        along = row = 0
        for words in self._words(self._last_whole()):
            kinds, values = words & 0xF000, (words & 0x0FFF).astype(np.int64)
            xs, ys = _held(kinds == _ALONG, values, along), _held(kinds == _ROW, values, row)
            along, row = int(xs[-1]), int(ys[-1])
            x_rays = kinds == _X_RAY
            x, y = xs[x_rays] * self.columns // PLACES, ys[x_rays] * self.rows // PLACES
            yield y * self.columns + x, values[x_rays]

    def _last_whole(self) -> int:
        """Return how many words belong to frames that were ended; all, if there is only one."""
        begun = first = row = along = 0
        images = False
        for words in self._words(self.size // 2):
            kinds, values = words & 0xF000, words & 0x0FFF
            where = np.flatnonzero(kinds == _ROW)
            rows = np.concatenate(([row], values[where])).astype(np.int64)
            new = np.flatnonzero(np.diff(rows) < 0)
            begun = first + int(where[new[-1]]) if len(new) else begun
            places = values[kinds == _ALONG]
            row, along = int(rows[-1]), int(places[-1]) if len(places) else along
            images = images or bool((kinds == _IMAGE).any())
            first += len(words)
        ended = row >= PLACES - PLACES // self.rows and (along >= PLACES - PLACES // self.columns or not images)
        return first if ended or not begun else begun

    def _words(self, most: int) -> Iterator[NDArray[np.uint16]]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                while most > 0:
                    raw = file.read(2 * min(most, _WORDS_AT_ONCE))
                    words = np.frombuffer(raw[: len(raw) // 2 * 2], "<u2")
                    if not len(words):
                        return
                    most -= len(words)
                    yield words
        except OSError as error:
            raise ExtractionError(self.path, f"cannot be read ({error.strerror or error})") from error


def _held(changes: NDArray[np.bool_], values: NDArray[np.int64], before: int) -> NDArray[np.int64]:
    """Return, for each word, the last value that was set up to it."""
    last = np.maximum.accumulate(np.where(changes, np.arange(len(values)), -1))
    return np.where(last < 0, before, values[last])
