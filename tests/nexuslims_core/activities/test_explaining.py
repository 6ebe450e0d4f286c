import pytest

from nexuslims_core.activities.clustering import cluster
from nexuslims_core.activities.explaining import explain
from tests.nexuslims_core.activities.more_kinds import YEAR

TWO_BURSTS = [0.0, 3.0, 7.0, 3_600.0, 3_604.0, 3_606.0]
SERIES = [20.0 * i for i in range(12)]


@pytest.mark.parametrize(
    ("times", "method", "sensitivity", "sentence"),
    [
        ([], "robust", 1, "There is no file, and so no activity."),
        ([1.0], "robust", 1, "There is one file, and so one activity."),
        ([1.0, 1.0], "robust", 1, "The 2 files are one activity: their times are equal."),
        (TWO_BURSTS, "robust", 0, "The 6 files are one activity: grouping is switched off."),
        (
            SERIES,
            "robust",
            1,
            "The 12 files form 1 activity: no pause between them is longer than the others beyond chance.",
        ),
        (
            TWO_BURSTS,
            "robust",
            1,
            "The 6 files form 2 activities, parted by pauses that are longer than those around them beyond chance "
            "(minima in the density of the logarithms of pauses, kernel width 0.34). They are 60 min apart; within an "
            "activity files follow each other in 2.5 s. Boundaries: after file 3 a pause of 60 min.",
        ),
    ],
    ids=["no file", "one file", "all equal", "off", "a series", "two bursts"],
)
def test_a_record_can_say_how_its_files_were_grouped(
    times: list[float], method: str, sensitivity: float, sentence: str
) -> None:
    assert explain(cluster(times, method=method, sensitivity=sensitivity)) == sentence  # type: ignore[arg-type]


def test_the_published_method_is_told_by_its_kernel() -> None:
    told = explain(cluster(TWO_BURSTS, method="published"))

    assert "parted at the minima of a Gaussian kernel density estimate of their modification times (kernel" in told


def test_the_sensitivity_of_a_facility_is_told() -> None:
    assert "sensitivity is 10; 1 is usual" in explain(cluster(TWO_BURSTS, sensitivity=10))


def test_many_boundaries_are_told_by_the_narrowest() -> None:
    times = [600.0 * i + 3.0 * j + i for i in range(200) for j in range(4)]

    told = explain(cluster(times))

    assert told.count("after file") == 6
    assert len(told) < 700


def test_each_boundary_has_its_reason_and_its_sides() -> None:
    (boundary,) = cluster(TWO_BURSTS).explanation.boundaries

    assert (boundary.files_before, boundary.pause_s) == (3, 3_593.0)
    assert (boundary.spacing_before_s, boundary.spacing_after_s) == (3.0, 2.0)
    assert boundary.reason.startswith("Pauses around it are at most 4 s or at least 60 min, none between; by chance ")


def test_a_wrong_clock_is_named_as_one() -> None:
    boundaries = cluster([-40 * YEAR, *TWO_BURSTS]).explanation.boundaries

    assert ["wrong clock" in boundary.reason for boundary in boundaries] == [True, False]
