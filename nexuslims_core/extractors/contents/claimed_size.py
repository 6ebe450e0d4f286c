"""How many numbers a file may claim to hold: what is refused before memory is asked for."""

import math

import numpy as np

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source

BEST_COMPRESSION = 4096
"""No stretch of LZW, DEFLATE or PackBits decodes to more than this many times its length."""

SMALLEST_CLAIM = 64 << 20
"""Bytes that any file may claim whatever its length, since they fit into memory; some methods compress better."""


def check_claim(source: Source, shape: tuple[int, ...], dtype: np.dtype[np.generic] | None) -> None:
    """Refuse a signal that cannot be true; data may lie in companions, and a small claim does no harm.

    Parameters
    ----------
    dtype
        Type of one number; None if that is not known.

    Raises
    ------
    ExtractionError
        If it claims more numbers than its file can hold.
    """
    claimed = math.prod(shape) * (1 if dtype is None else dtype.itemsize)
    beside = sum(part.stat().st_size for part in source.file.parts if part.is_file())
    held = source.file.size + beside
    if claimed > max(SMALLEST_CLAIM, held * BEST_COMPRESSION):
        raise ExtractionError(source.path, f"claims {' × '.join(map(str, shape))} numbers and holds {held} bytes")
