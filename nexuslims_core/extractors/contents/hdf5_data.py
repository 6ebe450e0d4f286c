"""Numbers in an HDF5 file, read piece by piece when they are asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.claimed_size import check_claim
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said

_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@contextmanager
def opened(path: Path, fault: str = "its numbers cannot be read") -> Iterator[Any]:
    """Open a file; what HDF5 says of a damaged one becomes an :class:`ExtractionError` that begins with ``fault``."""
    import h5py  # type: ignore[import-untyped]  # has no types; a third of a second that other files need not pay

    try:
        with h5py.File(path, "r") as file:
            yield file
    except FOREIGN_FAULTS as error:
        raise ExtractionError(path, f"{fault} ({said(error)})") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdf5Data:
    """One data set, opened anew for each stretch.

    Attributes
    ----------
    place
        Its name in the file.
    shape
        That of the data set, or another with as many numbers, which are then read whole.
    """

    path: Path
    place: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If the numbers cannot be read.
        """
        with opened(self.path) as file:
            found = file[self.place]
            array = found if found.shape == self.shape else np.reshape(found[()], self.shape)
            yield from ArrayData(array).blocks(index, rows=rows)


def is_hdf5(head: bytes) -> bool:
    """Tell whether a file begins as an HDF5 file does."""
    return head.startswith(_SIGNATURE)


def hdf5_data(source: Source, found: Any, shape: tuple[int, ...]) -> Hdf5Data:  # noqa: ANN401 - has no types
    """Return the numbers of a data set.

    Raises
    ------
    ExtractionError
        If the data set claims more than its file can hold.
    """
    check_claim(source, shape, found.dtype)
    return Hdf5Data(path=source.path, place=found.name, shape=shape, dtype=found.dtype)
