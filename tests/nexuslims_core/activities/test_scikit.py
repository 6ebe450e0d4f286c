from collections.abc import Callable
from typing import Any

import pytest

from nexuslims_core.activities.clustering import cluster
from nexuslims_core.activities.models import Clustering
from tests.nexuslims_core.activities.heavy_tails import KINDS, times_of

Sessions = Callable[..., list[float]]


def both(times: list[float]) -> tuple[Clustering, Clustering]:
    return cluster(times, method="published"), cluster(times, method="scikit-learn")


@pytest.mark.slow
def test_scikit_learn_finds_the_published_thirteen_groups(case: Callable[[str], dict[str, Any]]) -> None:
    known = case("d01")

    found = cluster(known["times_epoch"], method="scikit-learn")

    assert list(found.labels) == known["labels"]
    assert found.method == "scikit-learn"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_few_random_sessions_come_out_as_scikit_learn_has_them(seed: int, random_session: Sessions) -> None:
    ours, theirs = both(random_session(seed, largest=9))

    assert ours.labels == theirs.labels
    assert ours.bandwidth_s == pytest.approx(theirs.bandwidth_s, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_random_sessions_come_out_as_scikit_learn_has_them(seed: int, random_session: Sessions) -> None:
    ours, theirs = both(random_session(seed, largest=30))

    assert ours.labels == theirs.labels
    assert ours.bandwidth_s == pytest.approx(theirs.bandwidth_s, rel=1e-12)
    assert ours.boundaries == pytest.approx(theirs.boundaries, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_pauses_of_all_lengths_come_out_as_scikit_learn_has_them(kind: str) -> None:
    ours, theirs = both(times_of(kind, 50, seed=7).tolist())

    assert ours.labels == theirs.labels
    assert ours.bandwidth_s == pytest.approx(theirs.bandwidth_s, rel=1e-12)
    assert ours.boundaries == pytest.approx(theirs.boundaries, rel=1e-15, abs=1e-6)
