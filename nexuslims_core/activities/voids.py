"""Is a hole among the pauses wider than chance makes them? The test that decides on boundaries.

Sort the pauses, ``x[0] <= x[1] <= …``. A session of bursts has a void: no pause between, say, 9 s and 4 min. But pauses
at random leave voids too, the widest between the longest ones. So the void between ``x[j-1]`` and ``x[j]``, with ``j``
pauses below and ``k`` above, is held against files that come with no memory, one as likely as the other at any moment
(a Poisson process; its pauses are exponential). For these the total time on test

    T = x[0] + … + x[j-1] + k·x[j-1]

is all the waiting that was seen until the j-th pause ended, a sum of ``j`` independent exponential waits, and
``D = k·(x[j] - x[j-1])``, what was waited until the next one ends, is one more. ``D/T·j`` follows Fisher's F(2, 2j),
whose tail is known in closed form: **p = (1 + D/T)^-j** is how often chance makes such a void or a wider one.
(Epstein and Sobel, Journal of the American Statistical Association 48, 1953, 486-502.)

Files that a machine or a practised hand writes come more evenly than that, and the test asks too much of a session
with few groups. Where the pauses below a void are even, it is also held against a Weibull process of shape 1.5, whose
next file is the likelier the longer it is waited for: pauses to the power of 1.5 are exponential. Pauses are even if
the middle eight tenths of them lie within a factor of two; those of exponential pauses lie a factor of 22 apart.

A steady series itself has no void wider than chance makes them, and stays whole. Real pauses between groups may have
a long tail; where that matters, the test is made on logarithms of pauses, exponential if pauses have a Pareto tail.

Many voids are looked at. The one with ``k`` boundaries may err with p < P/(k(k+1)), which sums to P over all k.
"""

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities.moments import Places, Times

P = 0.05
PARETO_PRIOR = 4.0
SHAPE = 1.5
EVEN, EVEN_FROM = 2.0, 8
TINY = 1e-300


def evidence_for(ordered: Times, tick_s: float) -> Times:
    """Return -log p of each void between sorted pauses: against chance, or against even pauses where they are even.

    Parameters
    ----------
    ordered
        Pauses in seconds, > 0, ascending, shape ``(n,)``, ``n >= 2``.
    tick_s
        Step of the clock, seconds.

    Returns
    -------
    evidence
        Of the void after each pause but the last, >= 0, shape ``(n - 1,)``.
    """
    random = evidence(ordered)
    machine = evidence((ordered / ordered[-1]) ** SHAPE)
    found: Times = np.where(even(ordered, tick_s)[:-1], np.maximum(random, machine), random)
    return found


def even(ordered: Times, tick_s: float) -> NDArray[np.bool_]:
    """Return up to which sorted pauses they are even, each doubted by one tick, shape ``(n,)``."""
    n = np.arange(1, len(ordered) + 1)
    tenth = (n - 1) // 10
    evenly: NDArray[np.bool_] = ordered[n - 1 - tenth] + tick_s <= EVEN * (ordered[tenth] - tick_s)
    return evenly & (n >= EVEN_FROM)


def evidence(ordered: Times) -> Times:
    """Return -log p of each void between sorted pauses, if pauses were exponential.

    Parameters
    ----------
    ordered
        Pauses in seconds, > 0, ascending, shape ``(n,)``.

    Returns
    -------
    evidence
        Of the void after each pause but the last, >= 0, shape ``(n - 1,)``.
    """
    return _evidence(ordered, prior=0.0)


def pareto_evidence(ordered: Times) -> Times:
    """Return -log p of each void between sorted pauses, if pauses had a Pareto tail.

    With the logarithms of few pauses nothing is known of the tail, so four more are taken to have been seen, of
    mean 1/4 on the scale of logarithms.
    """
    return _evidence(np.log(ordered / ordered[0]), prior=PARETO_PRIOR)


def above(n: int) -> Places:
    """Return how many of n sorted pauses lie above each void, shape ``(n - 1,)``."""
    return n - np.arange(1, n)


def needed(n: int) -> Times:
    """Return the evidence that each void among n pauses needs, shape ``(n - 1,)``."""
    k = above(n)
    return np.log(k * (k + 1) / P)


def _evidence(waits: Times, prior: float) -> Times:
    k, below = above(len(waits)), np.arange(1.0, len(waits)) + prior
    total = np.cumsum(waits)[:-1] + k * waits[:-1] + prior
    found: Times = below * np.log1p(k * np.diff(waits) / np.maximum(total, TINY))
    return found
