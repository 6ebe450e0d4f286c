"""Kinds of session, as makers by name: what a microscopist does, and where a method of grouping may stumble.

``LISTED`` are the kinds that the method was chosen with, ``BEYOND`` those made afterwards in order to break it.
"""

from functools import partial

import numpy as np

from tests.nexuslims_core.activities.generators import (
    Gaps,
    KnownSession,
    Maker,
    Rng,
    at_random,
    between,
    doubled,
    jittered,
    merged,
    one_after_another,
    session,
    sizes,
    steady,
)

HOUR = 3_600.0


def bursts(
    rng: Rng,
    groups: tuple[int, int],
    files: tuple[int, int],
    inside_s: tuple[float, float],
    pauses_s: tuple[float, float],
    clock_s: float = 1e-6,
) -> KnownSession:
    """Groups of files with pauses between them: ranges of how many, how large, and of both gaps."""
    count = int(rng.integers(groups[0], groups[1] + 1))
    made = [between(rng, n, *inside_s) for n in sizes(rng, count, *files)]
    return session(made, rng.uniform(*pauses_s, count), clock_s)


def gap_times(rng: Rng, factor: float, groups: tuple[int, int] = (9, 12), clock_s: float = 1e-6) -> KnownSession:
    """Groups of 4 to 8 files, spacing +-30 %, pauses that are a multiple of the spacing, as uneven."""
    spacing, count = rng.uniform(5, 60), int(rng.integers(groups[0], groups[1] + 1))
    made = [jittered(rng, n, spacing, 0.3) for n in sizes(rng, count, 4, 8)]
    return session(made, jittered(rng, count + 1, factor * spacing, 0.1), clock_s)


def series(rng: Rng, files: tuple[int, int], spacing_s: float, noise_s: float, clock_s: float = 1e-6) -> KnownSession:
    """One steady series."""
    return session([steady(rng, int(rng.integers(*files)), spacing_s, noise_s)], [], clock_s)


def random_series(rng: Rng, mean_s: float = 60.0, clock_s: float = 1e-6) -> KnownSession:
    """Files by hand, with no memory: one activity."""
    return session([at_random(rng, int(rng.integers(20, 100)), mean_s)], [], clock_s)


def two_random(rng: Rng) -> KnownSession:
    made = [at_random(rng, int(rng.integers(25, 50)), 60.0) for _ in range(2)]
    return session(made, [rng.uniform(1.0, 2.0) * HOUR])


def tilt_series(rng: Rng, count: int, pauses_s: tuple[float, float] = (900, 3_000)) -> KnownSession:
    made = [steady(rng, int(rng.choice([41, 61, 121])), rng.uniform(20, 90), 1.5) for _ in range(count)]
    return session(made, rng.uniform(*pauses_s, count))


def pairs_in_groups(rng: Rng, apart_s: tuple[float, float] = (0.008, 0.015), clock_s: float = 1e-6) -> KnownSession:
    """An .emi and its .ser each time: pairs within milliseconds, in groups."""
    made = [doubled(between(rng, n, 5, 20), rng.uniform(*apart_s, n)) for n in sizes(rng, 12, 2, 6)]
    return session(made, rng.uniform(120, 900, 12), clock_s)


def near_duplicates(rng: Rng) -> KnownSession:
    """A steady series some of whose files were written twice within milliseconds."""
    known = session([steady(rng, 80, 30, 1.0)], [])
    chosen = rng.choice(known.times, int(rng.integers(5, 25)), replace=False)
    return merged(known, [float(time + rng.uniform(0.002, 0.02)) for time in chosen])


def bursts_in_blocks(rng: Rng) -> KnownSession:
    """Places on the specimen, at each of them several shots, each shot a burst of files: the place is the activity."""
    made: list[Gaps] = []
    for shots in sizes(rng, 8, 3, 6):
        burst = [np.append(between(rng, n, 0.1, 0.5), rng.uniform(15, 40)) for n in sizes(rng, shots, 3, 5)]
        made.append(np.concatenate(burst)[:-1])
    return session(made, rng.uniform(600, 1_800, 8))


def tilts_beside_bursts(rng: Rng) -> KnownSession:
    count = int(rng.integers(5, 9))
    shots = [between(rng, n, 2, 8) for n in sizes(rng, count, 3, 5)]
    tilts = steady(rng, 61, rng.uniform(40, 90), 2.0)
    return session([*shots, tilts], [*rng.uniform(300, 1_500, count), 0])


