import numpy as np
import pytest

from nexuslims_core.activities import log_density

BURSTS = np.concatenate((np.linspace(2, 9, 20), np.linspace(300, 2_400, 8)))


def plain_score(logs: np.ndarray, width: float) -> float:
    """The leave-one-out likelihood with its background, as its definition says it."""
    kernels = np.exp(-0.5 * ((logs[:, None] - logs) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    np.fill_diagonal(kernels, 0)
    density = kernels.sum(axis=1) / (len(logs) - 1)
    return float(np.log(0.98 * density + 0.02 / np.ptp(logs)).sum())


def test_the_width_has_the_greatest_likelihood_of_all() -> None:
    logs = np.log(BURSTS)
    widths = np.geomspace(0.05, np.ptp(logs), 35)

    found = log_density.best_width(BURSTS)

    best = widths[int(np.argmax([plain_score(logs, width) for width in widths]))]
    assert abs(np.log(found / best)) <= 1.01 * np.log(widths[1] / widths[0])  # pauses alike to 1 % count as equal


def test_the_width_does_not_depend_on_the_unit_of_time() -> None:
    assert log_density.best_width(BURSTS / 1000) == pytest.approx(log_density.best_width(BURSTS))


def test_one_pause_far_from_all_others_does_not_widen_the_kernel() -> None:
    assert log_density.best_width(np.append(BURSTS, 1e9)) < 2 * log_density.best_width(BURSTS)


def test_two_pauses_and_equal_ones_have_the_narrowest_kernel() -> None:
    assert log_density.best_width(np.array([1.0, 50.0])) == log_density.NARROWEST
    assert log_density.best_width(np.full(9, 30.0)) == log_density.NARROWEST


def test_a_valley_lies_between_short_and_long_pauses() -> None:
    found = log_density.valleys(BURSTS, 0.5)

    assert np.flatnonzero(found).tolist() == [19]


def test_pauses_of_one_kind_have_no_valley() -> None:
    assert not log_density.valleys(np.linspace(20, 30, 40), 0.3).any()
