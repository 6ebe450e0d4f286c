import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.activities.clustering import Method, activities_of, cluster
from nexuslims_core.errors import ClusteringError
from nexuslims_core.files.models import FoundFile
from tests.nexuslims_core.activities.strategies import sessions

Case = Callable[[str], dict[str, Any]]

TWO_BURSTS = [0.0, 3.0, 7.0, 3_600.0, 3_604.0, 3_606.0]


def files_at(*mtimes: float) -> tuple[FoundFile, ...]:
    return tuple(FoundFile(path=Path(f"/data/{i}.dm3"), size=0, mtime=mtime) for i, mtime in enumerate(mtimes))


def test_the_published_example_has_thirteen_activities_by_the_published_method(case: Case) -> None:
    known = case("d01")

    found = cluster(known["times_epoch"], method="published")

    assert list(found.labels) == known["labels"]
    assert len(found.boundaries) == 12
    assert found.bandwidth_s == pytest.approx(8.072, abs=5e-4)


def test_labels_keep_the_order_of_the_input() -> None:
    assert cluster([3_604.0, 0.0, 3_600.0, 7.0, 3.0, 3_606.0]).labels == (1, 0, 1, 0, 0, 1)


@pytest.mark.parametrize(
    "times", [[], [5.0], [5.0, 5.0, 5.0], [0.0, 7_200.0]], ids=["no file", "one file", "all equal", "two files"]
)
def test_too_few_times_to_compare_are_one_activity(times: list[float]) -> None:
    found = cluster(times)

    assert (found.labels, found.boundaries) == ((0,) * len(times), ())


def test_equal_times_belong_together_and_count_once() -> None:
    doubled = [time for time in TWO_BURSTS for _ in range(2)]

    once, twice = cluster(TWO_BURSTS), cluster(doubled)

    assert twice.labels == tuple(label for label in once.labels for _ in range(2))
    assert twice.boundaries == once.boundaries


def test_two_bursts_are_found_even_where_they_mirror_each_other() -> None:
    assert cluster([0.0, 1.0, 7_200.0, 7_201.0]).labels == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ([0.0, float("nan"), 1.0], "time 1 is nan"),
        ([0.0, float("inf")], "time 1 is inf"),
        ([1e300, 0.0], "time 0 is 1e\\+300"),
        (["noon"], "not a list of numbers"),
        ([[1.0], [2.0]], "not a list of numbers"),
        ([[1.0], 2.0], "not a list of numbers"),
        ([10**400], "not a list of numbers"),
        (5.0, "not a list of numbers"),
    ],
    ids=["NaN", "infinite", "huge", "text", "nested", "ragged", "a huge integer", "a number"],
)
def test_what_is_no_time_is_refused(times: list[float], sentence: str) -> None:
    with pytest.raises(ClusteringError, match=sentence):
        cluster(times)


@pytest.mark.parametrize("sensitivity", [-1.0, 1e-9, 1e9, float("nan")])
def test_a_sensitivity_without_sense_is_refused(sensitivity: float) -> None:
    with pytest.raises(ClusteringError, match="makes no sense"):
        cluster(TWO_BURSTS, sensitivity=sensitivity)


def test_an_unknown_method_is_refused_with_those_there_are() -> None:
    with pytest.raises(ClusteringError, match="choose robust, published, scikit-learn"):
        cluster(TWO_BURSTS, method="k-means")  # type: ignore[arg-type]  # as a setting may have it


@settings(deadline=None)
@given(sessions(), st.sampled_from([1.0, 0.1, 10.0, 1_000.0]), st.sampled_from(["robust", "published"]))
def test_labels_follow_time_and_count_the_boundaries_before(
    times: list[float], sensitivity: float, method: Method
) -> None:
    found = cluster(times, sensitivity=sensitivity, method=method)

    assert found.labels == tuple(sum(boundary < time for boundary in found.boundaries) for time in times)
    assert sorted(set(found.labels)) == list(range(len(found.boundaries) + (1 if times else 0)))
    assert list(found.boundaries) == sorted(found.boundaries)


@settings(deadline=None)
@given(sessions(), st.integers(0, 1000))
def test_the_order_of_the_input_changes_no_label(times: list[float], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(times))

    found, shuffled = cluster(times), cluster([times[i] for i in order])

    assert shuffled.labels == tuple(found.labels[i] for i in order)
    assert shuffled.boundaries == found.boundaries


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=12))
def test_any_numbers_are_grouped_or_refused(times: list[float]) -> None:
    try:
        labels = cluster(times).labels
    except ClusteringError:
        assert max(map(abs, times)) >= 2.0**63
    else:
        assert len(labels) == len(times)


def test_files_become_activities_by_time() -> None:
    files = files_at(3_600.0, 0.0, 3_604.0, 7.0, 3.0, 3_606.0)

    activities = activities_of(files, cluster([file.mtime for file in files]))

    assert [activity.seqno for activity in activities] == [0, 1]
    assert [file.path.stem for activity in activities for file in activity.files] == ["1", "4", "3", "0", "2", "5"]
    assert [activity.start for activity in activities] == [0.0, 3_600.0]


def test_no_files_become_no_activities() -> None:
    assert activities_of((), cluster([])) == ()


def test_labels_of_other_files_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        activities_of(files_at(1.0), cluster([1.0, 2.0]))


def test_the_everyday_path_loads_neither_scikit_learn_nor_scipy() -> None:
    program = (
        "import sys; from nexuslims_core.activities.clustering import cluster; "
        "[cluster([0.0, 1.0, 60.0], method=method) for method in ('robust', 'published')]; "
        "sys.exit(bool({'sklearn', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
