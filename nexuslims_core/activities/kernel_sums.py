"""Sums of Gaussian kernels at many times, as exact as rounding lets them be, at a cost that grows with their number.

With a grid of points ``x``, a step ``D`` from each other, the kernel of width h between the times t and s falls apart:

    exp(-(t - s)² / 2h²) = D/h · sqrt(2/π) · sum_x exp(-(t - x)² / h²) · exp(-(s - x)² / h²)

The sum is the trapezoidal rule for an integral that is known; by Poisson's formula it is wrong by no more than
``2.1 · exp(-π² h² / 2D²)`` of itself, 1e-14 for ``D = 0.385 h``, for every pair. So all times lay their kernels on the
grid once, and each place takes its sum from the 35 points around it, however many times are within reach. What points
more than 6.5 h away would add is less than ``1e-18 · n`` where another time is as near as h.

Where none is that near, those within reach are summed one by one. They are few, since such places are far from each
other: of the times themselves, at most ten on either side reach the same time.
"""

from collections.abc import Iterator
from math import frexp, ldexp, log, pi, sqrt

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nexuslims_core.activities.moments import Places, Times

NEGLIGIBLE = 1e-15
STEP = 0.385
"""How far the points of the grid are apart, in widths of the kernel."""
SIDE = 17
COLUMNS = 2 * SIDE + 1
APART = 2 * COLUMNS
"""Cells of the grid between times so far apart that they have no point in common, also not with places near them."""
ROWS = 1024
PAIRS = 1 << 17


class KernelSums:
    """The kernels of some times, ready to be summed anywhere.

    Parameters
    ----------
    times_s
        Ascending, at least two, shape ``(n,)``.
    width_s
        Standard deviation of the kernel, seconds, > 0.
    """

    def __init__(self, times_s: Times, width_s: float) -> None:
        self._times, self._width = times_s, width_s
        self._cut = sqrt(-2 * log(NEGLIGIBLE / len(times_s))) * width_s
        self._grid: _Grid | None = None

    def near(self, nearest_s: Times) -> NDArray[np.bool_]:
        """Tell at which places the nearest time is so near that the grid is exact."""
        return nearest_s <= self._width

    def at(self, points_s: Times, nearest_s: Times) -> Times:
        """Return the sum over all times at some places, as a multiple of the kernel of the nearest time.

        Parameters
        ----------
        points_s
            Ascending, shape ``(m,)``.
        nearest_s
            How far the nearest time is from each.
        """
        first, last = self._within_reach(points_s, nearest_s)
        many = self.near(nearest_s) & (last - first > COLUMNS)
        few = np.flatnonzero(~many)
        sums = np.empty(len(points_s))
        sums[few] = self._one_by_one(points_s[few], nearest_s[few], first[few], last[few])
        sums[many] = self._from_grid(points_s[many]) * self._multiple(nearest_s[many])
        return sums

    def of_others(self, nearest_s: Times) -> Times:
        """Return the sum at each time over all others, as a multiple of the kernel of the nearest other one."""
        first, last = self._within_reach(self._times, nearest_s)
        many = self.near(nearest_s) & (last - first > COLUMNS)
        few = np.flatnonzero(~many)
        sums = np.empty(len(self._times))
        sums[few] = self._one_by_one(self._times[few], nearest_s[few], first[few], last[few], own=few)
        sums[many] = (self._from_grid(self._times[many]) - 1.0) * self._multiple(nearest_s[many])
        return sums

    def _multiple(self, nearest_s: Times) -> Times:
        return np.exp(0.5 * np.square(nearest_s / self._width))

    def _within_reach(self, points_s: Times, nearest_s: Times) -> tuple[Places, Places]:
        """Return the first time whose kernel counts at each place, and the first after it that does not."""
        reach_s = np.hypot(nearest_s, self._cut) * (1 + 1e-12)  # so that rounding never leaves out the nearest
        first = np.searchsorted(self._times, points_s - reach_s)
        return first, np.searchsorted(self._times, points_s + reach_s, side="right")

    def _one_by_one(
        self, points_s: Times, nearest_s: Times, first: Places, last: Places, own: Places | None = None
    ) -> Times:
        """Return sums over the times from each ``first`` to before ``last``, without the ``own`` one if given."""
        sums = np.empty(len(points_s))
        scale = sqrt(0.5) / self._width
        for rows in _parts(last - first):
            counts = last[rows] - first[rows]
            starts = np.cumsum(counts) - counts
            columns = np.arange(counts.sum()) + np.repeat(first[rows] - starts, counts)
            distances = np.abs(np.repeat(points_s[rows], counts) - self._times[columns]) * scale
            nearest = np.repeat(nearest_s[rows], counts) * scale
            exponents = (nearest - distances) * (nearest + distances)  # of squares, never rounded above 0
            if own is not None:
                exponents[starts + own[rows] - first[rows]] = -np.inf
            sums[rows] = np.add.reduceat(np.exp(exponents, out=exponents), starts)
        return sums

    def _from_grid(self, points_s: Times) -> Times:
        if not len(points_s):
            return points_s
        self._grid = self._grid or _Grid(self._times, self._width)
        return self._grid.sums(points_s)


