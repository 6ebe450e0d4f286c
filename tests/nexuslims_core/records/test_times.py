from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.records.times import local, whole_second, xs_datetime


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (timedelta(hours=-5), "2019-11-13T10:00:00-05:00"),
        (timedelta(hours=5, minutes=45), "2019-11-13T10:00:00+05:45"),
        (timedelta(minutes=53, seconds=28), "2019-11-13T09:06:32+00:00"),
        (timedelta(hours=20), "2019-11-12T14:00:00+00:00"),
    ],
    ids=["ordinary", "minutes", "with seconds, as before 1900", "more than 14 hours"],
)
def test_an_offset_that_xml_does_not_know_becomes_utc(offset: timedelta, text: str) -> None:
    moment = datetime(2019, 11, 13, 10, tzinfo=timezone(offset))

    written = xs_datetime(moment)

    assert written == text


def test_a_time_is_told_by_the_instruments_clock() -> None:
    moment = datetime(2019, 7, 1, 10, tzinfo=UTC)

    told = local(moment, ZoneInfo("Europe/Berlin"))

    assert told.isoformat() == "2019-07-01T12:00:00+02:00"


def test_the_last_moment_of_the_calendar_stays_as_it_is() -> None:
    last = datetime.max.replace(tzinfo=UTC)

    told = local(last, ZoneInfo("Asia/Tokyo"))

    assert told == last


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=20))), "0001-01-01T00:00:00+00:00"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-20))), "9999-12-31T23:59:59.999999+00:00"),
    ],
    ids=["before the first day of UTC", "after its last"],
)
def test_a_time_beyond_the_calendar_of_utc_is_its_end(moment: datetime, text: str) -> None:
    beyond = moment

    written = xs_datetime(beyond)

    assert written == text


@pytest.mark.parametrize(
    ("epoch_s", "text"),
    [
        (0.9, "1970-01-01T00:00:00+00:00"),
        (-0.1, "1969-12-31T23:59:59+00:00"),
        (1e18, "9999-12-31T23:59:59+00:00"),
        (float("-inf"), "0001-01-01T00:00:00+00:00"),
        (float("nan"), "0001-01-01T00:00:00+00:00"),
    ],
)
def test_a_file_time_is_a_whole_second_of_the_calendar(epoch_s: float, text: str) -> None:
    given_time = epoch_s

    second = whole_second(given_time, UTC)

    assert second.isoformat() == text