def series_among_groups(rng: Rng) -> KnownSession:
    def some() -> list[Gaps]:
        return [between(rng, n, 3, 12) for n in sizes(rng, 5, 3, 6)]

    made = [*some(), steady(rng, int(rng.integers(60, 150)), 30, 0.5), *some()]
    return session(made, rng.uniform(400, 1_800, len(made)))


def isolated(rng: Rng) -> KnownSession:
    """Groups, and one file hours away from all of them."""
    known = bursts(rng, (8, 12), (3, 6), (3, 10), (200, 900))
    return one_after_another(known, KnownSession(times=(0.0,), labels=(0,)), pause_s=rng.uniform(4, 12) * HOUR)


def mostly_singles(rng: Rng) -> KnownSession:
    made = [np.empty(0)] * int(rng.integers(8, 13))
    for place in rng.choice(len(made), 2, replace=False):
        made[int(place)] = between(rng, int(rng.integers(5, 9)), 2, 6)
    return session(made, rng.uniform(300, 1_500, len(made)))


def singles_and_bursts(rng: Rng) -> KnownSession:
    made = [between(rng, n, 2, 8) for n in rng.permutation([1, 1, 1, 1, 1, 4, 3, 5, 2, 6, 3, 4, 5, 3])]
    return session(made, rng.uniform(240, 1_800, 14))


def night(rng: Rng) -> KnownSession:
    """Groups on two days with a night between them."""
    days = [bursts(rng, (5, 8), (3, 6), (3, 15), (300, 1_800)) for _ in range(2)]
    return one_after_another(*days, pause_s=rng.uniform(11, 15) * HOUR)


def uneven(rng: Rng) -> KnownSession:
    made = [between(rng, n, 2, 10) for n in rng.permutation([1, 2, 3, 5, 8, 12, 20, 40, 4, 6])]
    return session(made, rng.uniform(200, 1_200, 10))


def overnight(rng: Rng) -> KnownSession:
    """Overviews in the evening, a tilt series through the night, groups in the morning."""
    evening, tilts = between(rng, 4, 20, 60), steady(rng, 141, rng.uniform(80, 110), 3.0)
    morning = [between(rng, n, 10, 40) for n in sizes(rng, 3, 3, 4)]
    return session([evening, tilts, *morning], [rng.uniform(900, 2_400), 3 * HOUR, *rng.uniform(500, 1_500, 3)])


LISTED: dict[str, Maker] = {
    "eels bursts": partial(bursts, groups=(13, 13), files=(2, 3), inside_s=(2, 10), pauses_s=(300, 2_400)),
    "jittered bursts": partial(bursts, groups=(15, 15), files=(3, 8), inside_s=(5, 20), pauses_s=(150, 1_500)),
    "steady +-2 s": partial(series, files=(50, 70), spacing_s=30, noise_s=2),
    "steady +-0.05 s": partial(series, files=(50, 70), spacing_s=30, noise_s=0.05),
    "two series": lambda rng: session([steady(rng, 60, 10, 0.5) for _ in range(2)], [HOUR]),
    "three tilt series": partial(tilt_series, count=3),
    "two tilt series": partial(tilt_series, count=2),
    "fast bursts hours apart": partial(bursts, groups=(4, 4), files=(8, 15), inside_s=(0.3, 0.7), pauses_s=(2e4, 3e4)),
    "singles and bursts": singles_and_bursts,
    "mostly singles": mostly_singles,
    "random series": random_series,
    "random series, 1-s clock": partial(random_series, mean_s=20, clock_s=1),
    "random series, 2-s clock": partial(random_series, mean_s=20, clock_s=2),
    "two random series": two_random,
    "bursts, 2-s clock": partial(bursts, groups=(12, 12), files=(2, 5), inside_s=(1, 8), pauses_s=(60, 600), clock_s=2),
    "pairs in groups": pairs_in_groups,
    "equal pairs, 2-s clock": partial(pairs_in_groups, apart_s=(0.01, 0.02), clock_s=2),
    "near-duplicates in a series": near_duplicates,
    "uneven bursts": uneven,
    "bursts in blocks": bursts_in_blocks,
    "tilts beside bursts": tilts_beside_bursts,
    "a series among groups": series_among_groups,
    "an isolated file": isolated,
    "gaps 3 x": partial(gap_times, factor=3),
    "gaps 4 x": partial(gap_times, factor=4),
    "gaps 5 x": partial(gap_times, factor=5),
    "gaps 10 x": partial(gap_times, factor=10),
    "sub-second bursts": partial(bursts, groups=(7, 7), files=(5, 10), inside_s=(0.02, 0.08), pauses_s=(1.5, 6)),
    "a night between day groups": night,
    "overnight tilt series": overnight,
}
