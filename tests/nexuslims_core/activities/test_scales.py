import numpy as np
import pytest

from nexuslims_core.activities.scales import Ruler, Scale

FINE, SECONDS = Ruler(tick_s=1e-6, width=0.2), Ruler(tick_s=1.0, width=0.2)


@pytest.mark.parametrize(
    ("ordered", "seen"),
    [
        ([20.0, 20.0, 20.0, 40.0], [False, False, False]),
        ([20.0, 20.0, 20.0, 60.0], [False, False, True]),
        ([20.0, 24.0, 26.0, 42.0, 60.0, 78.0], [False, False, True, False, False]),
        ([20.0, 24.0, 50.0, 60.0, 78.0], [False, True, False, False]),
        ([1.0, 1.0, 1.0, 100.0], [False, False, True]),
        ([5.0], []),
    ],
    ids=["a missed frame", "three times", "uneven both", "clear", "far", "one pause"],
)
def test_a_void_is_seen_by_what_is_typical_on_both_sides(ordered: list[float], seen: list[bool]) -> None:
    assert FINE.wide(np.array(ordered)).tolist() == seen


def test_a_clock_of_seconds_hides_what_a_fine_one_shows() -> None:
    ordered = np.array([1.0, 1.0, 1.0, 3.0])

    assert (FINE.wide(ordered)[-1], SECONDS.wide(ordered)[-1]) == (True, False)


@pytest.mark.parametrize(
    ("evidence", "words"), [(5.0, "by chance once in 148 times."), (50.0, "once in a million times.")]
)
def test_the_reason_says_how_often_chance_does_it(evidence: float, words: str) -> None:
    scale = Scale(below_s=9.0, above_s=300.0, evidence=evidence)

    assert scale.reason.startswith("Pauses around it are at most 9 s or at least 5 min, none between;")
    assert scale.reason.endswith(words)
