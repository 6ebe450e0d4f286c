import numpy as np
import pytest

from nexuslims_core.activities.density import FEW, Density, directions
from tests.nexuslims_core.activities.heavy_tails import KINDS, times_of

SHARES = {"narrow": 0.1, "middle": 0.5, "wide": 0.9}


def test_stays_exact_in_the_deepest_gap() -> None:
    times = np.array([0.0, 1.0, 100_000.0])
    points = np.array([0.5, 40_000.0, 70_000.0])

    expected = np.logaddexp.reduce(-0.5 * (points[:, None] - times) ** 2, axis=1)
    assert Density(times, 1.0).log_at(points) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("share", SHARES.values(), ids=SHARES)
@pytest.mark.parametrize("kind", KINDS)
def test_halving_tells_the_direction_at_every_point(kind: str, share: float) -> None:
    times = np.unique(times_of(kind, 800, seed=3))
    times -= times[0]
    low, high = np.log(np.diff(times).min()), np.log(np.diff(times).max())
    points = np.linspace(times[0], times[-1], 10 * len(times))

    made = Density(times, float(np.exp(low + share * (high - low))))

    assert len(points) * len(times) > FEW
    assert made.directions(points).tolist() == directions(made.log_at(points)).tolist()


@pytest.mark.parametrize(
    ("heights", "expected"),
    [([3, 1, 2], [-1, 1]), ([1, 1], [0]), ([1, 1 - 1e-15], [0]), ([1e6, 1e6 + 1e-7], [0]), ([0, 1e-9], [1])],
    ids=["down and up", "level", "rounding", "rounding of much", "little"],
)
def test_what_rounding_makes_is_even(heights: list[float], expected: list[int]) -> None:
    assert directions(np.array(heights, dtype=float)).tolist() == expected
