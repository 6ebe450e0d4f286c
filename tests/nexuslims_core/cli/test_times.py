import argparse
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.cli.times import in_zone, moment


@pytest.mark.parametrize("text", ["2026-03-01T09:30", "2026-03-01 09:30:00.5", "2026-03-01", "2026-03-01T09:30Z"])
def test_iso_times_are_taken(text: str) -> None:
    assert moment(text).year == 2026


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01", "1772355000"])
def test_others_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no ISO 8601 time such as"):
        moment(text)


def test_a_naive_time_is_in_the_zone_given() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert in_zone(moment("2026-07-01T12:00"), berlin).astimezone(UTC) == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_an_aware_time_stays_as_it_is() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)

    assert in_zone(noon, ZoneInfo("Europe/Berlin")) is noon
