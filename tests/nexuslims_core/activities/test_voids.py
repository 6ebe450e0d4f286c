import numpy as np
import pytest

from nexuslims_core.activities import voids

RUNS = 4_000


def exponential(n: int) -> np.ndarray:
    return np.sort(np.random.default_rng(5).exponential(60.0, (RUNS, n)), axis=1)


@pytest.mark.parametrize("above", [1, 3, 10])
def test_files_at_random_err_as_often_as_is_allowed(above: int) -> None:
    found = np.array([voids.evidence(ordered)[-above] for ordered in exponential(30)])

    assert np.mean(found > -np.log(0.05)) == pytest.approx(0.05, abs=0.012)
    assert np.mean(found > -np.log(0.01)) == pytest.approx(0.01, abs=0.006)


def test_pareto_pauses_err_seldom() -> None:
    pauses = np.sort(np.random.default_rng(5).pareto(1.0, (RUNS, 30)) + 1, axis=1)
    found = np.array([voids.pareto_evidence(ordered)[-3] for ordered in pauses])

    assert np.mean(found > -np.log(0.05)) < 0.06


def test_over_all_voids_the_error_is_spent_once() -> None:
    wrong = [bool((voids.evidence(each) > voids.needed(20)).any()) for each in exponential(20)]

    assert np.mean(wrong) < voids.P


def test_the_void_is_measured_by_the_total_time_on_test() -> None:
    found = voids.evidence(np.array([1.0, 2.0, 10.0, 11.0]))

    assert np.exp(-found[1]) == pytest.approx((1 + 2 * 8 / (1 + 2 + 2 * 2)) ** -2)


def test_random_pauses_are_never_even_and_steady_ones_are() -> None:
    steady = np.sort(np.random.default_rng(5).uniform(0.7, 1.3, 30))

    assert not any(voids.even(each, 0.0)[15:].any() for each in exponential(30)[:500])
    assert voids.even(steady, 0.0)[15:].all()


def test_what_a_clock_makes_even_is_not_even() -> None:
    ordered = np.array([1.0] * 12 + [2.0] * 4)

    assert not voids.even(ordered, 1.0).any()


def test_few_groups_of_even_pauses_are_told_apart_where_chance_alone_would_not() -> None:
    ordered = np.array([0.8, 0.8, 0.9, 0.9, 1.0, 1.0, 1.0, 1.1, 1.1, 1.2, 1.2, 1.2, 4.0, 4.2])

    chance, even = voids.evidence(ordered)[-2], voids.evidence_for(ordered, 0.0)[-2]

    assert chance < voids.needed(14)[-2] < even
