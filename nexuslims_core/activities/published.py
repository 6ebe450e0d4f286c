"""The published method, exact and in closed form: boundaries at the minima of a kernel density of the file times.

The requirement chooses the width of a Gaussian kernel by leave-one-out likelihood over a grid of widths. Leaving one
time out needs no refit: with the distances ``d_ij`` between two times and ``m_i`` to the nearest other one, the mean
log-likelihood at width h is

    mean_i( log sum_{j != i} exp(-(d_ij² - m_i²) / 2h²) - m_i² / 2h² ) - log(n - 1) - log h - log(2π) / 2

Factoring out the nearest neighbour keeps the logarithm exact in the deepest gap. How the sums are taken, of any number
of times in a second or two, stands in :mod:`.kernel_sums`.

In one case this is more definite than the authors' code. Where times are symmetric, the grid straddles a minimum, whose
two lowest points tie; there ``argrelextrema`` finds a minimum or none as rounding falls, and here it is always one.
"""

from math import e, log, pi

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities.density import Density, Directions
from nexuslims_core.activities.kernel_sums import KernelSums
from nexuslims_core.activities.moments import FINEST_S, Cuts, Moments, Times, cuts_at_minima

WIDTHS = 35
POINTS_PER_TIME = 10


def cut(moments: Moments) -> Cuts:
    """Return the pauses in which the density of times is lowest."""
    width_s = best_width(moments.times_s)
    points_s = grid(moments.times_s)
    found_s = points_s[valleys(Density(moments.times_s, width_s).directions(points_s))]
    return cuts_at_minima(moments, found_s, width_s)


def grid(times_s: Times) -> Times:
    """Return the points at which the density is looked at, ten a time, from the first time to the last."""
    return np.linspace(times_s[0], times_s[-1], POINTS_PER_TIME * len(times_s))


def valleys(directions: Directions) -> NDArray[np.intp]:
    """Return where a line turns from falling to rising: the middle of each lowest stretch, ascending."""
    slopes = np.flatnonzero(directions)
    before, after = slopes[:-1], slopes[1:]
    turns = (directions[before] < 0) & (directions[after] > 0)
    middles: NDArray[np.intp] = (before[turns] + 1 + after[turns]) // 2
    return middles


def candidate_widths(times_s: Times) -> Times:
    """Return the kernel widths that are tried, in seconds, from the shortest pause to the longest, log-spaced.

    Parameters
    ----------
    times_s
        At least two different times, ascending, shape ``(n,)``.
    """
    pauses = np.maximum(np.diff(times_s), FINEST_S)
    return np.logspace(log(pauses.min()), log(pauses.max()), WIDTHS, base=e)


def best_width(times_s: Times) -> float:
    """Return the candidate width of the greatest leave-one-out likelihood, the smallest one of equals, in seconds."""
    widths = candidate_widths(times_s)
    scores = [leave_one_out_score(times_s, float(width)) for width in widths]
    return float(widths[int(np.argmax(scores))])


def leave_one_out_score(times_s: Times, width_s: float) -> float:
    """Return the mean log-likelihood of each time under the density of all others.

    Parameters
    ----------
    times_s
        At least two different times, ascending, shape ``(n,)``.
    width_s
        Standard deviation of the kernel, seconds, > 0.
    """
    pauses = np.diff(times_s)
    nearest_s = np.minimum(np.append(np.inf, pauses), np.append(pauses, np.inf))
    sums = KernelSums(times_s, width_s).of_others(nearest_s)
    likelihood = np.log(sums) - 0.5 * (nearest_s / width_s) ** 2
    return float(likelihood.mean() - log(len(times_s) - 1) - log(width_s) - 0.5 * log(2 * pi))
