"""Files made in one go, told apart by the pauses between them.

A method turns ascending, different times into boundaries; what is the same for all of them stands here: times that
cannot be grouped, times that are equal, the order of the input, and boundaries that nothing lies between.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal

import numpy as np

from nexuslims_core.activities import published, scikit
from nexuslims_core.activities.models import Activity, Clustering
from nexuslims_core.activities.published import Times
from nexuslims_core.errors import ClusteringError
from nexuslims_core.files.models import FoundFile

Method = Literal["published", "scikit-learn"]

METHODS: dict[str, Callable[[Times, float], tuple[Times, float]]] = {
    "published": published.boundaries,
    "scikit-learn": scikit.boundaries,
}

LONGEST_S = 2.0**63
LEAST_SENSITIVE, MOST_SENSITIVE = 1e-3, 1e3


def cluster(times_s: Sequence[float], *, method: Method = "published", sensitivity: float = 1.0) -> Clustering:
    """Number the activity that each time belongs to.

    Equal times belong together and count once. One time, or only equal ones, are one activity, and so are two different
    ones, since a single pause has nothing to be compared with. A time on a boundary belongs to the activity before it.

    Parameters
    ----------
    times_s
        When each file was modified, epoch seconds, in any order.
    method
        ``"published"``, or ``"scikit-learn"`` for the same by that library, much slower.
    sensitivity
        Divides the width of the kernel: more finds more activities. 0 makes one activity of all.

    Raises
    ------
    ClusteringError
        If a time is not a number that a file system can hold, or if there is no such method or sensitivity.
    """
    times = _checked(times_s)
    _check_settings(method, sensitivity)
    moments, positions = np.unique(times, return_inverse=True)
    if len(moments) < 2 or sensitivity == 0:
        return Clustering(labels=(0,) * len(times), boundaries=(), bandwidth_s=None, method=method)
    found_s, width_s = METHODS[method](moments - moments[0], sensitivity)
    counts, first = np.unique(np.searchsorted(moments - moments[0], found_s, side="right"), return_index=True)
    labels = np.searchsorted(counts, positions, side="right")
    between = np.clip(moments[0] + found_s[first], moments[counts - 1], np.nextafter(moments[counts], -np.inf))
    return Clustering(
        labels=tuple(labels.tolist()), boundaries=tuple(between.tolist()), bandwidth_s=width_s, method=method
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


def explain(clustering: Clustering) -> str:
    """Return one sentence for the record that says how its files came into activities."""
    n, k = len(clustering.labels), len(clustering.boundaries) + 1
    if n < 2:
        return "There is one file, and so one activity." if n else "There is no file, and so no activity."
    if clustering.bandwidth_s is None:
        return f"The {n} files are one activity: their times are equal, or grouping is switched off."
    tool = ", by scikit-learn" if clustering.method == "scikit-learn" else ""
    estimate = "a Gaussian kernel density estimate of their modification times"
    width = f"(kernel width {clustering.bandwidth_s:.4g} s{tool})"
    if k == 1:
        return f"The {n} files form 1 activity: {estimate} {width} has no minimum."
    return f"The {n} files form {k} activities, parted at the minima of {estimate} {width}."


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
        raise ClusteringError(f"there is no clustering method {method!r}: choose {' or '.join(METHODS)}")
    if not (sensitivity == 0 or LEAST_SENSITIVE <= sensitivity <= MOST_SENSITIVE):
        raise ClusteringError(f"a sensitivity of {sensitivity} makes no sense: give 0, or 0.001 to 1000")
