"""Bursts within groups: where the pauses that were cut at fall into two classes again, the longer ones are meant.

At one place on the specimen three shots, each a burst of files; then the next place. The cuts between bursts are as
real as those between places, and nothing in the times says which a microscopist means. What is taken here: if there are
several groups, and at least two of them hold several bursts, the group is the activity. Half-days of groups, with a
lunch or a night between, look the same at another scale; so few long pauses make no groups of what lies between them,
unless that is a steady series, or pairs and triples of files as one exposure writes them.
"""

import numpy as np

from nexuslims_core.activities import voids
from nexuslims_core.activities.moments import Places, Times, piece_sizes
from nexuslims_core.activities.scales import Ruler, Scale

PAUSES, PAUSES_OF_COMPANIONS = 3, 2
COMPANIONS = 3
SERIES = 16


def regroup(gaps_s: Times, cuts: dict[int, Scale], ruler: Ruler) -> dict[int, Scale]:
    """Return the cuts that are left when bursts are put together to groups, as often as it can be done.

    Parameters
    ----------
    gaps_s
        Pauses by time, seconds, > 0, shape ``(n,)``.
    cuts
        The pauses that are cut at, as indices into ``gaps_s``, and the scale of each.
    ruler
        What the session's pauses are measured with.
    """
    while len(cuts) > 2:
        places = np.array(sorted(cuts), dtype=np.intp)
        scale = _groups(gaps_s[places], _fewest(places, len(gaps_s)), ruler)
        if scale is None:
            break
        cuts = {place: scale for place in cuts if gaps_s[place] > scale.below_s}
    return cuts


def _fewest(places: Places, n: int) -> int:
    """Return how many pauses between groups there must be, when files are cut into bursts at some places."""
    files = np.diff(np.concatenate(([-1], places, [n])))
    return PAUSES_OF_COMPANIONS if files.max() <= COMPANIONS else PAUSES


def _groups(pauses_s: Times, fewest: int, ruler: Ruler) -> Scale | None:
    """Return the scale between the pauses within and between groups; None where the bursts are no groups."""
    ordered = np.sort(pauses_s)
    found = np.minimum(voids.evidence(ordered), voids.pareto_evidence(ordered))
    allowed = ruler.allows(ordered, found > np.log(len(ordered) / voids.P))
    series = voids.even(ordered, ruler.tick_s)[:-1] & (np.arange(1, len(ordered)) >= SERIES)
    allowed &= series | (voids.above(len(ordered)) >= fewest)
    for j in sorted(np.flatnonzero(allowed).tolist(), key=lambda j: -found[j]):
        if (piece_sizes(pauses_s > ordered[j]) > 1).sum() > 1:
            below, above = float(ordered[j]), float(ordered[j + 1])
            return Scale(below_s=below, above_s=above, evidence=float(found[j]), of_bursts=True)
    return None
