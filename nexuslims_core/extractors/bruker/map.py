"""The spectrum image of a Bruker ``.bcf`` file, added up without being unfolded whole.

RosettaSciIO unpacks all spectra of a map at once, gigabytes for a large one. It can add up those of neighbouring places
while it does, so that a picture takes a bounded amount of memory at the price of a coarser map.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said
from nexuslims_core.extractors.rosetta.signals import ForeignData

MOST_BYTES = 192 << 20
"""Bytes that the spectra of a picture may fill."""

_BYTES_OF_A_SUM = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BrukerMap:
    """One map of a file.

    Attributes
    ----------
    whole
        All its spectra, unpacked when they are asked for.
    number
        Of the map in the file.
    """

    path: Path
    whole: ForeignData
    number: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, columns, channels."""
        return self.whole.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one number."""
        return self.whole.dtype

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If the file is damaged.
        """
        return self.whole.blocks(index, rows=rows)

    def sums(self, channels: slice = slice(None)) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the counts of each place in ``channels``, and of every channel.

        Raises
        ------
        ExtractionError
            If the file is damaged.
        """
        together = self.places_together()
        spectra = self._unpacked(together)
        spectrum = spectra.sum((0, 1), dtype=np.float64)
        places = np.array([row[:, channels].sum(1, dtype=np.float64) for row in spectra])
        return _spread(places, together, self.shape), spectrum

    def places_together(self) -> int:
        """Return how many rows and columns of places are added up so that all fit into memory."""
        rows, columns, length = self.shape
        if rows * columns * length * self.dtype.itemsize <= MOST_BYTES:
            return 1
        together = 2
        while -(-rows // together) * -(-columns // together) * length * _BYTES_OF_A_SUM > MOST_BYTES:
            together += 1
        return together

    def _unpacked(self, together: int) -> NDArray[Any]:
        read = import_module("rsciio.bruker").file_reader
        try:
            (answer,) = read(str(self.path), select_type="spectrum_image", index=self.number, downsample=together)
        except FOREIGN_FAULTS as error:
            raise ExtractionError(self.path, f"its numbers cannot be read ({said(error)})") from error
        spectra: NDArray[Any] = answer["data"]
        return spectra


def _spread(places: NDArray[np.float64], together: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return sums of several places as what each of these has on average."""
    if together == 1:
        return places
    for axis, length in enumerate(shape[:2]):
        each = np.diff(np.append(np.arange(0, length, together), length))
        places = places / np.expand_dims(each, 1 - axis)
        places = np.repeat(places, each, axis)
    return places
