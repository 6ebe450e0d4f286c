import numpy as np
import pytest

from nexuslims_core.activities.clustering import cluster

SPREAD = np.array([1.0, 1.3, 0.8, 1.1, 0.9, 1.2, 0.7, 1.05])


def nested(groups: int, bursts: int, files: int) -> list[float]:
    """Return the times of groups some 20 min apart, of bursts some 30 s apart, of files some 0.2 s apart."""
    gaps: list[float] = []
    for group in range(groups):
        for burst in range(bursts):
            gaps += (0.2 * SPREAD[(np.arange(files - 1) + burst) % 8]).tolist()
            gaps.append(30 * SPREAD[(3 * burst + group) % 8])
        gaps[-1] = 1_200 * SPREAD[group % 8]
    return [0.0, *np.cumsum(gaps[:-1]).tolist()]


@pytest.mark.parametrize("groups", [4, 6])
def test_bursts_within_several_groups_are_put_together(groups: int) -> None:
    found = cluster(nested(groups, 5, 4))

    assert len(found.boundaries) + 1 == groups
    assert all("groups of bursts" in boundary.reason for boundary in found.explanation.boundaries)


def test_two_long_pauses_make_no_groups_of_what_lies_between() -> None:
    assert len(cluster(nested(3, 5, 4)).boundaries) + 1 == 15


def test_pairs_are_put_together_for_two_long_pauses() -> None:
    assert len(cluster(nested(3, 5, 2)).boundaries) + 1 == 3


def test_bursts_without_a_larger_pattern_stay_bursts() -> None:
    assert len(cluster(nested(1, 12, 4)).boundaries) + 1 == 12
