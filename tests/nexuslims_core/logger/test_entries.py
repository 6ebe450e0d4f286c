from datetime import UTC, datetime

import pytest

from nexuslims_core.logger.entries import Entry, Event, Written

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "instrument", "at"),
    [
        (Event.START, None, NOW),
        (Event.END, "Titan-1", NOW),
        (Event.END, None, datetime(1, 1, 1, tzinfo=UTC)),
        (Event.END, None, datetime(9999, 12, 31)),  # noqa: DTZ001 - a naive time is the instrument's
    ],
    ids=["start nowhere", "end somewhere", "year 1", "year 9999"],
)
def test_what_nobody_could_say_is_no_entry(event: Event, instrument: str | None, at: datetime) -> None:
    with pytest.raises(ValueError, match=r"a start names its instrument|no session was ever in the year"):
        Entry(event=event, session="s1", at=at, instrument=instrument)


def test_the_facility_says_times_with_a_zone() -> None:
    with pytest.raises(ValueError, match="session s1: times need a zone"):
        Written(session="s1", status="TO_BE_BUILT", start=NOW.replace(tzinfo=None))
