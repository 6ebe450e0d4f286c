"""The usual method: the published one moved from the times to the pauses between them.

The published method looks for minima in the density of times, with one width of kernel for the whole session. So a
steady series, whose density is flat, breaks wherever it wavers; one isolated file forces a width that merges all else;
and a file beside its copy forces one that parts everything. This method asks the histogram of pauses instead:

1. What clocks do is taken out (:mod:`.clock`): equal times, the clock's tick, single files that are years away.
2. The logarithms of the pauses get a kernel density, its width chosen by leave-one-out likelihood
   (:mod:`.log_density`). Each minimum is a candidate scale: shorter pauses within activities, longer ones between.
3. A scale is accepted if (a) the void between the pauses below and above is too wide for chance (:mod:`.voids`),
   (b) long pauses are typically 2.4 times the short ones or more, and none is near them (:mod:`.scales`), (c) at least
   a quarter of the files have a neighbour nearer than the scale, and (d) it does not merely tell the frames of a
   steady series from companions that some of them have.
4. The session is cut at the coarsest accepted scale, and each piece is looked at again by itself. So a slow series
   does not hide the fast bursts beside it.
5. Steady series of single files are made whole again (:mod:`.series`), and bursts within groups put together
   (:mod:`.blocks`).
"""

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.activities import log_density, voids
from nexuslims_core.activities.blocks import regroup
from nexuslims_core.activities.clock import gaps_between_files, main_piece, strays, tick_of
from nexuslims_core.activities.moments import Cuts, Moments, Times, piece_sizes
from nexuslims_core.activities.scales import Ruler, Scale
from nexuslims_core.activities.series import keep_series

NEAR_SHARE = 4
COMPANIONS = 3
STRAY = "It sets a single file apart from all others by far more than these take together, as a wrong clock does."


def cut(moments: Moments) -> Cuts:
    """Return the pauses between activities, with a boundary in the middle of each."""
    apart = strays(moments)
    if not apart.any():
        return _cut_where_clocks_are_right(moments)
    start, stop = main_piece(apart)
    inner = _cut_where_clocks_are_right(moments.between(start, stop))
    reasons = dict.fromkeys(np.flatnonzero(apart).tolist(), STRAY)
    reasons |= dict(zip((start + inner.places).tolist(), inner.reasons, strict=True))
    return _in_the_middle(moments, reasons, width=inner.bandwidth_log, tick_s=inner.tick_s)


def _cut_where_clocks_are_right(moments: Moments) -> Cuts:
    tick_s = tick_of(moments)
    gaps, places = gaps_between_files(moments, tick_s)
    ruler = Ruler(tick_s=tick_s, width=log_density.best_width(gaps))
    scales = regroup(gaps, keep_series(gaps, split(gaps, ruler), tick_s), ruler)
    reasons = {int(places[gap]): scale.reason for gap, scale in scales.items()}
    return _in_the_middle(moments, reasons, width=ruler.width, tick_s=tick_s)


def _in_the_middle(moments: Moments, reasons: dict[int, str], *, width: float | None, tick_s: float | None) -> Cuts:
    places = np.array(sorted(reasons), dtype=np.intp)
    return Cuts(
        places=places,
        at_s=(moments.times_s[places] + moments.times_s[places + 1]) / 2,
        reasons=tuple(reasons[place] for place in places.tolist()),
        bandwidth_log=width,
        tick_s=tick_s,
    )


def split(gaps_s: Times, ruler: Ruler) -> dict[int, Scale]:
    """Return which pauses are cut at, coarse scales before fine ones, and the scale that each belongs to.

    Parameters
    ----------
    gaps_s
        Pauses by time, seconds, > 0, shape ``(n,)``.
    ruler
        What the session's pauses are measured with.
    """
    found: dict[int, Scale] = {}
    todo = [(0, len(gaps_s), 1)]
    while todo:
        start, stop, looks = todo.pop()
        scale = coarsest(gaps_s[start:stop], ruler, looks)
        if scale is None:
            continue
        places = (start + np.flatnonzero(gaps_s[start:stop] > scale.below_s)).tolist()
        found |= dict.fromkeys(places, scale)
        edges = zip([start, *(place + 1 for place in places)], [*places, stop], strict=True)
        pieces = [(begin, end) for begin, end in edges if end - begin > 1]
        todo += [(begin, end, looks * len(pieces)) for begin, end in pieces]
    return found


def coarsest(gaps_s: Times, ruler: Ruler, looks: int = 1) -> Scale | None:
    """Return the scale of the longest pauses that are a class of their own; None where no pause stands out.

    The more pieces of a session are looked at, the more evidence each needs. To hold the error of all together at that
    of one would cost the whole logarithm of their number, and real groups in pieces of few files; half of it is paid.
    """
    ordered = np.sort(gaps_s)
    if not ruler.wide(ordered).any():
        return None
    found = voids.evidence_for(ordered, ruler.tick_s)
    allowed = ruler.allows(
        ordered, (ordered[:-1] >= _near(gaps_s)) & (found > voids.needed(len(ordered)) + np.log(looks) / 2)
    )
    for j in np.flatnonzero(allowed)[::-1]:
        if not _companions(gaps_s > ordered[j], gaps_s, ruler.tick_s):
            return Scale(below_s=float(ordered[j]), above_s=float(ordered[j + 1]), evidence=float(found[j]))
    return None


def _near(gaps_s: Times) -> float:
    """Return how near their nearest neighbour a quarter of the files is, seconds."""
    nearest = np.sort(np.minimum(np.append(np.inf, gaps_s), np.append(gaps_s, np.inf)))
    return float(nearest[(len(nearest) - 1) // NEAR_SHARE])


def _companions(wide: NDArray[np.bool_], gaps_s: Times, tick_s: float) -> bool:
    """Tell a steady series from groups: even pauses, no piece larger than a file with companions, many single files."""
    sizes = piece_sizes(wide)
    few = sizes.max() <= COMPANIONS and NEAR_SHARE * (sizes == 1).sum() >= len(sizes)
    return bool(few and voids.even(np.sort(gaps_s[wide]), tick_s)[-1])
