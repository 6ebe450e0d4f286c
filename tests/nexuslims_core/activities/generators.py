"""Makers of sessions whose activities are known: bursts, series and pauses, put together from random numbers.

What a kind is, and what counts as right, is written as data in kinds.py; here are the pieces that kinds are made of.
Gaps are in seconds. A group of n files is the n - 1 gaps inside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Gaps = NDArray[np.float64]
Rng = np.random.Generator
START = 1_573_657_200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSession:
    """Times in seconds, ascending, and the activity of each, counted from 0."""

    times: tuple[float, ...]
    labels: tuple[int, ...]


Maker = Callable[[Rng], KnownSession]


def session(groups: Sequence[Gaps], pauses: Sequence[float], clock_s: float = 1e-6) -> KnownSession:
    """Return groups with a pause after each but the last, as a clock that ticks every ``clock_s`` would write them."""
    gaps, labels = [0.0], [0]
    for number, group in enumerate(groups):
        gaps += [float(gap) for gap in group]
        labels += [number] * len(group)
        if number < len(groups) - 1:
            gaps.append(float(pauses[number]))
            labels.append(number + 1)
    times = START + np.cumsum(gaps)
    return KnownSession(
        times=tuple(round(float(time), 6) for time in np.floor(times / clock_s) * clock_s), labels=tuple(labels)
    )


def one_after_another(*parts: KnownSession, pause_s: float) -> KnownSession:
    """Return sessions behind each other as one, with a pause between them."""
    times: list[float] = []
    labels: list[int] = []
    for part in parts:
        shift = times[-1] + pause_s - part.times[0] if times else 0.0
        first = labels[-1] + 1 if labels else 0
        times += [time + shift for time in part.times]
        labels += [first + label for label in part.labels]
    return KnownSession(times=tuple(times), labels=tuple(labels))


def jittered(rng: Rng, n: int, spacing_s: float, jitter: float) -> Gaps:
    """Return the gaps of n files whose spacing wavers by a fraction, evenly."""
    return spacing_s * (1 + jitter * rng.uniform(-1, 1, max(n - 1, 0)))


def steady(rng: Rng, n: int, spacing_s: float, noise_s: float) -> Gaps:
    """Return the gaps of n files that a machine wrote, with Gaussian noise."""
    return np.abs(rng.normal(spacing_s, noise_s, max(n - 1, 0)))


def between(rng: Rng, n: int, low_s: float, high_s: float) -> Gaps:
    """Return the gaps of n files, evenly between two limits."""
    return rng.uniform(low_s, high_s, max(n - 1, 0))


def at_random(rng: Rng, n: int, mean_s: float) -> Gaps:
    """Return the gaps of n files that come one by one with no memory: exponential gaps."""
    return rng.exponential(mean_s, max(n - 1, 0))


def doubled(group: Gaps, apart_s: Gaps) -> Gaps:
    """Return the gaps where each file has a companion shortly after it."""
    gaps = np.empty(2 * len(group) + 1)
    gaps[::2] = apart_s[: len(group) + 1]
    gaps[1::2] = group
    return gaps


def sizes(rng: Rng, groups: int, low: int, high: int) -> list[int]:
    """Return how many files each group has, both ends included."""
    return [int(n) for n in rng.integers(low, high + 1, groups)]


def merged(known: KnownSession, extra: Sequence[float]) -> KnownSession:
    """Return a session with more files in it, each of the activity of the last file before it."""
    times = np.array([*known.times, *extra])
    labels = np.array([*known.labels, *([-1] * len(extra))])
    order = np.argsort(times, kind="stable")
    filled = np.maximum.accumulate(labels[order])
    return KnownSession(times=tuple(times[order].tolist()), labels=tuple(filled.tolist()))
