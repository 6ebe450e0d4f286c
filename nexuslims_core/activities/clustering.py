"""Files made in one go, told apart by the pauses between them.

A method turns different times into the pauses that it cuts at; what is the same for all of them stands here: times that
cannot be grouped, times that are equal, the order of the input, the sensitivity, and what can be said of each boundary.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal

import numpy as np

from nexuslims_core.activities import published, robust, scikit
from nexuslims_core.activities import sensitivity as knob
from nexuslims_core.activities.models import Activity, Boundary, Clustering, Explanation
from nexuslims_core.activities.moments import Cuts, Moments, Times
from nexuslims_core.activities.pauses import classes
from nexuslims_core.errors import ClusteringError
from nexuslims_core.files.models import FoundFile

Method = Literal["robust", "published", "scikit-learn"]

METHODS: dict[str, Callable[[Moments], Cuts]] = {
    "robust": robust.cut,
    "published": published.cut,
    "scikit-learn": scikit.cut,
}

LONGEST_S = 2.0**63
ADDED = "The sensitivity that was asked for makes it one, not the method."


def cluster(times_s: Sequence[float], *, method: Method = "robust", sensitivity: float = 1.0) -> Clustering:
    """Number the activity that each time belongs to.

    Equal times belong together. One time, or only equal ones, are one activity, and so are two different ones, since a
    single pause has nothing to be compared with. A time on a boundary belongs to the activity before it.

    Parameters
    ----------
    times_s
        When each file was modified, epoch seconds, in any order.
    method
        ``"robust"``; ``"published"``, the requirement's; or ``"scikit-learn"``, the same by that library, much slower.
    sensitivity
        More finds more activities (:mod:`.sensitivity`). 0 makes one activity of all, 1000 one of each different time.

    Raises
    ------
    ClusteringError
        If a time is not a number that a file system can hold, or if there is no such method or sensitivity.
    """
    times = _checked(times_s)
    _check_settings(method, sensitivity)
    starts, positions, counts = np.unique(times, return_inverse=True, return_counts=True)
    if len(starts) < 2:
        return Clustering(labels=(0,) * len(times), boundaries=(), bandwidth_s=None, method=method)
    precision_s = float(np.spacing(np.abs(starts).max()))
    moments = Moments(times_s=starts - starts[0], counts=counts, precision_s=precision_s)
    cuts = METHODS[method](moments) if sensitivity > 0 else _NOTHING
    boundaries = _boundaries(moments, starts, cuts, sensitivity)
    places = np.cumsum(counts)[positions]
    labels = np.searchsorted([boundary.files_before for boundary in boundaries], places, side="left")
    return Clustering(
        labels=tuple(labels.tolist()),
        boundaries=tuple(boundary.at for boundary in boundaries),
        bandwidth_s=cuts.bandwidth_s,
        method=method,
        explanation=Explanation(
            bandwidth_log=cuts.bandwidth_log,
            tick_s=cuts.tick_s,
            pauses=classes(moments.gaps_s, [boundary.pause_s for boundary in boundaries]),
            boundaries=boundaries,
            sensitivity=sensitivity,
        ),
    )


_NOTHING = Cuts(places=np.empty(0, dtype=np.intp), at_s=np.empty(0), reasons=())


def _boundaries(moments: Moments, starts: Times, cuts: Cuts, sensitivity: float) -> tuple[Boundary, ...]:
    """Return the boundaries that the method and the sensitivity agree on, by time."""
    gaps = moments.gaps_s
    needed = knob.needed(gaps, cuts.places)
    places = np.flatnonzero(needed <= sensitivity)
    at = moments.times_s[:-1] + gaps / 2
    at[cuts.places] = cuts.at_s
    between = np.clip(starts[0] + at, starts[:-1], np.nextafter(starts[1:], -np.inf))
    usual = [None if np.isnan(each) else float(each) for each in knob.spacings(gaps, places)]
    reasons = dict(zip(cuts.places.tolist(), cuts.reasons, strict=True))
    before = np.cumsum(moments.counts)
    return tuple(
        Boundary(
            at=float(between[place]),
            files_before=int(before[place]),
            pause_s=float(gaps[place]),
            spacing_before_s=usual[i],
            spacing_after_s=usual[i + 1],
            sensitivity=float(needed[place]),
            reason=reasons.get(place, ADDED),
        )
        for i, place in enumerate(places.tolist())
    )


def activities_of(files: Sequence[FoundFile], clustering: Clustering) -> tuple[Activity, ...]:
    """Return the activities of a session, by time.

    Parameters
    ----------
    files
        The files whose modification times were clustered, in the same order.
    clustering
        What :func:`cluster` made of those times.

    Raises
    ------
    ValueError
        If there is not one label a file.
    """
    pairs = sorted(zip(clustering.labels, files, strict=True), key=lambda pair: (pair[1].mtime, str(pair[1].path)))
    return tuple(
        Activity(seqno=label, files=tuple(file for _, file in members))
        for label, members in groupby(pairs, itemgetter(0))
    )


def _checked(times_s: Sequence[float]) -> Times:
    try:
        times = np.array(times_s, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ClusteringError("the file times are not a list of numbers: give epoch seconds") from error
    if times.ndim != 1:
        raise ClusteringError("the file times are not a list of numbers: give epoch seconds")
    wrong = np.flatnonzero(~(np.abs(times) < LONGEST_S))
    if len(wrong):
        raise ClusteringError(f"time {wrong[0]} is {times[wrong[0]]}, which no file can have: give epoch seconds")
    return times


def _check_settings(method: str, sensitivity: float) -> None:
    if method not in METHODS:
        raise ClusteringError(f"there is no clustering method {method!r}: choose {', '.join(METHODS)}")
    if not (sensitivity == 0 or knob.LEAST <= sensitivity <= knob.MOST):
        raise ClusteringError(f"a sensitivity of {sensitivity} makes no sense: give 0, or 0.001 to 1000")
