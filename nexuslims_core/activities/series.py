"""Steady series stay whole, also where the rest of a session is told apart at a finer scale.

A cut at every frame of a slow series is right by the scale of fast groups beside it, and wrong by eye. So cuts between
single files that follow each other evenly are taken back.
"""

import numpy as np

from nexuslims_core.activities import voids
from nexuslims_core.activities.moments import Places, Times
from nexuslims_core.activities.scales import Scale


def keep_series(gaps_s: Times, cuts: dict[int, Scale], tick_s: float) -> dict[int, Scale]:
    """Return the cuts without those inside steady series of single files; pauses of a series stay cuts.

    Parameters
    ----------
    gaps_s
        Pauses by time, seconds, > 0, shape ``(n,)``.
    cuts
        The pauses that are cut at, as indices into ``gaps_s``, and the scale of each.
    tick_s
        Step of the clock, seconds.
    """
    inside: set[int] = set()
    for run in _between_singles(np.array(sorted(cuts), dtype=np.intp), len(gaps_s)):
        pauses = gaps_s[run]
        if voids.even(np.sort(pauses), tick_s)[-1]:
            inside.update(run[pauses <= voids.EVEN * np.median(pauses)].tolist())
    return {place: scale for place, scale in cuts.items() if place not in inside}


def _between_singles(places: Places, n: int) -> list[Places]:
    """Return the runs of cuts, one after another, that have single files on both sides."""
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    inner = [run[int(run[0] > 0) : len(run) - int(run[-1] < n - 1)] for run in runs if len(run)]
    return [run for run in inner if len(run) >= voids.EVEN_FROM]
