"""A facility's knob: every pause has a sensitivity from which on it is a boundary, whatever method is used.

A pause that is a boundary stays one as the knob is turned up: the number of activities never falls. At 1 the method
has its way. Below 1, a boundary of the method stays while its pause is at least ``2 / s`` times the usual pause in the
activities beside it. Above 1, a pause within an activity becomes a boundary if it is at least ``10 / s`` times the
usual pause of this activity. At 1000 every pause is one, at 0 none.
"""

import numpy as np

from nexuslims_core.activities.moments import Places, Times

LEAST, MOST = 1e-3, 1e3
BESIDE, WITHIN = 2.0, 10.0


def spacings(gaps_s: Times, places: Places) -> Times:
    """Return the usual pause within each activity: the median, the lower of two; NaN where it has one time only.

    Parameters
    ----------
    gaps_s
        Pauses by time, seconds, > 0, shape ``(n,)``.
    places
        Those that are boundaries, ascending, shape ``(k,)``.

    Returns
    -------
    spacings
        Seconds, one an activity, shape ``(k + 1,)``.
    """
    inside = np.delete(gaps_s, places)
    activity = np.delete(_activity_before(len(gaps_s), places), places)
    ordered = inside[np.lexsort((inside, activity))]
    counts = np.bincount(activity, minlength=len(places) + 1)
    found = np.full(len(counts), np.nan)
    begins = np.cumsum(counts) - counts
    some = counts > 0
    found[some] = ordered[begins[some] + (counts[some] - 1) // 2]
    return found


def needed(gaps_s: Times, places: Places) -> Times:
    """Return the sensitivity from which on each pause is a boundary, shape ``(n,)``.

    Parameters
    ----------
    gaps_s
        Pauses by time, seconds, > 0, shape ``(n,)``.
    places
        Those that the method cuts at, ascending.
    """
    usual = spacings(gaps_s, places)
    within = usual[_activity_before(len(gaps_s), places)]
    levels = np.clip(WITHIN * within / gaps_s, np.nextafter(1.0, 2.0), MOST)
    inside = np.delete(gaps_s, places)
    alone = np.median(inside) if len(inside) else gaps_s.min()  # what is usual between two single files
    beside = np.fmax(usual[:-1], usual[1:])
    levels[places] = np.clip(BESIDE * np.where(np.isnan(beside), alone, beside) / gaps_s[places], LEAST, 1.0)
    return levels


def _activity_before(n: int, places: Places) -> Places:
    """Return the activity that each of n pauses lies in, or that a boundary ends."""
    found: Places = np.searchsorted(places, np.arange(n), side="left")
    return found
