import pytest

from nexuslims_core.activities.durations import spoken


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4e-7, "0.4 µs"),
        (0.012, "12 ms"),
        (1.5, "1.5 s"),
        (89.0, "89 s"),
        (90.0, "1.5 min"),
        (7_200.0, "2 h"),
        (86_400.0, "24 h"),
        (3 * 86_400.0, "3 days"),
        (40 * 31_557_600.0, "40 years"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_suits_it(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
