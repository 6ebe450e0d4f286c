from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.sessions.spans import in_words, lasting


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=3, seconds=20), "3 min 20 s"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, seconds=5), "2 h"),
        (timedelta(days=1, hours=5, minutes=9), "1 day 5 h"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span: timedelta, words: str) -> None:
    assert lasting(span) == words


def test_a_time_is_told_in_a_zone_with_its_offset() -> None:
    told = in_words(datetime(2026, 7, 1, 12, 0, 0, 999999, tzinfo=UTC), ZoneInfo("America/New_York"))

    assert told == "2026-07-01 08:00:00-04:00"
    assert datetime.fromisoformat(told) == datetime(2026, 7, 1, 12, tzinfo=UTC)
