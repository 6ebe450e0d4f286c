"""Why the files of a session came into their activities, in words that stand in the record."""

import numpy as np

from nexuslims_core.activities.durations import spoken
from nexuslims_core.activities.models import Boundary, Clustering

SHOWN = 6


def explain(clustering: Clustering) -> str:
    """Return a few sentences: what the activities rest on, how the pauses compare, and the narrowest decisions."""
    n, boundaries = len(clustering.labels), clustering.explanation.boundaries
    if n < 2:
        return "There is one file, and so one activity." if n else "There is no file, and so no activity."
    if clustering.explanation.sensitivity == 0:
        return f"The {n} files are one activity: grouping is switched off."
    if not clustering.explanation.pauses:
        return f"The {n} files are one activity: their times are equal."
    if not clustering.boundaries:
        return f"The {n} files form 1 activity: {_whole(clustering)}."
    found = f"The {n} files form {len(clustering.boundaries) + 1} activities, parted {_how(clustering)}."
    return " ".join([found, *_comparison(boundaries), *_knob(clustering), _listed(boundaries)])


def _whole(clustering: Clustering) -> str:
    if clustering.bandwidth_s is not None:
        return f"{_density(clustering)} has no minimum"
    return "no pause between them is longer than the others beyond chance"


def _how(clustering: Clustering) -> str:
    if clustering.bandwidth_s is not None:
        return f"at the minima of {_density(clustering)}"
    width = clustering.explanation.bandwidth_log or 0.0
    return (
        "by pauses that are longer than those around them beyond chance "
        f"(minima in the density of the logarithms of pauses, kernel width {width:.2g})"
    )


def _density(clustering: Clustering) -> str:
    tool = ", by scikit-learn" if clustering.method == "scikit-learn" else ""
    return (
        "a Gaussian kernel density estimate of their modification times "
        f"(kernel width {clustering.bandwidth_s:.4g} s{tool})"
    )


def _comparison(boundaries: tuple[Boundary, ...]) -> list[str]:
    pauses = [boundary.pause_s for boundary in boundaries]
    sides = [side for each in boundaries for side in (each.spacing_before_s, each.spacing_after_s) if side is not None]
    between = " to ".join(dict.fromkeys((spoken(min(pauses)), spoken(max(pauses)))))
    if not sides:
        return [f"They are {between} apart."]
    return [
        f"They are {between} apart; within an activity files follow each other in {spoken(float(np.median(sides)))}."
    ]


def _knob(clustering: Clustering) -> list[str]:
    asked = clustering.explanation.sensitivity
    return [] if asked == 1 else [f"The facility's sensitivity is {asked:g}; 1 is usual."]


def _listed(boundaries: tuple[Boundary, ...]) -> str:
    """Return the boundaries that the method was least sure of, or all of a few."""
    shown = sorted(boundaries, key=lambda boundary: -boundary.sensitivity)[:SHOWN]
    told = "; ".join(
        f"after file {each.files_before} a pause of {spoken(each.pause_s)}"
        for each in sorted(shown, key=lambda boundary: boundary.at)
    )
    return f"{'Boundaries' if len(shown) == len(boundaries) else 'The narrowest boundaries'}: {told}."
