from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.db.adoption.times import told_time

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2018-11-13T13:01:00.123", datetime(2018, 11, 13, 18, 1, 0, 123000, tzinfo=UTC)),
        ("2018-11-13 13:01:00", datetime(2018, 11, 13, 18, 1, tzinfo=UTC)),
        ("2018-07-13T13:01", datetime(2018, 7, 13, 17, 1, tzinfo=UTC)),
        ("2018-11-13T13:01:00-07:00", datetime(2018, 11, 13, 20, 1, tzinfo=UTC)),
        ("2018-11-13T13:01:00Z", datetime(2018, 11, 13, 13, 1, tzinfo=UTC)),
        ("2019-11-03T01:30:00-05:00", datetime(2019, 11, 3, 6, 30, tzinfo=UTC)),
    ],
)
def test_a_naive_time_is_the_instruments_and_an_offset_counts(text: str, utc: datetime) -> None:
    told = told_time(text, NEW_YORK)

    assert told is not None
    assert (told.time, told.healed) == (utc, None)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "2019-02-30T10:00:00",
        "2019-13-01T10:00:00",
        "2019-03-01T25:00:00",
        "2019-03-01",
        "20190301",
        "1551434400",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59",
        "2019-03-01T10:00:00+99:00",
    ],
)
def test_what_no_calendar_has_is_no_time(text: str | None) -> None:
    assert told_time(text, NEW_YORK) is None


def test_an_hour_that_came_twice_is_the_first() -> None:
    told = told_time("2019-11-03T01:30:00", NEW_YORK)

    assert told is not None
    assert told.time == datetime(2019, 11, 3, 5, 30, tzinfo=UTC)
    assert str(told.healed).startswith("said '2019-11-03T01:30:00', ")
    assert "came twice" in str(told.healed)


def test_an_hour_that_came_twice_is_the_second_where_a_session_would_end_before_it_starts() -> None:
    told = told_time("2019-11-03T01:10:00", NEW_YORK, after=datetime(2019, 11, 3, 5, 50, tzinfo=UTC))

    assert told is not None
    assert told.time == datetime(2019, 11, 3, 6, 10, tzinfo=UTC)
    assert "came twice" in str(told.healed)


def test_an_hour_that_came_twice_is_the_first_where_neither_helps() -> None:
    told = told_time("2019-11-03T01:10:00", NEW_YORK, after=datetime(2019, 11, 3, 9, 0, tzinfo=UTC))

    assert told is not None
    assert told.time == datetime(2019, 11, 3, 5, 10, tzinfo=UTC)


def test_an_hour_that_was_skipped_is_taken_forward() -> None:
    told = told_time("2019-03-10T02:30:00", NEW_YORK)

    assert told is not None
    assert told.time == datetime(2019, 3, 10, 7, 30, tzinfo=UTC)
    assert "2019-03-10T03:30:00-04:00" in str(told.healed)


def test_the_day_is_the_one_that_was_written() -> None:
    told = told_time("2019-03-10T23:30:00-05:00", ZoneInfo("Asia/Tokyo"))

    assert told is not None
    assert told.day == "2019-03-10"
