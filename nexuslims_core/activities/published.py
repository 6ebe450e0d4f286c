"""The published method, exact and in closed form: boundaries at the minima of a kernel density of the file times.

The requirement chooses the width of a Gaussian kernel by leave-one-out likelihood over a grid of widths. Leaving one
time out needs no refit: with the distances ``d_ij`` between two times and ``m_i`` to the nearest other one, the mean
log-likelihood at width h is

    mean_i( log sum_{j != i} exp(-(d_ij² - m_i²) / 2h²) - m_i² / 2h² ) - log(n - 1) - log h - log(2π) / 2

Factoring out the nearest neighbour keeps the logarithm exact in the deepest gap. A term below ``NEGLIGIBLE / n`` of the
largest one is not summed, so a time costs as much as it has neighbours within reach.

In one case this is more definite than the authors' code. Where times are symmetric, the grid straddles a minimum, whose
two lowest points tie; there ``argrelextrema`` finds a minimum or none as rounding falls, and here it is always one.
"""

from collections.abc import Iterator
from math import e, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities.moments import FINEST_S, Cuts, Moments, Times, cuts_at_minima

WIDTHS = 35
POINTS_PER_TIME = 10
FLAT = 1e-12
NEGLIGIBLE = 1e-15
ROWS = 64


def cut(moments: Moments) -> Cuts:
    """Return the pauses in which the density of times is lowest."""
    width_s = best_width(moments.times_s)
    points_s = grid(moments.times_s)
    found_s = points_s[valleys(log_density(points_s, moments.times_s, width_s))]
    return cuts_at_minima(moments, found_s, width_s)


def grid(times_s: Times) -> Times:
    """Return the points at which the density is looked at, ten a time, from the first time to the last."""
    return np.linspace(times_s[0], times_s[-1], POINTS_PER_TIME * len(times_s))


def valleys(heights: Times) -> NDArray[np.intp]:
    """Return where a line of heights turns from falling to rising: the middle of each lowest stretch, ascending."""
    steps = np.diff(heights)
    steps[np.abs(steps) <= FLAT * np.maximum(1.0, np.abs(heights[1:]))] = 0.0  # as even as rounding lets it be
    slopes = np.flatnonzero(steps)
    before, after = slopes[:-1], slopes[1:]
    turns = (steps[before] < 0) & (steps[after] > 0)
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
    sums = np.empty(len(times_s))
    for rows, columns, exponents in _blocks(times_s, times_s, nearest_s, width_s):
        own = np.arange(rows.start, rows.stop)
        exponents[own - rows.start, own - columns.start] = -np.inf
        sums[rows] = np.exp(exponents, out=exponents).sum(axis=1)
    likelihood = np.log(sums) - 0.5 * (nearest_s / width_s) ** 2
    return float(likelihood.mean() - log(len(times_s) - 1) - log(width_s) - 0.5 * log(2 * pi))


def log_density(points_s: Times, times_s: Times, width_s: float) -> Times:
    """Return the logarithm of the density at some points, up to a constant.

    Parameters
    ----------
    points_s
        Where it is wanted, ascending, shape ``(m,)``.
    times_s
        The times it is made of, ascending, shape ``(n,)``.
    width_s
        Standard deviation of the kernel, seconds, > 0.
    """
    after = np.searchsorted(times_s, points_s).clip(1, len(times_s) - 1)
    nearest_s = np.minimum(np.abs(points_s - times_s[after - 1]), np.abs(points_s - times_s[after]))
    sums = np.empty(len(points_s))
    for rows, _, exponents in _blocks(points_s, times_s, nearest_s, width_s):
        sums[rows] = np.exp(exponents, out=exponents).sum(axis=1)
    logarithms: Times = np.log(sums) - 0.5 * (nearest_s / width_s) ** 2
    return logarithms


def _blocks(points_s: Times, times_s: Times, nearest_s: Times, width_s: float) -> Iterator[tuple[slice, slice, Times]]:
    """Yield rows of points, the columns of times near enough to count, and the exponents between them."""
    cut = -2 * log(NEGLIGIBLE / len(times_s))
    reach_s = np.hypot(nearest_s, sqrt(cut) * width_s) * (1 + FLAT)  # so that rounding never leaves out the nearest
    scale = sqrt(0.5) / width_s
    first = np.searchsorted(times_s, points_s - reach_s)
    last = np.searchsorted(times_s, points_s + reach_s, side="right")
    for start in range(0, len(points_s), ROWS):
        rows = slice(start, min(start + ROWS, len(points_s)))
        columns = slice(int(first[rows].min()), int(last[rows].max()))
        nearest = nearest_s[rows, None] * scale
        distances = np.abs(points_s[rows, None] - times_s[columns]) * scale
        exponents = nearest - distances
        exponents *= np.add(distances, nearest, out=distances)  # the difference of two squares, never rounded above 0
        yield rows, columns, exponents
