"""Numbers to grey levels: the darkest and brightest half percent are cut off, so hot pixels do not darken the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.previews.reduction import Floats

_PERCENTILES = (0.5, 99.5)
_MIDDLE = 128
_ROUNDING = 1e-12


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
    """

    levels: NDArray[np.uint8]
    shown: NDArray[np.uint8] | None = None
    black: float | None = None
    white: float | None = None


def stretch(numbers: Floats) -> Grey:
    """Return numbers as grey levels; a constant image is of a middle grey."""
    finite = np.isfinite(numbers)
    whole = bool(finite.all())
    seen = numbers if whole else numbers[finite]
    if not seen.size:
        return Grey(levels=np.zeros(numbers.shape, np.uint8), shown=np.zeros(numbers.shape, np.uint8))
    low, high = _ends(seen)
    shown = None if whole else np.where(finite, np.uint8(255), np.uint8(0))
    return Grey(
        levels=_levels(numbers if whole else np.where(finite, numbers, low), low, high),
        shown=shown,
        black=low,
        white=high,
    )


def _ends(seen: Floats) -> tuple[float, float]:
    low, high = map(float, np.percentile(seen, _PERCENTILES))
    if not _differ(low, high):  # a few bright points on nothing: percentiles would cut them off
        low, high = float(seen.min()), float(seen.max())
    return (low, high) if _differ(low, high) else (low, low)


def _differ(low: float, high: float) -> bool:
    return high / 2 - low / 2 > _ROUNDING * max(abs(low), abs(high)) / 2


def _levels(numbers: Floats, low: float, high: float) -> NDArray[np.uint8]:
    if low == high:
        return np.full(numbers.shape, _MIDDLE, np.uint8)
    halves = np.clip(numbers, low, high) / 2 - low / 2  # halves, since the range of floats may not hold the difference
    return (halves * (255 / (high / 2 - low / 2))).astype(np.uint8)


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
