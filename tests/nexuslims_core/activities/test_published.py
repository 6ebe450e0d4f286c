from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nexuslims_core.activities import published
from nexuslims_core.activities.clustering import cluster
from nexuslims_core.activities.density import Density, directions
from tests.nexuslims_core.activities.heavy_tails import times_of

Case = Callable[[str], dict[str, Any]]

SYMMETRIC = {"d09"}
"""An exactly steady series: the grid points beside its middle tie, and the authors' code misses the minimum there."""


def plain_heights(points: np.ndarray, times: np.ndarray, width: float, *, of_others: bool = False) -> np.ndarray:
    """The logarithm of the density, up to a constant, every kernel added up, but that at the point if of others."""
    heights = np.empty(len(points))
    for rows in np.array_split(np.arange(len(points)), 1 + len(points) // 200):
        exponents = -0.5 * ((points[rows, None] - times) / width) ** 2
        exponents[(exponents == 0) & of_others] = -np.inf
        highest = exponents.max(axis=1)
        heights[rows] = np.log(np.exp(exponents - highest[:, None]).sum(axis=1)) + highest
    return heights


def plain_score(times: np.ndarray, width: float) -> float:
    """The leave-one-out likelihood as its definition says it, with nothing left out."""
    constant = np.log((len(times) - 1) * width * np.sqrt(2 * np.pi))
    return float(np.mean(plain_heights(times, times, width, of_others=True) - constant))


@pytest.mark.parametrize("width", [0.5, 8.0, 3_000.0], ids=["narrow", "chosen", "wide"])
def test_the_closed_form_is_the_definition(width: float, case: Case) -> None:
    times = np.array(case("d01")["times_epoch"]) - 1_573_657_200

    assert published.leave_one_out_score(times, width) == pytest.approx(plain_score(times, width), rel=1e-12)


def test_the_window_leaves_out_nothing_that_counts(case: Case) -> None:
    times = np.array(case("d15")["times_epoch"][:600])
    times -= times[0]

    assert published.leave_one_out_score(times, 13.4) == pytest.approx(plain_score(times, 13.4), rel=1e-12)


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


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Pareto 0.7", "log-normal 3", "dense, two far away"])
def test_three_thousand_times_come_out_as_if_every_kernel_were_added_up(kind: str) -> None:
    times = np.unique(times_of(kind, 3_000, seed=11))
    times -= times[0]
    widths = published.candidate_widths(times)

    expected = widths[np.argmax([plain_score(times, width) for width in widths])]
    points = published.grid(times)
    falls = directions(plain_heights(points, times, expected))

    assert published.best_width(times) == expected
    assert np.array_equal(Density(times, expected).directions(points), falls)


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
    assert published.valleys(directions(np.array(heights, dtype=float))).tolist() == found
