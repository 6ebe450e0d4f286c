from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.activities.clustering import Method, cluster
from nexuslims_core.activities.sensitivity import needed, spacings
from tests.nexuslims_core.activities.strategies import sessions

TWO_BURSTS = [0.0, 3.0, 7.0, 3_600.0, 3_604.0, 3_606.0]
KNOB = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))


@settings(deadline=None)
@given(sessions(), st.lists(KNOB, min_size=2, max_size=6), st.sampled_from(["robust", "published"]))
def test_more_sensitivity_never_finds_fewer_activities(times: list[float], knob: list[float], method: Method) -> None:
    found = [set(cluster(times, method=method, sensitivity=each).boundaries) for each in sorted(knob)]

    assert all(fewer <= more for fewer, more in pairwise(found))


@settings(deadline=None)
@given(sessions(), st.sampled_from(["robust", "published"]))
def test_its_ends_are_one_activity_and_one_for_each_time(times: list[float], method: Method) -> None:
    none, all_of_it = (cluster(times, method=method, sensitivity=each) for each in (0, 1000))

    assert none.boundaries == ()
    assert len(all_of_it.boundaries) == max(len(set(times)) - 1, 0)


@settings(deadline=None)
@given(sessions(), st.sampled_from(["robust", "published"]))
def test_one_leaves_the_method_its_way(times: list[float], method: Method) -> None:
    usual, above = cluster(times, method=method), cluster(times, method=method, sensitivity=np.nextafter(1.0, 2.0))

    assert all(boundary.sensitivity <= 1 for boundary in usual.explanation.boundaries)
    assert set(usual.boundaries) <= set(above.boundaries)


def test_no_sensitivity_asks_for_no_kernel() -> None:
    found = cluster(TWO_BURSTS, method="published", sensitivity=0)

    assert (found.labels, found.boundaries, found.bandwidth_s) == ((0,) * 6, (), None)


@pytest.mark.parametrize(("sensitivity", "activities"), [(0.001, 1), (0.1, 2), (1.0, 2), (4.0, 2), (5.0, 3), (10.0, 6)])
def test_what_stands_out_most_comes_first(sensitivity: float, activities: int) -> None:
    assert len(cluster(TWO_BURSTS, sensitivity=sensitivity).boundaries) + 1 == activities


def test_the_usual_pause_is_the_median_of_each_activity() -> None:
    gaps = np.array([1.0, 5.0, 2.0, 100.0, 90.0, 4.0, 3.0])

    found = spacings(gaps, np.array([3, 4]))

    assert found == pytest.approx([2.0, np.nan, 3.0], nan_ok=True)


def test_single_files_are_compared_with_the_whole_session() -> None:
    gaps = np.array([100.0, 200.0, 1.0, 1.0])

    assert needed(gaps, np.array([0, 1])) == pytest.approx([0.02, 0.01, 10.0, 10.0])
