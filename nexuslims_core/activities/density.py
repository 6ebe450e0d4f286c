"""A kernel density of times: its logarithm, and where it falls and rises from point to point.

Whether it falls or rises is told of every point of a grid, at the cost of few of them. Between two times that are more
than two widths apart, where no time is nearer than a width, every kernel is convex and so is their sum: it falls to one
lowest place and rises from there. That place is found by halving.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities.kernel_sums import KernelSums
from nexuslims_core.activities.moments import Places, Times

FLAT = 1e-12
FEW = 1 << 19
"""Pairs of a point and a time up to which it is quicker to look at all points."""
Directions = NDArray[np.int8]


class Density:
    """The density of some times under a Gaussian kernel, up to a constant factor.

    Parameters
    ----------
    times_s
        Ascending, at least two, shape ``(n,)``.
    width_s
        Standard deviation of the kernel, seconds, > 0.
    """

    def __init__(self, times_s: Times, width_s: float) -> None:
        self._times, self._width = times_s, width_s
        self._sums = KernelSums(times_s, width_s)

    def log_at(self, points_s: Times) -> Times:
        """Return its logarithm at some points, ascending, shape ``(m,)``."""
        nearest_s = self._nearest(points_s)
        logarithms: Times = np.log(self._sums.at(points_s, nearest_s)) - 0.5 * (nearest_s / self._width) ** 2
        return logarithms

    def directions(self, points_s: Times) -> Directions:
        """Tell between which points it falls (-1), is even (0) and rises (1), shape ``(m - 1,)``.

        Parameters
        ----------
        points_s
            Ascending, at least two, from the first time to the last, shape ``(m,)``.
        """
        if len(points_s) * len(self._times) <= FEW:
            return directions(self.log_at(points_s))
        first, last = self._convex(points_s)
        inside = np.zeros(len(points_s), dtype=np.intp)
        inside[first] += 1
        inside[last] -= 1
        within: NDArray[np.bool_] = np.cumsum(inside)[:-1] > 0
        known = np.concatenate(([True], ~within)) | np.concatenate((~within, [True]))
        heights = np.zeros(len(points_s))
        heights[known] = self.log_at(points_s[known])
        found: Directions = np.where(within, self._halved(points_s, first, last), directions(heights))
        return found

    def _convex(self, points_s: Times) -> tuple[Places, Places]:
        """Return the first and the last point of each stretch of several in one pause, a width from any time."""
        alone = ~self._sums.near(self._nearest(points_s))
        pause = np.searchsorted(self._times, points_s)
        joined = alone[1:] & alone[:-1] & (pause[1:] == pause[:-1])
        turns = np.diff(joined.astype(np.int8), prepend=0, append=0)
        return np.flatnonzero(turns > 0), np.flatnonzero(turns < 0)

    def _halved(self, points_s: Times, first: Places, last: Places) -> Directions:
        """Return the directions inside stretches that fall to one lowest place each, 0 everywhere else."""

        def direction(steps: Places) -> Directions:
            before, after = self.log_at(points_s[steps]), self.log_at(points_s[steps + 1])
            found: Directions = directions(np.stack((before, after)))[0]
            return found

        even = _first(lambda steps: direction(steps) >= 0, first, last)
        rising = _first(lambda steps: direction(steps) > 0, even, last)
        changes = np.zeros(len(points_s), dtype=np.int8)
        for places, change in ((first, -1), (even, 1), (rising, 1), (last, -1)):
            np.add.at(changes, places, np.int8(change))
        inside: Directions = np.cumsum(changes, dtype=np.int8)[:-1]
        return inside

    def _nearest(self, points_s: Times) -> Times:
        after = np.searchsorted(self._times, points_s).clip(1, len(self._times) - 1)
        before_s, after_s = points_s - self._times[after - 1], self._times[after] - points_s
        nearest_s: Times = np.minimum(np.abs(before_s), np.abs(after_s))
        return nearest_s


def directions(heights: Times) -> Directions:
    """Tell between which heights a line falls (-1), is as even as rounding lets it be (0), and rises (1)."""
    steps = np.diff(heights, axis=0)
    steps[np.abs(steps) <= FLAT * np.maximum(1.0, np.abs(heights[1:]))] = 0.0
    signs: Directions = np.sign(steps).astype(np.int8)
    return signs


def _first(holds: Callable[[Places], NDArray[np.bool_]], low: Places, high: Places) -> Places:
    """Return the first place from each ``low`` on from where on something holds, or ``high`` if there is none."""
    low, high = low.copy(), high.copy()
    while (left := np.flatnonzero(low < high)).size:
        middle = (low[left] + high[left]) // 2
        held = holds(middle)
        high[left[held]] = middle[held]
        low[left[~held]] = middle[~held] + 1
    return low
