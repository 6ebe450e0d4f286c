"""What clocks do to times: they tick, two files fall on one tick, and some are years wrong."""

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities.moments import Moments, Places, Times, piece_sizes

TICKS_S = (60.0, 30.0, 10.0, 5.0, 2.0, 1.0, 0.1, 0.01, 0.001)
COARSEST_WITHOUT_TIES_S = 2.0
FINEST_S = 1e-6
AGREEING, MOST_PARTS = 5, 4
STRAY = 50.0
FEW, STRAY_SHARE = 2, 10


def tick_of(moments: Moments) -> float:
    """Return the step of the clock, in seconds: the largest usual one that divides all pauses, or an odd one.

    A step above two seconds, FAT's, is believed only where files share a time; else it is a series that keeps it.
    Pauses are compared, not times, so that a shifted clock is the same clock.
    """
    finest = max(FINEST_S, 2 * moments.precision_s)
    shared = bool((moments.counts > 1).any())
    for tick in TICKS_S:
        if (shared or tick <= COARSEST_WITHOUT_TIES_S) and tick > finest and _divides(tick, moments.times_s, finest):
            return tick
    return (_odd_step(moments, finest) if shared else None) or finest


def _odd_step(moments: Moments, finest: float) -> float | None:
    """Return the step of a clock with a step of its own, such as 1/64 s: one that many lengths of pauses agree on."""
    gaps = moments.gaps_s
    for parts in range(1, MOST_PARTS + 1):
        multiples = np.rint(gaps / (gaps.min() / parts))
        step = float(gaps.sum() / multiples.sum())
        if step > finest and len(np.unique(multiples)) >= AGREEING and _divides(step, moments.times_s, finest):
            return step
    return None


def _divides(step_s: float, times_s: Times, finest: float) -> bool:
    return bool((np.abs(times_s - np.rint(times_s / step_s) * step_s) < finest).all())


def gaps_between_files(moments: Moments, tick_s: float) -> tuple[Times, Places]:
    """Return the pauses that are compared, and between which moments each lies (-1: files at one moment).

    Files at one time count as one file, unless most files share theirs: then the clock was too slow to tell them
    apart, and they are one tick apart.
    """
    gaps, places = moments.gaps_s, np.arange(len(moments.counts) - 1)
    if 2 * moments.counts[moments.counts > 1].sum() <= moments.counts.sum():
        return gaps, places
    files = np.repeat(np.arange(len(moments.counts)), moments.counts)
    apart = np.diff(files) > 0
    spread, of = np.full(len(apart), tick_s), np.full(len(apart), -1)
    spread[apart], of[apart] = np.maximum(gaps, tick_s), places
    return spread, of


def strays(moments: Moments) -> NDArray[np.bool_]:
    """Return which pauses only set single files of a wrong clock aside, shape ``(n - 1,)``.

    Such a pause is fifty times longer than all that is shorter together, and all but one of the pieces that these
    pauses leave are single moments, few beside the rest.
    """
    gaps = moments.gaps_s
    none = np.zeros(len(gaps), dtype=bool)
    ordered = np.sort(gaps)
    voids = np.flatnonzero(ordered[1:] >= STRAY * np.cumsum(ordered)[:-1])
    for j in voids[voids > 0]:
        wide: NDArray[np.bool_] = gaps > ordered[j]
        if wide.sum() <= max(FEW, len(gaps) // STRAY_SHARE) and (piece_sizes(wide) > 1).sum() == 1:
            return wide
    return none


def main_piece(apart: NDArray[np.bool_]) -> tuple[int, int]:
    """Return where the moments that are no strays begin and end, as a slice."""
    edges = np.flatnonzero(np.concatenate(([True], apart, [True])))
    largest = int(np.argmax(np.diff(edges)))
    return int(edges[largest]), int(edges[largest + 1])
