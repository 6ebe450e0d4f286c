"""Kinds of session made after the method was chosen, in order to break it."""

from functools import partial

import numpy as np

from tests.nexuslims_core.activities.generators import (
    KnownSession,
    Maker,
    Rng,
    at_random,
    between,
    doubled,
    jittered,
    one_after_another,
    session,
    sizes,
    steady,
)
from tests.nexuslims_core.activities.kinds import HOUR, bursts, gap_times, pairs_in_groups

YEAR = 365.25 * 24 * HOUR
ALONE = KnownSession(times=(0.0,), labels=(0,))


def wrong_clock(rng: Rng, before_years: float = 0, after_years: float = 0, days: int = 1) -> KnownSession:
    """Groups, and a file of a year long ago or far ahead."""
    known = [bursts(rng, (5, 9), (3, 6), (3, 12), (200, 1_500)) for _ in range(days)]
    whole = one_after_another(*known, pause_s=rng.uniform(11, 15) * HOUR)
    if before_years:
        whole = one_after_another(ALONE, whole, pause_s=before_years * YEAR)
    return one_after_another(whole, ALONE, pause_s=after_years * YEAR) if after_years else whole


def wrong_clock_in_series(rng: Rng) -> KnownSession:
    return one_after_another(ALONE, session([steady(rng, 40, 20, 1.0)], []), pause_s=39 * YEAR)


def uneven_inside(rng: Rng) -> KnownSession:
    made = [rng.lognormal(np.log(8), 0.6, n - 1) for n in sizes(rng, 10, 3, 8)]
    return session(made, rng.uniform(200, 1_500, 10))


def long_tailed_pauses(rng: Rng) -> KnownSession:
    made = [between(rng, n, 3, 12) for n in sizes(rng, 12, 3, 8)]
    return session(made, 90 + rng.lognormal(np.log(400), 1.0, 12))


def slowing(rng: Rng) -> KnownSession:
    """A series whose spacing grows threefold: one activity."""
    return session([np.geomspace(20, 60, int(rng.integers(50, 100))) * rng.normal(1, 0.03)], [])


def missed_frame(rng: Rng) -> KnownSession:
    gaps = steady(rng, int(rng.integers(50, 100)), 20, 0.4)
    gaps[rng.integers(0, len(gaps), 2)] *= 2
    return session([gaps], [])


def maps(rng: Rng) -> KnownSession:
    return session([between(rng, 5, 0.5, 3) for _ in range(6)], rng.uniform(600, 1_200, 6))


def few(rng: Rng, groups: int, files: tuple[int, int]) -> KnownSession:
    return session([between(rng, n, 3, 8) for n in sizes(rng, groups, *files)], rng.uniform(300, 900, groups))


def two_rates(rng: Rng) -> KnownSession:
    """Fast groups in the evening, slow ones in the morning, whose spacing is the evening's pause."""
    evening = bursts(rng, (8, 12), (4, 8), (0.3, 0.8), (8, 30))
    morning = bursts(rng, (5, 8), (4, 8), (15, 30), (400, 1_500))
    return one_after_another(evening, morning, pause_s=12 * HOUR)


def montages(rng: Rng) -> KnownSession:
    made = [steady(rng, int(n), 3, 0.2) for n in rng.choice([1, 1, 25, 49, 100], 8)]
    return session([*made, steady(rng, 49, 3, 0.2)], rng.uniform(200, 900, 9))


def nights(rng: Rng, days: int) -> KnownSession:
    known = [bursts(rng, (5, 8), (3, 6), (3, 15), (300, 1_800)) for _ in range(days)]
    return one_after_another(*known, pause_s=rng.uniform(11, 15) * HOUR)


def lunch_and_night(rng: Rng) -> KnownSession:
    halves = [bursts(rng, (4, 6), (3, 6), (3, 15), (300, 900)) for _ in range(4)]
    day = one_after_another(*halves[:2], pause_s=1.3 * HOUR)
    return one_after_another(day, one_after_another(*halves[2:], pause_s=1.1 * HOUR), pause_s=13 * HOUR)


def triples_in_groups(rng: Rng) -> KnownSession:
    made = []
    for n in sizes(rng, 10, 2, 5):
        shots = [np.append(between(rng, 3, 0.05, 0.4), rng.uniform(8, 25)) for _ in range(n)]
        made.append(np.concatenate(shots)[:-1])
    return session(made, rng.uniform(150, 1_200, 10))


def own_spacing(rng: Rng) -> KnownSession:
    spacing = rng.lognormal(np.log(8), 0.6, 10)
    made = [jittered(rng, n, float(own), 0.3) for n, own in zip(sizes(rng, 10, 4, 8), spacing, strict=True)]
    return session(made, 12 * np.maximum(spacing, np.roll(spacing, -1)))


