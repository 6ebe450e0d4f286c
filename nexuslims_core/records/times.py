"""Times as a record tells them: by the instrument's clock, with its offset."""

import math
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

_MOST = timedelta(hours=14)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def local(moment: datetime, zone: tzinfo) -> datetime:
    """Return ``moment`` as the instrument's clock tells it; at the ends of the calendar it stays as it is."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def whole_second(epoch_s: float, zone: tzinfo) -> datetime:
    """Return the second in which something happened; the calendar's first or last where it lies beyond them.

    Parameters
    ----------
    epoch_s
        Seconds since 1970 in UTC; no number at all counts as before the calendar.
    """
    try:
        return datetime.fromtimestamp(math.floor(epoch_s), zone)
    except (OverflowError, ValueError, OSError):  # not a number, or a time that a broken file system made up
        return local((_LAST if epoch_s > 0 else _FIRST).replace(microsecond=0), zone)


def xs_datetime(moment: datetime) -> str:
    """Return an aware time as an ``xs:dateTime``, whose offset is in whole minutes and at most 14 hours."""
    return (moment if _is_known(moment.utcoffset() or timedelta(0)) else _in_utc(moment)).isoformat()


@lru_cache(maxsize=64)
def _is_known(offset: timedelta) -> bool:
    """Tell whether XML knows an offset; a record has one or two, and asks for each of its datasets."""
    return not offset % timedelta(minutes=1) and abs(offset) <= _MOST


def _in_utc(moment: datetime) -> datetime:
    """Return a time in UTC; one that UTC's calendar does not reach is its first or last moment."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == _FIRST.year else _LAST
