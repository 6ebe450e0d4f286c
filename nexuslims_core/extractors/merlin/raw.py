"""Raw images of Merlin detectors, as the chips send them: pixels in words of 64 bits that are written backwards.

A pixel takes 1 bit, or 8, 16 or twice 16 of them, for counters of 1, 6, 12 and 24 bits; of 24 bits the higher half of
the whole image comes first. Of four chips two by two, the file has them side by side, the last first; those of the
lower row stand on their heads. Worked out from LiberTEM's decoders, and written anew.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.extractors.merlin.header import FrameHeader


def unpacker(header: FrameHeader) -> Callable[[NDArray[np.uint8]], NDArray[Any]] | None:
    """Return what makes an image of its bytes; None for arrangements of chips or counters that are not known."""
    single = header.chips == 1 and header.arrangement == "1x1"
    quad = header.chips == 4 and header.arrangement == "2x2" and header.columns % 4 == 0
    if header.depth not in {1, 6, 12, 24} or header.columns % 64 or not (single or quad):
        return None
    return partial(_image, header, quad)


def _image(header: FrameHeader, quad: bool, packed: NDArray[np.uint8]) -> NDArray[Any]:  # noqa: FBT001 - for partial
    side_by_side = _pixels(header.depth, packed).reshape(header.rows, header.columns)
    return _assembled(side_by_side) if quad else side_by_side


def _pixels(depth: int, packed: NDArray[np.uint8]) -> NDArray[Any]:
    if depth == 24:
        higher, lower = packed.reshape(2, -1)
        both: NDArray[Any] = (_pixels(12, higher).astype(np.uint32) << 12) + _pixels(12, lower)
        return both
    words = packed.reshape(-1, 8)
    if depth == 1:
        bits: NDArray[Any] = np.unpackbits(words[:, ::-1], axis=1, bitorder="little")
        return bits.reshape(-1)
    if depth == 6:
        return words[:, ::-1].reshape(-1)
    return words.view(">u2")[:, ::-1].reshape(-1).astype(np.uint16)


def _assembled(side_by_side: NDArray[Any]) -> NDArray[Any]:
    fourth, third, second, first = np.hsplit(side_by_side, 4)
    assembled: NDArray[Any] = np.block([[first, second], [third[::-1, ::-1], fourth[::-1, ::-1]]])
    return assembled
