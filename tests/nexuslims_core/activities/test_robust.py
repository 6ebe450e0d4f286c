import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nexuslims_core.activities.clustering import cluster
from tests.nexuslims_core.activities.agreement import adjusted_rand, labels_of
from tests.nexuslims_core.activities.conftest import CASES
from tests.nexuslims_core.activities.generators import Maker
from tests.nexuslims_core.activities.kinds import LISTED
from tests.nexuslims_core.activities.more_kinds import BEYOND, YEAR

Case = Callable[[str], dict[str, Any]]

NUMBERS = [f"d{i:02d}" for i in range(1, 21)]
WITHOUT_AN_ANSWER = {"d05"}
"""Two files two hours apart: one pause has nothing to be compared with."""

TABLE: dict[str, dict[str, dict[str, float]]] = json.loads((CASES / "ari.json").read_text("utf-8"))
HELD = {"three nights", "lunch and night", "a copied folder", "a ragged series by hand"}
"""Kinds that come out wrong often enough to be told of in docs/activities.md; the rest must stay right."""

SEEDS = range(7_000, 7_004)


def agreement(make: Maker, seed: int) -> float:
    known = make(rng=np.random.default_rng(seed))
    return adjusted_rand(known.labels, cluster(known.times).labels)


@pytest.mark.parametrize("number", [n for n in NUMBERS if n not in WITHOUT_AN_ANSWER])
def test_each_known_session_is_accepted(number: str, case: Case) -> None:
    known = case(number)

    labels = labels_of(known, "robust")

    assert adjusted_rand(known["labels"], labels) >= known["accept"]["min_ari"]
    fewest, most = known["accept"]["n_groups"]
    assert fewest <= len(set(labels)) <= most


@pytest.mark.parametrize("number", NUMBERS)
def test_each_known_session_comes_out_as_the_table_says(number: str, case: Case) -> None:
    known = case(number)

    labels = labels_of(known, "robust")

    assert round(adjusted_rand(known["labels"], labels), 3) == TABLE[number]["robust"]["ari"]
    assert len(set(labels)) == TABLE[number]["robust"]["activities"]


@pytest.mark.parametrize("number", [n if n != "d16" else pytest.param(n, marks=pytest.mark.slow) for n in NUMBERS])
def test_the_table_says_what_the_published_method_makes_of_them(number: str, case: Case) -> None:
    known = case(number)

    labels = labels_of(known, "published")

    assert round(adjusted_rand(known["labels"], labels), 3) == TABLE[number]["published"]["ari"]
    assert len(set(labels)) == TABLE[number]["published"]["activities"]


@pytest.mark.parametrize("kind", [*LISTED])
def test_kinds_of_session_are_told_apart(kind: str) -> None:
    assert np.mean([agreement(LISTED[kind], seed) for seed in SEEDS]) >= 0.95


@pytest.mark.parametrize("kind", [kind for kind in BEYOND if kind not in HELD])
def test_kinds_made_to_break_it_do_not(kind: str) -> None:
    assert np.mean([agreement(BEYOND[kind], seed) for seed in SEEDS]) >= 0.7


def test_on_average_nearly_all_kinds_are_right() -> None:
    means = [np.mean([agreement(make, seed) for seed in SEEDS]) for make in LISTED.values()]

    assert np.mean(means) >= 0.99


def test_even_days_are_days_where_a_session_has_many() -> None:
    """What looks like bursts in groups is taken for them: said in docs/activities.md, held here."""
    known = BEYOND["three nights"](rng=np.random.default_rng(1))

    assert len(cluster(known.times).boundaries) == 3


@pytest.mark.parametrize("years", [-46.9, 11.2, 40.0], ids=["1980", "2038", "far ahead"])
def test_a_file_with_a_wrong_clock_changes_nothing_for_the_others(years: float, case: Case) -> None:
    times = case("d12")["times_epoch"]

    found = cluster([*times, times[0] + years * YEAR])

    alone = found.labels[-1]
    others = [label - (alone == 0) for label in found.labels[:-1]]
    assert others == list(cluster(times).labels)
    assert found.labels.count(alone) == 1


@pytest.mark.parametrize(
    ("times", "labels"),
    [
        ([0.0, 4.0, 3_600.0], (0, 0, 1)),
        ([0.0, 4.0, 10.0], (0, 0, 0)),
        ([0.0] * 5 + [3_600.0] * 4, (0,) * 5 + (1,) * 4),
        ([0.0, 0.0, 1.0, 1.0, 2.0, 2.0], (0,) * 6),
        ([0.0, 1.0, 2.0, 600.0, 601.0, 602.0], (0, 0, 0, 1, 1, 1)),
        ([20.0 * i for i in range(50)], (0,) * 50),
        ([20.0 * i for i in range(50)] + [20.0 * i + 0.01 for i in range(0, 50, 3)], (0,) * 67),
    ],
    ids=["two and one", "three alike", "two moments", "a slow clock", "two bursts", "a series", "with companions"],
)
def test_small_and_steady_sessions(times: list[float], labels: tuple[int, ...]) -> None:
    assert cluster(times).labels == labels


@st.composite
def kinds(draw: st.DrawFn) -> list[float]:
    every = {**LISTED, **BEYOND}
    make = every[draw(st.sampled_from(sorted(every)))]
    known = make(rng=np.random.default_rng(draw(st.integers(0, 10_000))))
    return [time - known.times[0] for time in known.times]


@settings(deadline=None, max_examples=40)
@given(kinds())
def test_labels_never_fall_in_time(times: list[float]) -> None:
    labels = cluster(times).labels

    assert np.diff(labels).min(initial=0) >= 0
    assert np.diff(labels).max(initial=0) <= 1


@settings(deadline=None, max_examples=40)
@given(kinds(), st.integers(0, 2**31))
def test_shifting_all_times_changes_nothing(times: list[float], shift: int) -> None:
    halves = [round(time * 1024) / 1024 for time in times]  # so that no shift rounds them

    assert cluster([time + shift + 0.125 for time in halves]).labels == cluster(halves).labels


@settings(deadline=None, max_examples=40)
@given(kinds(), st.floats(0.5, 2_000.0))
def test_scaling_all_times_changes_nothing_where_the_clock_is_fine(times: list[float], factor: float) -> None:
    found, scaled = cluster(times), cluster([time * factor for time in times])
    assume(_fine(times, found.explanation.tick_s) and _fine([t * factor for t in times], scaled.explanation.tick_s))

    assert scaled.labels == found.labels


def _fine(times: list[float], tick_s: float | None) -> bool:
    pauses = np.diff(np.unique(times))
    return tick_s is not None and bool((pauses > 1_000 * tick_s).all())


@settings(deadline=None, max_examples=40)
@given(kinds())
def test_a_session_run_backwards_has_the_same_activities(times: list[float]) -> None:
    found, mirrored = cluster(times), cluster([max(times) - time for time in times])

    assert adjusted_rand(found.labels, mirrored.labels) == 1
