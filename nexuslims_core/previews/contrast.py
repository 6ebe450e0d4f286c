"""Numbers to grey levels: the darkest and brightest half percent are cut off, so hot pixels do not darken the rest.

Diffraction patterns are shown in logarithms that begin where the pattern rises from its background, so that neither the
zero beam nor the noise hides the rest. The strip of text that scanning microscopes write below an image is left out of
its contrast.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.previews.reduction import Floats

_PERCENTILES = (0.5, 99.5)
_PERCENTILES_OF_LOG = (0.5, 99.95)
_SAMPLE = 16_000
_MIDDLE = 128
_ROUNDING = 1e-12
_DECADES = 1e-4  # of the range of a pattern: where its logarithm begins at the latest

_STRIP_OF_HEIGHT = 0.25
_SMALLEST_STRIP = 6
_OF_TEXT, _OF_PICTURE = 0.6, 0.25
_BESIDE_EDGE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Grey:
    """An image in 256 levels.

    Attributes
    ----------
    levels
        Shape ``(rows, columns)`` or ``(rows, columns, 3)``.
    shown
        255 where there is something to show, less where colours are transparent, 0 where no number is finite; None
        where everything is shown.
    black, white
        The numbers that the darkest and the brightest level stand for; None where levels are the numbers themselves.
    picture
        The share of the height, from the top, that is picture; below it is a strip of text.
    """

    levels: NDArray[np.uint8]
    shown: NDArray[np.uint8] | None = None
    black: float | None = None
    white: float | None = None
    picture: float = 1.0


def stretch(numbers: Floats) -> Grey:
    """Return numbers as grey levels; a constant image is of a middle grey."""
    return _stretched(numbers, numbers)


def stretch_above_strip(numbers: Floats) -> Grey:
    """Return an image of whole numbers as grey levels that suit what lies above a strip of text, if there is one."""
    rows = rows_of_picture(numbers)
    return replace(_stretched(numbers, numbers[:rows]), picture=rows / max(1, len(numbers)))


def stretch_by(numbers: Floats, guide: Floats) -> Grey:
    """Return numbers as grey levels that suit a part of them, such as the spectra without their noise peak."""
    return _stretched(numbers, guide)


def _stretched(numbers: Floats, guide: Floats) -> Grey:
    finite = np.isfinite(numbers)
    whole = bool(finite.all())
    seen = guide if whole else guide[np.isfinite(guide)]
    if not seen.size:
        return Grey(levels=np.zeros(numbers.shape, np.uint8), shown=np.zeros(numbers.shape, np.uint8))
    low, high = _ends(seen, _PERCENTILES)
    shown = None if whole else np.where(finite, np.uint8(255), np.uint8(0))
    return Grey(
        levels=_levels(numbers if whole else np.where(finite, numbers, low), low, high),
        shown=shown,
        black=low,
        white=high,
    )


def stretch_log(numbers: Floats, *, unit: float) -> Grey:
    """Return an image as the grey levels of logarithms.

    Parameters
    ----------
    unit
        One count; 0 where numbers are no counts. Differences of less do not matter.
    """
    finite = np.isfinite(numbers)
    whole = bool(finite.all())
    seen = numbers if whole else numbers[finite]
    if not seen.size:
        return stretch(numbers)
    low, high = _ends(seen, _PERCENTILES_OF_LOG)
    half = high / 2 - low / 2
    rise = max(float(np.median(_sample(seen))) / 2 - low / 2, half * _DECADES, unit / 2)
    if low == high or not rise > 0:
        return stretch(numbers)
    above = np.clip(numbers if whole else np.where(finite, numbers, low), low, high) / 2 - low / 2
    logs = np.log1p((above / rise).astype(np.float32))  # 0 to a few thousand, and four times as fast
    levels = np.minimum(logs * np.float32(255 / np.log1p(half / rise)), 255).astype(np.uint8)
    shown = None if whole else np.where(finite, np.uint8(255), np.uint8(0))
    return Grey(levels=levels, shown=shown, black=low, white=high)


def _ends(seen: Floats, percentiles: tuple[float, float]) -> tuple[float, float]:
    low, high = map(float, np.percentile(_sample(seen), percentiles, method="nearest"))
    if not _differ(low, high):  # a few bright points on nothing: percentiles would cut them off
        low, high = float(seen.min()), float(seen.max())
    return (low, high) if _differ(low, high) else (low, low)


def _sample(seen: Floats) -> Floats:
    """Return some ten thousand numbers that stand for all, from every column alike: sorting all of them is slow."""
    step = seen.size // _SAMPLE
    while step > 1 and math.gcd(step, seen.shape[-1]) > 1:
        step += 1
    return seen.ravel()[:: max(1, step)]


def _differ(low: float, high: float) -> bool:
    return high / 2 - low / 2 > _ROUNDING * max(abs(low), abs(high)) / 2


def _levels(numbers: Floats, low: float, high: float) -> NDArray[np.uint8]:
    if low == high:
        return np.full(numbers.shape, _MIDDLE, np.uint8)
    halves = np.clip(numbers, low, high) / 2 - low / 2  # halves, since the range of floats may not hold the difference
    return (halves * (255 / (high / 2 - low / 2))).astype(np.uint8)


def rows_of_picture(numbers: Floats) -> int:
    """Return how many rows of an image lie above a strip of text that its microscope has written below it.

    Such a strip has but two colours, the darkest and the brightest of the image, and the picture above seldom has
    either. Where that cannot be told, all rows are picture.
    """
    rows = len(numbers)
    first = rows - round(rows * _STRIP_OF_HEIGHT)
    if first < _BESIDE_EDGE or rows - first < _SMALLEST_STRIP:
        return rows
    tail = numbers[first - _BESIDE_EDGE :]
    flat = ((tail == numbers.min()) | (tail == numbers.max())).mean(1)
    total = np.concatenate(([0.0], np.cumsum(flat)))
    edges = np.arange(_BESIDE_EDGE, len(flat) - _SMALLEST_STRIP + 1)
    above = (total[edges] - total[edges - _BESIDE_EDGE]) / _BESIDE_EDGE
    below = (total[edges + 3] - total[edges]) / 3
    rest = (total[-1] - total[edges]) / (len(flat) - edges)
    begins = (above <= _OF_PICTURE) & (flat[edges] > _OF_PICTURE) & (below >= _OF_TEXT)
    fitting = edges[begins & (rest >= _OF_TEXT)]
    return first - _BESIDE_EDGE + int(fitting[0]) if len(fitting) else rows


def colours(numbers: Floats, dtype: np.dtype[np.generic]) -> Grey:
    """Return red, green, blue and possibly opacity, shape ``(rows, columns, 3 or 4)``, as levels.

    Bytes are levels already; other numbers are stretched, all colours alike. Opacity that is nought everywhere is not
    meant: some programs leave that byte unset.
    """
    opacity = numbers[..., 3] if numbers.shape[2] == 4 else None
    numbers = numbers[..., :3]
    if dtype == np.uint8:
        grey = Grey(levels=numbers.astype(np.uint8))
    else:
        grey = stretch(numbers)
        grey = Grey(levels=grey.levels, shown=None if grey.shown is None else grey.shown.min(2))
    if opacity is None or dtype != np.uint8 or not opacity.any():
        return grey
    return Grey(levels=grey.levels, shown=opacity.astype(np.uint8))
