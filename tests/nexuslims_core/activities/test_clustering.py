import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.activities.clustering import activities_of, cluster, explain
from nexuslims_core.activities.models import Clustering
from nexuslims_core.errors import ClusteringError
from nexuslims_core.files.models import FoundFile

Case = Callable[[str], dict[str, Any]]

TWO_BURSTS = [0.0, 3.0, 7.0, 3_600.0, 3_604.0, 3_606.0]


def files_at(*mtimes: float) -> tuple[FoundFile, ...]:
    return tuple(FoundFile(path=Path(f"/data/{i}.dm3"), size=0, mtime=mtime) for i, mtime in enumerate(mtimes))


def test_the_published_example_has_thirteen_activities(case: Case) -> None:
    known = case("d01")

    found = cluster(known["times_epoch"])

    assert list(found.labels) == known["labels"]
    assert len(found.boundaries) == 12
    assert found.bandwidth_s == pytest.approx(8.072, abs=5e-4)


@pytest.mark.parametrize("number", ["d02", "d03", "d04", "d06", "d07", "d11", "d13", "d14", "d17", "d18", "d19", "d20"])
def test_bursts_are_told_apart(number: str, case: Case) -> None:
    known = case(number)

    assert list(cluster(known["times_epoch"]).labels) == known["labels"]


@pytest.mark.slow
def test_twenty_thousand_files_are_grouped(case: Case) -> None:
    found = cluster(case("d16")["times_epoch"])

    assert len(found.labels) == 20_000
    assert len(found.boundaries) == max(found.labels)


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


def test_no_sensitivity_makes_one_activity_of_all() -> None:
    found = cluster(TWO_BURSTS, sensitivity=0)

    assert (found.labels, found.boundaries, found.bandwidth_s) == ((0,) * 6, (), None)


def test_the_sensitivity_divides_the_width(case: Case) -> None:
    times = case("d12")["times_epoch"]

    dull, usual, keen = (cluster(times, sensitivity=sensitivity) for sensitivity in (0.5, 1.0, 4.0))

    assert usual.bandwidth_s is not None
    assert (dull.bandwidth_s, keen.bandwidth_s) == (usual.bandwidth_s * 2, usual.bandwidth_s / 4)
    assert len(dull.boundaries) < len(usual.boundaries) < len(keen.boundaries)


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
    with pytest.raises(ClusteringError, match="choose published or scikit-learn"):
        cluster(TWO_BURSTS, method="k-means")  # type: ignore[arg-type]  # as a setting may have it


@st.composite
def sessions(draw: st.DrawFn) -> list[float]:
    start = draw(st.sampled_from([0.0, 1_573_657_200.0, -1e9, 4e18]))
    pauses = st.one_of(st.sampled_from([0.0, 2e-7, 0.01, 2.0, 60.0, 3_600.0, 1e6]), st.floats(0.0, 1e5))
    times = start + np.cumsum(draw(st.lists(pauses, max_size=25)))
    return draw(st.permutations([float(time) for time in times]))


@settings(deadline=None)
@given(sessions(), st.sampled_from([1.0, 0.1, 10.0, 1_000.0]))
def test_labels_follow_time_and_count_the_boundaries_before(times: list[float], sensitivity: float) -> None:
    found = cluster(times, sensitivity=sensitivity)

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


@pytest.mark.parametrize(
    ("clustering", "sentence"),
    [
        (cluster([]), "There is no file, and so no activity."),
        (cluster([1.0]), "There is one file, and so one activity."),
        (cluster([1.0, 1.0]), "The 2 files are one activity: their times are equal, or grouping is switched off."),
        (
            Clustering(labels=(0, 0, 1), boundaries=(60.0,), bandwidth_s=8.0724, method="published"),
            "The 3 files form 2 activities, parted at the minima of a Gaussian kernel density estimate of their "
            "modification times (kernel width 8.072 s).",
        ),
        (
            Clustering(labels=(0, 0), boundaries=(), bandwidth_s=4.0, method="scikit-learn"),
            "The 2 files form 1 activity: a Gaussian kernel density estimate of their modification times "
            "(kernel width 4 s, by scikit-learn) has no minimum.",
        ),
    ],
    ids=["no file", "one file", "all equal", "published", "one by scikit-learn"],
)
def test_a_record_can_say_how_its_files_were_grouped(clustering: Clustering, sentence: str) -> None:
    assert explain(clustering) == sentence


def test_the_everyday_path_loads_neither_scikit_learn_nor_scipy() -> None:
    program = (
        "import sys; from nexuslims_core.activities.clustering import cluster; cluster([0.0, 1.0, 60.0]); "
        "sys.exit(bool({'sklearn', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
