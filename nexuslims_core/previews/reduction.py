"""Large arrays made small enough to show: block means of images, sums of spectra, one bounded pass each.

Means and never strides: a stride turns a lattice that is too fine to see into one that is not there. Numbers that are
not finite are left out of a mean; where a block has none that is, the result is NaN.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.signals import SignalData, SummedData
from nexuslims_core.previews.limits import LARGEST_MAP, CannotDrawError, pieces, readable, within_reason

Floats = NDArray[np.float64]

_BLOCK_BYTES = 8 << 20
_LARGEST_PIECE = 1 << 20
_ALL = slice(None)


def real(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return the amplitude of complex numbers, and others as they are."""
    return np.abs(numbers) if numbers.dtype.kind == "c" else numbers


def block_mean(data: SignalData, index: tuple[int, ...], height: int, width: int, *, logarithm: bool = True) -> Floats:
    """Return the image ``data[index]`` averaged over blocks of pixels.

    Blocks at the right and lower edge that are not full are left out.

    Parameters
    ----------
    index
        Which image of a stack; empty for a single one.
    height, width
        Rows and columns that the result should have; it has up to twice as many, or as many as there are.
    logarithm
        Whether of complex numbers the logarithm of the amplitude is averaged, as one looks at Fourier transforms, or
        the amplitude.

    Returns
    -------
    means
        Shape ``(rows, columns)``, or ``(rows, columns, colours)`` where the data has colours.
    """
    rows, columns, *colours = data.shape[len(index) :]
    row_bytes = data.dtype.itemsize * columns * max([1, *colours])
    down = max(1, min(rows // height, _BLOCK_BYTES // row_bytes))
    across = max(1, columns // width)
    means = np.full((rows // down, columns // across, *colours), np.nan)
    first = 0
    for piece in pieces(data, index, rows=down):
        count = len(piece) // down
        if not count:
            break
        shown = piece[: count * down, : means.shape[1] * across]
        means[first : first + count] = _means(_plain(shown, logarithm=logarithm), down, across)
        first += count
    return means


def shrunk(image: Floats, height: int, width: int) -> Floats:
    """Return an image in memory averaged over blocks, as :func:`block_mean` does with one that is not."""
    return block_mean(ArrayData(image), (), height, width)


def _plain(numbers: NDArray[Any], *, logarithm: bool) -> NDArray[Any]:
    return np.log1p(np.abs(numbers)) if numbers.dtype.kind == "c" and logarithm else real(numbers)


def _means(numbers: NDArray[Any], down: int, across: int) -> NDArray[Any]:
    if numbers.dtype.kind == "f":
        finite = np.isfinite(numbers)
        if not finite.all():
            total = _block_sums(np.where(finite, numbers, 0), down, across)
            total /= _block_sums(finite, down, across)  # 0 / 0 where a block has none: NaN
            return total
    return _block_sums(numbers, down, across) / (down * across)


def _block_sums(numbers: NDArray[Any], down: int, across: int) -> NDArray[Any]:
    exact = numbers.dtype.itemsize <= 2  # sums of 16-bit numbers keep enough digits in 32-bit floats
    kind = np.float32 if exact else np.float64
    rows: NDArray[Any] = numbers[::down].astype(kind)
    for row in range(1, down):
        rows += numbers[row::down]
    blocks = rows[:, ::across].copy()
    for column in range(1, across):  # eight times as fast as a sum over the axis of a reshaped array
        blocks += rows[:, column::across]
    return blocks


def envelope(data: SignalData, most: int) -> tuple[Floats, Floats, int]:
    """Return the lowest and highest number of each stretch of a spectrum, so that no peak is lost.

    Parameters
    ----------
    most
        Stretches to cut the spectrum into, at most.

    Returns
    -------
    lowest, highest
        One number a stretch, NaN where none is finite.
    stretch
        Channels in each; 1 where both are the spectrum itself.
    """
    within_reason(data, data.shape[0])
    stretch = -(-data.shape[0] // most)
    ends = [_ends(piece, stretch) for piece in pieces(data, rows=stretch)]
    lowest, highest = (np.concatenate(side) for side in zip(*ends, strict=True))
    return lowest, highest, stretch


def _ends(piece: NDArray[Any], stretch: int) -> tuple[Floats, Floats]:
    numbers = real(piece).astype(np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    firsts = np.arange(0, len(numbers), stretch)
    return np.fmin.reduceat(numbers, firsts), np.fmax.reduceat(numbers, firsts)


def sums(data: SignalData, axis: int, channels: slice = _ALL) -> tuple[Floats, Floats]:
    """Add up a spectrum image in one pass, once along the spectra and once over all places.

    Parameters
    ----------
    axis
        Which axis of the data runs along the spectra.
    channels
        Which of its channels the places are added up over.

    Returns
    -------
    places
        The sum of each spectrum over ``channels``, in the shape of the data without ``axis``.
    spectrum
        The sum of all spectra. Numbers that are not finite count as 0 in both.
    """
    shape = data.shape
    count = int(np.prod(shape, dtype=object))
    added_up_there = isinstance(data, SummedData) and axis == len(shape) - 1
    if not added_up_there:
        within_reason(data, count)
    if max(count // shape[axis], shape[axis]) > LARGEST_MAP:
        raise CannotDrawError(
            f"It has {count // shape[axis]:,} spectra of {shape[axis]:,} channels, too many for a picture."
        )
    if isinstance(data, SummedData) and added_up_there:
        return readable(lambda: data.sums(channels))
    places = np.zeros([1 if i == axis else length for i, length in enumerate(shape)])
    spectrum = np.zeros(shape[axis])
    depth = _depth(shape)
    for index in np.ndindex(shape[:depth]):
        first = 0
        for piece in pieces(data, index):
            where = (*(slice(i, i + 1) for i in index), slice(first, first + len(piece)))
            _add(piece.reshape((1,) * depth + piece.shape), axis, where, (places, spectrum), channels)
            first += len(piece)
    return places.squeeze(axis), spectrum


def _depth(shape: tuple[int, ...]) -> int:
    """Return how many axes to go down so that one row of what is left is a small piece."""
    return next(depth for depth in range(len(shape)) if np.prod(shape[depth + 1 :], dtype=object) <= _LARGEST_PIECE)


def _add(
    piece: NDArray[Any], axis: int, where: tuple[slice, ...], into: tuple[Floats, Floats], channels: slice
) -> None:
    numbers = real(piece)
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        numbers = np.where(np.isfinite(numbers), numbers, 0)
    places, spectrum = into
    region = [slice(None) if i == axis else part for i, part in enumerate(where)]
    others = tuple(i for i in range(numbers.ndim) if i != axis)
    held = where[axis] if axis < len(where) else _ALL
    spectrum[held] += numbers.sum(others, dtype=np.float64)
    first, last, _ = channels.indices(len(spectrum))
    begun = held.start or 0
    counted = [slice(max(0, first - begun), max(0, last - begun)) if i == axis else _ALL for i in range(numbers.ndim)]
    places[tuple(region)] += numbers[tuple(counted)].sum(axis, dtype=np.float64, keepdims=True)
