"""What scikit-learn's implementation of the published method finds in sessions of many kinds: computed, or recorded.

It takes a second for each session, so its answers are kept beside the tests; a few of them are computed anew by
`make test`, all by `make soak`. ``python -m tests.nexuslims_core.activities.yardstick`` records them again.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from nexuslims_core.activities.clustering import cluster
from nexuslims_core.activities.models import Clustering
from tests.nexuslims_core.activities.heavy_tails import KINDS, times_of

RECORDED = Path(__file__).parents[2] / "data" / "found_by_scikit_learn.json"
SEEDS = range(100, 160)
SESSIONS = (*(f"random {seed}" for seed in SEEDS), *KINDS)


def random_session(seed: int, *, largest: int) -> list[float]:
    """Return the times of a session made of bursts, of a steady series or of single files, by its seed."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, largest + 1))
    bursts = np.where(rng.random(n) < rng.uniform(0, 0.5), rng.uniform(60, 7_200, n), rng.uniform(0.5, 20, n))
    steady = 30 + rng.normal(0, 1, n)
    single = rng.exponential(120, n)
    pauses = np.abs((bursts, steady, single)[seed % 3])
    times = 1_573_657_200 + np.cumsum(pauses)
    return [round(float(time), 6) for time in rng.permutation(times)]


def times(session: str) -> list[float]:
    """Return the times of one of ``SESSIONS``, as epoch seconds."""
    if session in KINDS:
        return times_of(session, 50, seed=7).tolist()
    return random_session(int(session.removeprefix("random ")), largest=30)


def recorded() -> dict[str, Any]:
    """Return what was found in each of ``SESSIONS``, as :func:`found` says it."""
    answers: dict[str, Any] = json.loads(RECORDED.read_text("utf-8"))
    return answers


def found(session: str) -> dict[str, Any]:
    """Return what scikit-learn finds in one of ``SESSIONS``, which takes about a second."""
    return told(cluster(times(session), method="scikit-learn"))


def told(clustering: Clustering) -> dict[str, Any]:
    """Return a result as it is recorded: labels, boundaries in epoch seconds, and the width in seconds."""
    return {
        "labels": list(clustering.labels),
        "boundaries": list(clustering.boundaries),
        "bandwidth_s": clustering.bandwidth_s,
    }


if __name__ == "__main__":
    lines = (f"{json.dumps(session)}: {json.dumps(found(session))}" for session in SESSIONS)
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
