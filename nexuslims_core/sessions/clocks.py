"""Times as loggers write them: ISO 8601 text with an offset, or the clock on the wall beside the instrument.

An hour that comes twice, when summer time ends, is the earlier one, unless only the later one is after the START. An
hour that never was, when summer time begins, is read as if the clock had not been put forward yet: 02:30 is 03:30.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much the clock of an instrument's computer may be ahead of ours; more is a time that is still to come."""

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands in for a time that cannot be read; a clock that was never set writes the same."""

FIRST, LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""Between these, every zone has a calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTime:
    """A time that was read from text.

    Attributes
    ----------
    time
        Aware, in UTC.
    how
        How the text was taken, to end a sentence with.
    by_offset
        Whether the text itself said where its clock runs.
    """

    time: datetime
    how: str
    by_offset: bool = False


def read_time(text: str, zone: ZoneInfo, *, after: datetime | None = None) -> ReadTime | None:
    """Return the time that a log states; None for text that is none, a day alone, or what no calendar has.

    Parameters
    ----------
    zone
        Where the instrument's clock runs; for text without an offset.
    after
        Aware time that it follows; of an hour that came twice it tells which.
    """
    if _is_day(text):
        return None
    try:
        told = datetime.fromisoformat(text.strip())
        read = _by_offset(told) if told.tzinfo else _on_the_wall(told, zone, after)
    except (ValueError, OverflowError):
        return None
    return read if FIRST <= read.time < LAST else None


def by_the_clock(told: datetime, zone: tzinfo, *, after: datetime | None = None) -> datetime:
    """Return a time, aware: a naive one is what a clock in ``zone`` shows, by the rule of this module.

    Parameters
    ----------
    after
        Aware time that it follows; of an hour that came twice it tells which.
    """
    if told.tzinfo is not None:
        return told
    first, second = _both(told, zone)
    return (second if _is_later(first, second, after) else first).astimezone(zone)


def _both(told: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return in UTC the two times at which a clock shows this, which are one but where it is put back or forward."""
    first, second = (told.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def _is_later(first: datetime, second: datetime, after: datetime | None) -> bool:
    return after is not None and first <= after < second


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def _by_offset(told: datetime) -> ReadTime:
    time = told.astimezone(UTC)
    return ReadTime(time=time, how=f"which is {time.isoformat()}", by_offset=True)


def _on_the_wall(told: datetime, zone: ZoneInfo, after: datetime | None) -> ReadTime:
    first, second = _both(told, zone)
    later = _is_later(first, second, after)
    time = second if later else first
    how = f"without a zone, and is read by the clock of {zone.key}: {time.astimezone(zone).isoformat()}"
    if second < first:
        how += ", since clocks went forward over that hour"
    elif first < second:
        which = "later one, since it follows the START" if later else "earlier one"
        how += f"; of that hour, which came twice, it is the {which}"
    return ReadTime(time=time, how=how)
