import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuslims_core.files.spans import EVERY_TIME, Span, Window, united, window

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
MOMENTS = st.integers(-20, 20).map(float)
WINDOWS = st.lists(st.tuples(MOMENTS, MOMENTS).map(lambda ends: Window(low=min(ends), high=max(ends))), max_size=6)


@given(WINDOWS, MOMENTS)
def test_a_moment_is_held_if_any_window_holds_it(windows: list[Window], moment: float) -> None:
    held = any(each.low <= moment <= each.high for each in windows)

    assert Span(united(windows)).holds(moment) is held


@given(WINDOWS)
def test_united_windows_are_apart_and_ascending(windows: list[Window]) -> None:
    apart = united(windows)

    assert all(one.high < other.low for one, other in pairwise(apart))


@given(WINDOWS, MOMENTS, MOMENTS)
def test_a_window_is_covered_if_one_of_the_united_holds_both_its_ends(
    windows: list[Window], one: float, other: float
) -> None:
    asked = Window(low=min(one, other), high=max(one, other))
    covered = any(each.low <= asked.low and asked.high <= each.high for each in united(windows))

    assert Span(united(windows)).covers(asked) is covered


@pytest.mark.parametrize("moment", [-1e300, 0.0, 1e300, math.inf, -math.inf])
def test_every_time_holds_all_and_no_window_holds_nothing(moment: float) -> None:
    assert EVERY_TIME.holds(moment) is (moment != math.inf)
    assert not Span(()).holds(moment)


def test_a_margin_widens_both_ends() -> None:
    asked = window(START, START + timedelta(hours=1), margin_s=2.0)

    assert (asked.low, asked.high) == (START.timestamp() - 2, START.timestamp() + 3602)


def test_a_window_that_ends_before_it_begins_cannot_be() -> None:
    with pytest.raises(ValueError, match="cannot begin at"):
        window(START, START - timedelta(seconds=1))