class _Grid:
    """Kernels laid on points that are one step apart, without the points that no time is near to."""

    def __init__(self, times_s: Times, width_s: float) -> None:
        mantissa, exponent = frexp(STEP * width_s)
        self._step = ldexp(int(mantissa * 256) / 256, exponent)  # of few digits, so that multiples of it are exact
        self._width = width_s
        wide = np.flatnonzero(np.diff(times_s) > APART * self._step) + 1
        groups = np.concatenate(([0], wide))
        self._first = times_s[groups]
        extents = np.rint((times_s[np.append(wide, len(times_s)) - 1] - self._first) / self._step).astype(np.intp)
        self._base = np.cumsum(extents + APART) - extents - APART // 2
        self._edges = (times_s[wide - 1] + times_s[wide]) / 2
        self._heights = self._laid(times_s, int(self._base[-1] + extents[-1]) + APART)

    def sums(self, points_s: Times) -> Times:
        """Return the sum of all kernels at some places near to times, ascending."""
        sums = np.empty(len(points_s))
        windows = sliding_window_view(self._heights, COLUMNS)
        for rows in _rows(len(points_s)):
            cells, kernels = self._kernels(points_s[rows])
            sums[rows] = np.einsum("ij,ij->i", kernels, windows[cells - SIDE])
        factor: float = self._step / self._width * sqrt(2 / pi)
        return sums * factor

    def _laid(self, times_s: Times, size: int) -> Times:
        heights = np.zeros(size)
        for rows in _rows(len(times_s)):
            cells, kernels = self._kernels(times_s[rows])
            starts = np.flatnonzero(np.diff(cells, prepend=-1))
            places = cells[starts, None] + np.arange(-SIDE, SIDE + 1)
            low, high = int(places[0, 0]), int(places[-1, -1]) + 1
            added = np.add.reduceat(kernels, starts, axis=0)
            heights[low:high] += np.bincount((places - low).ravel(), added.ravel(), high - low)
        return heights

    def _kernels(self, points_s: Times) -> tuple[Places, Times]:
        """Return the cell of each place, and its kernel at the points around that, shape ``(m, COLUMNS)``."""
        groups = np.searchsorted(self._edges, points_s)
        local_s = points_s - self._first[groups]
        own = np.rint(local_s / self._step)
        offsets = (local_s - own * self._step)[:, None] - np.arange(-SIDE, SIDE + 1) * self._step
        offsets /= self._width
        kernels = np.exp(-np.square(offsets, out=offsets), out=offsets)
        return self._base[groups] + own.astype(np.intp), kernels


def _rows(number: int) -> Iterator[slice]:
    for start in range(0, number, ROWS):
        yield slice(start, min(start + ROWS, number))


def _parts(counts: Places) -> Iterator[slice]:
    """Cut rows of so many pairs each into parts of not much more than ``PAIRS``."""
    ends = np.cumsum(counts)
    limits = np.arange(PAIRS, ends[-1] + PAIRS if len(ends) else 0, PAIRS)
    stops = np.minimum(np.searchsorted(ends, limits) + 1, len(ends)).tolist()
    start = 0
    for stop in stops:
        if stop > start:
            yield slice(start, stop)
            start = stop
