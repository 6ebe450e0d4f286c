from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nexuslims_core.activities import published
from nexuslims_core.activities.clustering import cluster

Case = Callable[[str], dict[str, Any]]

SYMMETRIC = {"d09"}
"""An exactly steady series: the grid points beside its middle tie, and the authors' code misses the minimum there."""


def plain_score(times: np.ndarray, width: float) -> float:
    """The leave-one-out likelihood as its definition says it, with nothing factored out and nothing left out."""
    n = len(times)
    exponents = -0.5 * ((times[:, None] - times) / width) ** 2
    np.fill_diagonal(exponents, -np.inf)
    return float(np.mean(np.logaddexp.reduce(exponents, axis=1) - np.log((n - 1) * width * np.sqrt(2 * np.pi))))


@pytest.mark.parametrize("width", [0.5, 8.0, 3_000.0], ids=["narrow", "chosen", "wide"])
def test_the_closed_form_is_the_definition(width: float, case: Case) -> None:
    times = np.array(case("d01")["times_epoch"]) - 1_573_657_200

    assert published.leave_one_out_score(times, width) == pytest.approx(plain_score(times, width), rel=1e-12)


def test_the_window_leaves_out_nothing_that_counts(case: Case) -> None:
    times = np.array(case("d15")["times_epoch"][:600])
    times -= times[0]

    assert published.leave_one_out_score(times, 13.4) == pytest.approx(plain_score(times, 13.4), rel=1e-12)


def test_the_density_stays_exact_in_the_deepest_gap() -> None:
    times = np.array([0.0, 1.0, 100_000.0])
    points = np.array([0.5, 40_000.0, 70_000.0])

    expected = np.logaddexp.reduce(-0.5 * (points[:, None] - times) ** 2, axis=1)
    assert published.log_density(points, times, 1.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("number", [f"d{i:02d}" for i in range(1, 21) if i != 16])
def test_finds_what_the_published_method_finds(
    number: str, case: Case, published_figures: dict[str, dict[str, Any]]
) -> None:
    figures = published_figures[number]

    found = cluster(case(number)["times_epoch"], method="published")

    assert (found.bandwidth_s and round(found.bandwidth_s, 3)) == figures.get("bandwidth_s")
    assert len(found.boundaries) + 1 == figures["n_groups"] + (number in SYMMETRIC)


def test_the_widths_run_from_the_shortest_pause_to_the_longest() -> None:
    widths = published.candidate_widths(np.array([0.0, 2.0, 10.0, 210.0]))

    assert len(widths) == 35
    assert (widths[0], widths[-1]) == pytest.approx((2.0, 200.0))
    assert np.diff(np.log(widths)) == pytest.approx(np.log(100.0) / 34)


@pytest.mark.parametrize(
    ("heights", "found"),
    [
        ([3, 1, 2], [1]),
        ([3, 1, 1, 2], [1]),
        ([3, 1, 1, 1, 2], [2]),
        ([1, 2, 1], []),
        ([3, 2, 2, 1], []),
        ([1, 1, 1], []),
        ([5, 1, 4, 0, 3], [1, 3]),
        ([1, 1 - 1e-15, 1, 2], []),
    ],
    ids=["a point", "two that tie", "a flat", "a peak", "a step", "level", "two", "rounding"],
)
def test_a_valley_is_where_falling_turns_to_rising(heights: list[float], found: list[int]) -> None:
    assert published.valleys(np.array(heights, dtype=float)).tolist() == found
