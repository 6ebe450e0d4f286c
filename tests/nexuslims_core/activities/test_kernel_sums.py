import numpy as np
import pytest

from nexuslims_core.activities.kernel_sums import PAIRS, KernelSums
from tests.nexuslims_core.activities.heavy_tails import KINDS, times_of

FILES = 700
SHARES = {"narrow": 0.1, "middle": 0.5, "wide": 0.9}
"""Where a width lies between the shortest pause and the longest, on the scale of logarithms."""


def session(kind: str, share: float) -> tuple[np.ndarray, float]:
    times = np.unique(times_of(kind, FILES))
    times -= times[0]
    low, high = np.log(np.diff(times).min()), np.log(np.diff(times).max())
    return times, float(np.exp(low + share * (high - low)))


def plain_logarithms(points: np.ndarray, times: np.ndarray, width: float, *, of_others: bool = False) -> np.ndarray:
    """The logarithm of the sum of kernels at each point, every one of them added up."""
    exponents = -0.5 * ((points[:, None] - times) / width) ** 2
    if of_others:
        np.fill_diagonal(exponents, -np.inf)
    return np.logaddexp.reduce(exponents, axis=1)


@pytest.mark.parametrize("share", SHARES.values(), ids=SHARES)
@pytest.mark.parametrize("kind", KINDS)
def test_leaves_one_out_as_exactly_as_if_each_were_added_up(kind: str, share: float) -> None:
    times, width = session(kind, share)
    pauses = np.diff(times)
    nearest = np.minimum(np.append(np.inf, pauses), np.append(pauses, np.inf))

    logarithms = np.log(KernelSums(times, width).of_others(nearest)) - 0.5 * (nearest / width) ** 2

    assert logarithms == pytest.approx(plain_logarithms(times, times, width, of_others=True), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("share", SHARES.values(), ids=SHARES)
@pytest.mark.parametrize("kind", KINDS)
def test_sums_at_any_place_as_exactly_as_if_each_were_added_up(kind: str, share: float) -> None:
    times, width = session(kind, share)
    points = np.linspace(times[0], times[-1], 997)
    nearest = np.abs(points[:, None] - times).min(axis=1)

    logarithms = np.log(KernelSums(times, width).at(points, nearest)) - 0.5 * (nearest / width) ** 2

    assert logarithms == pytest.approx(plain_logarithms(points, times, width), rel=1e-12, abs=1e-12)


def test_stays_exact_where_a_pause_is_billions_of_widths_long() -> None:
    burst = np.arange(200) * 0.5
    times = np.concatenate((burst, 1e9 + burst))
    nearest = np.full(len(times), 0.5)

    sums = KernelSums(times, 3.0).of_others(nearest)

    assert sums[:200] == pytest.approx(sums[200:], rel=1e-12)
    assert sums[100] == pytest.approx(np.exp(0.125 / 9) * (3 / 0.5 * np.sqrt(2 * np.pi) - 1), rel=1e-12)


def test_takes_places_far_from_many_times_part_by_part() -> None:
    times = np.concatenate((np.linspace(0, 1, 500), np.linspace(40, 41, 500)))
    points = np.linspace(10, 30, 400)
    nearest = np.minimum(points - 1, 40 - points)

    logarithms = np.log(KernelSums(times, 5.0).at(points, nearest)) - 0.5 * (nearest / 5) ** 2

    assert len(points) * len(times) > 2 * PAIRS
    assert logarithms == pytest.approx(plain_logarithms(points, times, 5.0), rel=1e-12)
