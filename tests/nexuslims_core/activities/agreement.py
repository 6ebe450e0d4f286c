"""How much two partitions agree, and what a method makes of a session."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nexuslims_core.activities.clustering import Method, cluster


def adjusted_rand(ours: Sequence[int], theirs: Sequence[int]) -> float:
    """Return the adjusted Rand index: 1 for the same partition, 0 for one as good as chance.

    The share of pairs of files that both put together or both apart, less what chance gives (Hubert and Arabie, Journal
    of Classification 2, 1985, 193-218).
    """
    _, rows = np.unique(ours, return_inverse=True)
    _, columns = np.unique(theirs, return_inverse=True)
    if len(rows) < 2:
        return 1.0
    table = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(table, (rows, columns), 1)
    together, mine, yours = (float((n * (n - 1) / 2).sum()) for n in (table, table.sum(axis=1), table.sum(axis=0)))
    by_chance = mine * yours / (len(rows) * (len(rows) - 1) / 2)
    most = (mine + yours) / 2
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


def labels_of(known: dict[str, Any], method: Method) -> list[int]:
    """Return the activity of each time of a session of tests/data/clustering, its instruments one by one."""
    times, instruments = known["times_epoch"], known.get("instruments", [""] * len(known["times_epoch"]))
    labels = [0] * len(times)
    used = 0
    for instrument in sorted(set(instruments)):
        mine = [i for i, each in enumerate(instruments) if each == instrument]
        found = cluster([times[i] for i in mine], method=method)
        for i, label in zip(mine, found.labels, strict=True):
            labels[i] = used + label
        used += len(found.boundaries) + 1
    return labels
