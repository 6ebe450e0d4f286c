"""A scale that parts short pauses from long ones, and what it is measured with."""

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities import log_density
from nexuslims_core.activities.durations import spoken
from nexuslims_core.activities.moments import Times

CLEAR, RATIO = 1.6, 2.4
RAREST = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """No pause is between its two limits.

    Attributes
    ----------
    below_s, above_s
        The longest of the short pauses and the shortest of the long ones, seconds.
    evidence
        -log p that chance made this void.
    of_bursts
        Whether the short pauses part bursts, which are put together to groups.
    """

    below_s: float
    above_s: float
    evidence: float
    of_bursts: bool = False

    @property
    def reason(self) -> str:
        """Why a pause above it is a boundary, in words."""
        chance = exp(-self.evidence)
        often = f"once in {1 / chance:,.0f} times" if chance > RAREST else "less than once in a million times"
        short, long = f"at most {spoken(self.below_s)}", f"at least {spoken(self.above_s)}"
        if self.of_bursts:
            return f"Pauses between bursts are {short}, those between groups of bursts {long}; by chance {often}."
        return f"Pauses around it are {short} or {long}, none between; by chance {often}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """What the pauses of a session are measured with.

    Attributes
    ----------
    tick_s
        Step of the clock, seconds, > 0.
    width
        Of the kernel over logarithms of pauses.
    """

    tick_s: float
    width: float

    def wide(self, ordered: Times) -> NDArray[np.bool_]:
        """Return which voids between sorted pauses are wide enough to be seen, shape ``(n - 1,)``.

        The shortest long pause is well above the longest short one, and the median long pause is 2.4 times the pause
        in which half of the short waiting is done: more than the two of a series that missed some of its frames. A
        difference of two readings of a clock is off by up to one tick, so both sides are doubted by half of one.
        """
        doubt_s, n = self.tick_s / 2, len(ordered)
        clear: NDArray[np.bool_] = ordered[1:] - doubt_s >= CLEAR * (ordered[:-1] + doubt_s)
        if not clear.any():
            return clear
        waited = np.cumsum(ordered)
        short = ordered[np.searchsorted(waited, waited[:-1] / 2)]
        long = ordered[(np.arange(n - 1) + n) // 2]
        return clear & (long - doubt_s >= RATIO * (short + doubt_s))

    def allows(self, ordered: Times, strong: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which strong voids are also wide enough, and minima of the density.

        Parameters
        ----------
        ordered
            Pauses in seconds, > 0, ascending, shape ``(n,)``.
        strong
            Which voids are not by chance, shape ``(n - 1,)``.
        """
        wide = strong & self.wide(ordered)
        return wide & log_density.valleys(ordered, self.width) if wide.any() else wide