def pause_in_series(rng: Rng, factor: float) -> KnownSession:
    return session([steady(rng, 30, 20, 1.0), steady(rng, 30, 20, 1.0)], [factor * 20])


def early_file(rng: Rng) -> KnownSession:
    return one_after_another(ALONE, session([steady(rng, 60, 30, 1.0)], []), pause_s=HOUR)


def pairs_over_a_night(rng: Rng) -> KnownSession:
    return one_after_another(pairs_in_groups(rng), pairs_in_groups(rng), pause_s=13 * HOUR)


def doubled_series(rng: Rng) -> KnownSession:
    """Two series each of whose frames is two files: four scales, two activities."""
    made = [doubled(steady(rng, 40, 30, 1.0), between(rng, 41, 0.1, 0.3)) for _ in range(3)]
    return session(made, rng.uniform(1_200, 3_000, 3))


def some_doubled(rng: Rng, share: float) -> KnownSession:
    """A steady series a share of whose frames has a companion."""
    gaps: list[float] = []
    for gap in steady(rng, 80, 30, 1.0):
        near = rng.uniform(0.005, 0.02) if rng.random() < share else 0.0
        gaps += [near, float(gap) - near] if near else [float(gap)]
    return session([np.array(gaps)], [])


def some_doubled_groups(rng: Rng) -> KnownSession:
    """Groups of images, of which every third or so has a companion within milliseconds."""
    made = []
    for n in sizes(rng, 10, 3, 7):
        near = np.where(rng.random(n) < 0.35, rng.uniform(0.005, 0.02, n), 0.0)
        gaps = doubled(between(rng, n, 6, 25), near)
        made.append(gaps[gaps > 0])
    return session(made, rng.uniform(200, 1_200, 10))


def slow_series_beside_groups(rng: Rng) -> KnownSession:
    """Groups whose pauses are shorter than the spacing of the series after them."""
    made = [between(rng, n, 2, 8) for n in sizes(rng, 7, 3, 6)]
    return session([*made, steady(rng, 40, 300, 8)], rng.uniform(80, 250, 8))


def slow_series_first(rng: Rng) -> KnownSession:
    made = [between(rng, n, 1, 4) for n in sizes(rng, 9, 4, 9)]
    return session([steady(rng, 25, 600, 2), *made], rng.uniform(100, 1_200, 10))


def tracked(rng: Rng) -> KnownSession:
    """A tilt series that looks for its place again at every tenth tilt: one activity."""
    gaps = steady(rng, 61, 40, 2.0)
    gaps[9::10] *= 1.8
    return session([gaps], [])


def series_of_three_cadences(rng: Rng) -> KnownSession:
    made = [steady(rng, int(n), spacing, 0.03 * spacing) for n, spacing in ((40, 5.0), (30, 60.0), (50, 20.0))]
    return session(made, rng.uniform(300, 900, 3))


def two_magnitudes(rng: Rng) -> KnownSession:
    made = [jittered(rng, n, spacing, 0.4) for n, spacing in zip(sizes(rng, 12, 4, 8), [1.0, 20.0] * 6, strict=True)]
    return session(made, rng.uniform(200, 1_000, 12))


def series_and_singles(rng: Rng) -> KnownSession:
    """A fast series, then single images by hand, each of its own place: as many activities."""
    return session([steady(rng, 100, 2, 0.1), *[np.empty(0)] * 7], rng.uniform(200, 1_500, 8))


def rough_groups(rng: Rng, factor: float) -> KnownSession:
    made = [rng.gamma(6, 20 / 6, n - 1) for n in sizes(rng, 10, 4, 9)]
    return session(made, factor * 20 * rng.uniform(0.8, 1.3, 10))


def uneven_pauses(rng: Rng, factor: float) -> KnownSession:
    """Groups whose spacing and whose pauses both waver by 30 %."""
    spacing = rng.uniform(5, 60)
    made = [jittered(rng, n, spacing, 0.3) for n in sizes(rng, 11, 4, 8)]
    return session(made, jittered(rng, 12, factor * spacing, 0.3))


def random_groups(rng: Rng, groups: int, files: tuple[int, int]) -> KnownSession:
    """Groups by hand: inside them files come with no memory."""
    return session([at_random(rng, n, 8) for n in sizes(rng, groups, *files)], rng.uniform(600, 1_800, groups))


def many_missed(rng: Rng) -> KnownSession:
    gaps = steady(rng, 80, 20, 0.4)
    gaps[rng.random(79) < 0.1] *= 2
    return session([gaps], [])


def pairs_of_files(rng: Rng) -> KnownSession:
    return session([between(rng, 2, 60, 70), between(rng, 2, 60, 70)], [1_800.0])


