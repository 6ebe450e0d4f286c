"""What is not drawn, and why: each reason is a sentence that the placeholder shows instead of the picture.

A preview never holds a signal whole. What it may read at all is bounded too, since a file may claim any shape:
:data:`LARGEST_READ_BYTES` for one picture, :data:`LONGEST_ROW_BYTES` for the row that is the smallest piece.
"""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from numpy.typing import NDArray

from nexuslims_core.datasets.signals import SignalData
from nexuslims_core.errors import ExtractionError, NexusLimsError

LARGEST_READ_BYTES = 4 << 30
"""Bytes that are read for one picture at most: a minute from a slow file server."""

LONGEST_ROW_BYTES = 32 << 20
"""Bytes of one row of an image at most."""

LARGEST_MAP = 1 << 22
"""Places of a spectrum image, and channels of its spectra, at most."""

_DRAWABLE = "biufc"
_Read = TypeVar("_Read")


class CannotDrawError(NexusLimsError):
    """There is no picture of this signal; the text says why."""


def drawable(data: SignalData | None) -> SignalData:
    """Return the data of a signal if its numbers are of a kind that can be drawn.

    Raises
    ------
    CannotDrawError
        If there are no numbers, or they are text, dates, records or objects.
    """
    if data is None:
        raise CannotDrawError("The file holds no numbers that could be drawn.")
    if data.dtype.kind not in _DRAWABLE:
        raise CannotDrawError("Its numbers are of a type that cannot be drawn.")
    if not data.shape:
        raise CannotDrawError("It is a single number.")
    if 0 in data.shape:
        raise CannotDrawError("It is empty: an axis has no points.")
    return data


def within_reason(data: SignalData, count: int) -> None:
    """Make sure that ``count`` numbers are not too many to read for a picture.

    Raises
    ------
    CannotDrawError
        If they are.
    """
    needed = count * data.dtype.itemsize
    if needed > LARGEST_READ_BYTES:
        raise CannotDrawError(
            f"Its picture would need {needed / (1 << 30):,.1f} GiB to be read; "
            f"at most {LARGEST_READ_BYTES >> 30} GiB are read for one."
        )


def pieces(data: SignalData, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
    """Yield ``data[index]`` piece by piece.

    Raises
    ------
    CannotDrawError
        If the numbers cannot be read, for instance because the file ends early.
    """
    row_bytes = data.dtype.itemsize * math.prod(data.shape[len(index) + 1 :])
    if row_bytes > LONGEST_ROW_BYTES:
        raise CannotDrawError(
            f"One row of it has {row_bytes >> 20:,} MiB; at most {LONGEST_ROW_BYTES >> 20} MiB are read."
        )
    with _said_plainly():
        yield from data.blocks(index, rows=rows)


def readable(read: Callable[[], _Read]) -> _Read:
    """Return what ``read`` returns.

    Raises
    ------
    CannotDrawError
        If the numbers cannot be read.
    """
    with _said_plainly():
        return read()


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except ExtractionError as error:
        reason = error.reason.replace(f"{error.path.parent}{os.sep}", "")  # where files lie is nobody's business
        raise CannotDrawError(f"{reason[:1].upper()}{reason[1:]}.") from error
    except OSError as error:
        raise CannotDrawError(f"Its file cannot be read: {error.strerror or error}.") from error
    except MemoryError as error:
        raise CannotDrawError("Reading its numbers needs more memory than is allowed.") from error
