"""The density of the logarithms of pauses: the histogram of the requirement's figure, panel (b), made smooth.

A burst and the pause after it differ by a factor, not by seconds: 0.1 s beside 5 s is what 10 s is beside 8 min. On a
scale of logarithms both look the same, and one width of a kernel serves all. The width is chosen as in the published
method, by the likelihood of each pause under the density of all others, over 35 log-spaced widths. One change: a little
even background is mixed in, since a single pause far from all others would else force the width up to itself.
"""

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities.moments import Places, Times

WIDTHS = 35
NARROWEST = 0.05
BACKGROUND = 0.02
BINS_PER_WIDTH = 8
REACH = 8


def best_width(pauses_s: Times) -> float:
    """Return the width of the kernel of the greatest leave-one-out likelihood, on the scale of natural logarithms.

    Parameters
    ----------
    pauses_s
        > 0, in any order, at least one.
    """
    logs = np.sort(np.log(pauses_s))
    spread = float(logs[-1] - logs[0])
    if len(logs) < 3 or spread <= NARROWEST:
        return NARROWEST
    step = NARROWEST / 4  # pauses this much alike count as equal, so that a session of any size has few different ones
    counts = np.bincount(((logs - logs[0]) / step).astype(int))
    bins = np.flatnonzero(counts)
    apart = np.abs(bins[:, None] - bins)
    widths = np.geomspace(NARROWEST, max(spread, 1.01 * NARROWEST), WIDTHS)
    scores = [_score(apart, counts[bins], float(width) / step, spread / step) for width in widths]
    return float(widths[int(np.argmax(scores))])


def _score(apart: Places, counts: Places, width: float, spread: float) -> float:
    """Return the likelihood of a width; all lengths in bins, which are few, so that each kernel is computed once."""
    kernel = np.exp(-0.5 * np.square(np.arange(apart[0, -1] + 1) / width))
    others = kernel.take(apart) @ counts - 1
    density = np.maximum(others, 0) / ((counts.sum() - 1) * width * np.sqrt(2 * np.pi))
    return float(counts @ np.log((1 - BACKGROUND) * density + BACKGROUND / spread))


def valleys(ordered: Times, width: float) -> NDArray[np.bool_]:
    """Return between which sorted pauses the density has a minimum.

    Parameters
    ----------
    ordered
        Pauses in seconds, > 0, ascending, shape ``(n,)``, ``n >= 2``.
    width
        Of the kernel, on the scale of natural logarithms.

    Returns
    -------
    valleys
        One a void, shape ``(n - 1,)``.
    """
    logs = np.log(ordered)
    step, reach = width / BINS_PER_WIDTH, REACH * BINS_PER_WIDTH
    counts = np.bincount(((logs - logs[0]) / step).astype(int)).astype(float)
    counts = np.concatenate((np.zeros(reach), counts, np.zeros(reach)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / BINS_PER_WIDTH) ** 2)
    density = np.convolve(counts, kernel, "same")
    lows = np.flatnonzero((density[1:-1] < density[:-2]) & (density[1:-1] <= density[2:])) + 1
    found = np.zeros(len(logs) - 1, dtype=bool)
    after = np.searchsorted(logs, logs[0] + (lows - reach + 0.5) * step) - 1
    found[after[(after >= 0) & (after < len(found))]] = True
    return found
