"""The table of pauses: how many there are of each length, and how many of them part activities."""

from collections.abc import Sequence

import numpy as np

from nexuslims_core.activities.models import PauseClass
from nexuslims_core.activities.moments import Times

_DECADES = tuple(float(f"{step}e{power}") for power in range(-10, 0) for step in (1, 2, 5))
_MINUTE, _HOUR, _DAY, _YEAR = 60.0, 3_600.0, 86_400.0, 31_557_600.0
EDGES_S = np.array([
    *_DECADES,
    *(step * unit for unit in (1.0, _MINUTE) for step in (1, 2, 5, 10, 20, 30)),
    *(step * _HOUR for step in (1, 2, 5, 12)),
    *(step * _DAY for step in (1, 2, 7, 30, 100)),
    *(step * _YEAR for step in (1, 10, 100, 1e13)),
])  # fmt: skip


def classes(pauses_s: Times, boundaries_s: Sequence[float]) -> tuple[PauseClass, ...]:
    """Return the table, short pauses first, in steps that people count in; empty classes are left out.

    Parameters
    ----------
    pauses_s
        All pauses between different times, seconds, > 0, at least one.
    boundaries_s
        Those of them that are boundaries.
    """
    pauses, _ = np.histogram(pauses_s, EDGES_S)
    boundaries, _ = np.histogram(boundaries_s, EDGES_S)
    return tuple(
        PauseClass(
            from_s=float(EDGES_S[i]), to_s=float(EDGES_S[i + 1]), pauses=int(pauses[i]), boundaries=int(boundaries[i])
        )
        for i in np.flatnonzero(pauses)
    )
