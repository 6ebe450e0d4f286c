from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuslims_core.sessions.clocks import FIRST, LAST, by_the_clock, read_time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "utc", "how"),
    [
        ("2026-03-02T10:00:00.5", "2026-03-02T09:00:00.500000", "the clock of Europe/Berlin: 2026-03-02T10:00:00.5"),
        ("2026-03-02T10:00:00+09:00", "2026-03-02T01:00:00", "which is 2026-03-02T01:00:00+00:00"),
        (" 20260302T1000 ", "2026-03-02T09:00:00", "without a zone"),
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00", "T03:30:00+02:00, since clocks went forward over that hour"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00", "which came twice, it is the earlier one"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00", "which is"),
    ],
)
def test_reads_what_loggers_write(text: str, utc: str, how: str) -> None:
    read = read_time(text, BERLIN)

    assert read is not None
    assert read.time == datetime.fromisoformat(f"{utc}+00:00")
    assert how in read.how


@pytest.mark.parametrize(
    ("after", "hour"),
    [("2026-10-24T20:00:00+00:00", 0), ("2026-10-25T00:45:00+00:00", 1), ("2026-10-25T05:00:00+00:00", 0)],
    ids=["long before", "between the two", "after both"],
)
def test_of_an_hour_that_came_twice_takes_the_later_one_only_to_follow_the_start(after: str, hour: int) -> None:
    read = read_time("2026-10-25T02:30:00", BERLIN, after=datetime.fromisoformat(after))

    assert read is not None
    assert read.time == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "now", "2026-03-02", "2026-W10-1", "2026-02-29T10:00", "0001-01-01T00:00", "9999-12-31T23:59"]
)
def test_refuses_what_is_no_time_of_any_calendar(text: str) -> None:
    assert read_time(text, BERLIN) is None


@given(st.text(max_size=30) | st.datetimes().map(str) | st.datetimes(timezones=st.timezones()).map(datetime.isoformat))
def test_answers_whatever_the_text(text: str) -> None:
    read = read_time(text, BERLIN)

    assert read is None or FIRST <= read.time < LAST


EARLY, LATE = datetime(1900, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - what clocks on walls show
WALLS = st.datetimes(min_value=EARLY, max_value=LATE)
MOMENTS = st.datetimes(min_value=EARLY, max_value=LATE, timezones=st.just(UTC))


@given(WALLS, st.timezones(), MOMENTS)
def test_a_time_of_a_command_and_one_of_a_row_are_read_by_one_rule(
    told: datetime, zone: ZoneInfo, after: datetime
) -> None:
    read = read_time(told.isoformat(), zone, after=after)

    assert read is not None
    assert by_the_clock(told, zone, after=after).astimezone(UTC) == read.time


def test_a_time_with_an_offset_is_what_it_says() -> None:
    told = datetime(2026, 3, 2, 10, tzinfo=UTC)

    assert by_the_clock(told, BERLIN, after=told) is told
