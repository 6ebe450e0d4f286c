"""The different times of a session, as a method of grouping takes them, and the pauses that it cuts at."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Places = NDArray[np.intp]

FINEST_S = 1e-9
"""No file system tells a nanosecond apart, and the difference of two such times can be nothing at all."""

MINIMUM = "The density of the file times is lowest in this pause."


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """At least two different times, and how many files share each.

    Attributes
    ----------
    times_s
        Seconds since the first one, ascending, shape ``(n,)``, ``n >= 2``.
    counts
        Files at each time, all > 0, shape ``(n,)``.
    precision_s
        How far apart two times that the computer can tell apart are here, seconds.
    """

    times_s: Times
    counts: Places
    precision_s: float = 0.0

    @property
    def gaps_s(self) -> Times:
        """Pause after each time but the last, seconds, > 0, shape ``(n - 1,)``."""
        return np.maximum(np.diff(self.times_s), FINEST_S)

    def between(self, start: int, stop: int) -> "Moments":
        """Return some of them, at least two, from their own first time on."""
        times = self.times_s[start:stop]
        return replace(self, times_s=times - times[0], counts=self.counts[start:stop])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Where a method parts the activities.

    Attributes
    ----------
    places
        The pauses that are boundaries, as indices into ``Moments.gaps_s``, ascending, shape ``(k,)``.
    at_s
        The boundary inside each pause, seconds since the first time, shape ``(k,)``.
    reasons
        Why each is one, in words, as many.
    bandwidth_s
        Width of a kernel over times, seconds; None where the method has none.
    bandwidth_log
        Width of a kernel over logarithms of pauses; None where the method has none.
    tick_s
        The step of the clock that wrote the times, seconds; None where the method does not ask for it.
    """

    places: Places
    at_s: Times
    reasons: tuple[str, ...]
    bandwidth_s: float | None = None
    bandwidth_log: float | None = None
    tick_s: float | None = None


def piece_sizes(wide: NDArray[np.bool_]) -> Places:
    """Return how many files there are before, between and after the wide ones of the pauses between them."""
    sizes: Places = np.diff(np.flatnonzero(np.concatenate(([True], wide, [True]))))
    return sizes


def cuts_at_minima(moments: Moments, found_s: Times, bandwidth_s: float) -> Cuts:
    """Return the pauses that minima of a density lie in, each at the first of its minima.

    Parameters
    ----------
    moments
        The times that the density is of.
    found_s
        Where it is lowest, seconds since the first time, ascending.
    bandwidth_s
        Width of the kernel, seconds.
    """
    before, first = np.unique(np.searchsorted(moments.times_s, found_s, side="right"), return_index=True)
    return Cuts(places=before - 1, at_s=found_s[first], reasons=(MINIMUM,) * len(first), bandwidth_s=bandwidth_s)
