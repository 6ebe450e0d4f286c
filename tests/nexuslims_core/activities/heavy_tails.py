"""Times whose pauses are of very different lengths, or hard on a method in another way, by kind and seed."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Make = Callable[[np.random.Generator, int], Times]
BEGUN, IN_1980 = 1_700_000_000.0, 315_532_800.0


def times_of(kind: str, files: int, *, seed: int = 0) -> Times:
    """Return that many times, ascending, as epoch seconds."""
    return np.sort(KINDS[kind](np.random.default_rng(seed), files))


def _pauses(pauses_s: Times) -> Times:
    return BEGUN + np.cumsum(pauses_s)


def _pareto(exponent: float) -> Make:
    return lambda chance, n: _pauses(np.minimum(1 + chance.pareto(exponent, n), 1e7))


def _bursts(chance: np.random.Generator, n: int) -> Times:
    return BEGUN + 600 * (np.arange(n) // 8) + chance.uniform(0, 60, n)


def _pairs(chance: np.random.Generator, n: int) -> Times:
    owners = _pauses(chance.exponential(30, n // 2))
    return np.concatenate((owners, owners + chance.uniform(0.01, 0.02, n // 2)))


def _beside(outliers_s: list[float], make: Make) -> Make:
    return lambda chance, n: np.concatenate((outliers_s, make(chance, n - len(outliers_s))))


def _dense(chance: np.random.Generator, n: int) -> Times:
    return BEGUN + chance.uniform(0, 1_000, n)


def _steady(chance: np.random.Generator, n: int) -> Times:
    return BEGUN + 10 * np.arange(n) + chance.normal(0, 0.5, n)


KINDS: dict[str, Make] = {
    "Pareto 0.3": _pareto(0.3),
    "Pareto 0.5": _pareto(0.5),
    "Pareto 0.7": _pareto(0.7),
    "Pareto 1": _pareto(1.0),
    "Pareto 1.5": _pareto(1.5),
    "Pareto 2.5": _pareto(2.5),
    "log-normal 1": lambda chance, n: _pauses(chance.lognormal(0, 1, n)),
    "log-normal 3": lambda chance, n: _pauses(chance.lognormal(0, 3, n)),
    "exponential": lambda chance, n: _pauses(chance.exponential(10, n)),
    "even pauses": lambda chance, n: _pauses(chance.uniform(1, 20, n)),
    "dense": _dense,
    "bursts": _bursts,
    "pairs": _pairs,
    "steady": _steady,
    "a clock of 1 s": lambda chance, n: np.floor(BEGUN + chance.uniform(0, 5 * n, n)),
    "every second, one pause": lambda _, n: BEGUN + np.arange(n) + 3_600.0 * (np.arange(n) > n // 2),
    "one file of 1980": _beside([IN_1980], _bursts),
    "steady, one far away": _beside([BEGUN + 1e9], _steady),
    "dense, two far away": _beside([BEGUN + 1e4, BEGUN + 2e5], _dense),
}
