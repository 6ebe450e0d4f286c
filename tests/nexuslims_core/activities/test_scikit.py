from collections.abc import Callable
from typing import Any

import pytest

from nexuslims_core.activities.clustering import cluster
from nexuslims_core.activities.models import Clustering
from tests.nexuslims_core.activities import yardstick
from tests.nexuslims_core.activities.heavy_tails import KINDS
from tests.nexuslims_core.activities.yardstick import times

Sessions = Callable[..., list[float]]


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    """What scikit-learn found in each session."""
    return yardstick.recorded()


def both(session: list[float]) -> tuple[Clustering, Clustering]:
    return cluster(session, method="published"), cluster(session, method="scikit-learn")


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


@pytest.mark.parametrize("seed", yardstick.SEEDS)
def test_random_sessions_come_out_as_scikit_learn_has_them(seed: int, recorded: dict[str, Any]) -> None:
    ours, theirs = cluster(times(f"random {seed}"), method="published"), recorded[f"random {seed}"]

    assert list(ours.labels) == theirs["labels"]
    assert ours.bandwidth_s == pytest.approx(theirs["bandwidth_s"], rel=1e-12)
    assert ours.boundaries == pytest.approx(theirs["boundaries"], abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_pauses_of_all_lengths_come_out_as_scikit_learn_has_them(kind: str, recorded: dict[str, Any]) -> None:
    ours, theirs = cluster(times(kind), method="published"), recorded[kind]

    assert list(ours.labels) == theirs["labels"]
    assert ours.bandwidth_s == pytest.approx(theirs["bandwidth_s"], rel=1e-12)
    assert ours.boundaries == pytest.approx(theirs["boundaries"], rel=1e-15, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("session", yardstick.SESSIONS[::11])
def test_what_is_recorded_is_what_scikit_learn_finds(session: str, recorded: dict[str, Any]) -> None:
    again = yardstick.found(session)

    assert again["labels"] == recorded[session]["labels"]
    assert again["bandwidth_s"] == pytest.approx(recorded[session]["bandwidth_s"], rel=1e-12)
    assert again["boundaries"] == pytest.approx(recorded[session]["boundaries"], rel=1e-15, abs=1e-6)