BEYOND: dict[str, Maker] = {
    "a slow series beside groups": slow_series_beside_groups,
    "a slow series before groups": slow_series_first,
    "a tracked tilt series": tracked,
    "series of three cadences": series_of_three_cadences,
    "two magnitudes": two_magnitudes,
    "a series and singles": series_and_singles,
    "rough groups, 6 x": partial(rough_groups, factor=6),
    "rough groups, 10 x": partial(rough_groups, factor=10),
    "two pairs": pairs_of_files,
    "uneven pauses 3 x": partial(uneven_pauses, factor=3),
    "uneven pauses 4 x": partial(uneven_pauses, factor=4),
    "many missed frames": many_missed,
    "random groups": partial(random_groups, groups=12, files=(4, 8)),
    "many random groups": partial(random_groups, groups=30, files=(6, 20)),
    "many groups, 3 x": partial(gap_times, factor=3, groups=(100, 120)),
    "bursts, 0.1-s clock": partial(
        bursts, groups=(8, 12), files=(3, 7), inside_s=(0.1, 0.6), pauses_s=(5, 40), clock_s=0.1
    ),
    "a file of 1980": partial(wrong_clock, before_years=40),
    "a file of 2038": partial(wrong_clock, after_years=12),
    "files of 1980 and 2038": partial(wrong_clock, before_years=45, after_years=13),
    "a file of 1980 and a night": partial(wrong_clock, before_years=40, days=2),
    "a series and a file of 1980": wrong_clock_in_series,
    "uneven inside": uneven_inside,
    "long-tailed pauses": long_tailed_pauses,
    "a slowing series": slowing,
    "missed frames": missed_frame,
    "maps": maps,
    "two small groups": partial(few, groups=2, files=(3, 4)),
    "three small groups": partial(few, groups=3, files=(2, 4)),
    "two rates": two_rates,
    "montages": montages,
    "two nights": partial(nights, days=3),
    "three nights": partial(nights, days=4),
    "lunch and night": lunch_and_night,
    "triples in groups": triples_in_groups,
    "each group its spacing": own_spacing,
    "a random series by the second": lambda rng: session([at_random(rng, 60, 1.5)], [], 1),
    "a random series by two seconds": lambda rng: session([at_random(rng, 60, 1.0)], [], 2),
    "a few files by hand": lambda rng: session([at_random(rng, int(rng.integers(3, 12)), 100)], []),
    "an irregular series": lambda rng: session([rng.gamma(3, 20, int(rng.integers(10, 80)))], []),
    "a series by hand": lambda rng: session([rng.lognormal(4, 0.8, int(rng.integers(10, 80)))], []),
    "a ragged series by hand": lambda rng: session([rng.lognormal(4, 1.2, int(rng.integers(10, 80)))], []),
    "a copied folder": lambda rng: session([rng.lognormal(-4, 1.0, int(rng.integers(10, 80)))], []),
    "a short series": lambda rng: session([steady(rng, int(rng.integers(3, 9)), 20, 2.0)], []),
    "maps as a clock makes them": lambda rng: session([between(rng, 5, 0.5, 3) for _ in range(8)], [600.0] * 8),
    "pairs every minute": lambda rng: session([between(rng, 2, 0.5, 3) for _ in range(12)], steady(rng, 13, 60, 1.0)),
    "a pause 6 x in a series": partial(pause_in_series, factor=6),
    "a pause 15 x in a series": partial(pause_in_series, factor=15),
    "an early file": early_file,
    "pairs over a night": pairs_over_a_night,
    "doubled series": doubled_series,
    "a tenth doubled": partial(some_doubled, share=0.1),
    "half doubled": partial(some_doubled, share=0.5),
    "a third doubled in groups": some_doubled_groups,
    "three groups 5 x": partial(gap_times, factor=5, groups=(3, 3)),
    "five groups 4 x": partial(gap_times, factor=4, groups=(5, 5)),
    "five groups 3 x": partial(gap_times, factor=3, groups=(5, 5)),
    "three groups 4 x": partial(gap_times, factor=4, groups=(3, 3)),
    "two groups 6 x": partial(gap_times, factor=6, groups=(2, 2)),
    "gaps 3 x, 1-s clock": partial(gap_times, factor=3, clock_s=1),
    "gaps 5 x, 1-s clock": partial(gap_times, factor=5, clock_s=1),
    "bursts within a second, 1-s clock": partial(
        bursts, groups=(8, 12), files=(4, 8), inside_s=(0.02, 0.2), pauses_s=(6, 60), clock_s=1
    ),
    "groups, 60-s clock": partial(
        bursts, groups=(8, 12), files=(4, 8), inside_s=(5, 20), pauses_s=(600, 2_400), clock_s=60
    ),
    "a series, 60-s clock": lambda rng: session([steady(rng, 80, 25, 1.0)], [], 60),
    "large bursts": partial(bursts, groups=(5, 5), files=(60, 140), inside_s=(0.5, 3), pauses_s=(60, 900)),
    "groups of one to three": partial(bursts, groups=(15, 20), files=(1, 3), inside_s=(2, 8), pauses_s=(120, 900)),
}
