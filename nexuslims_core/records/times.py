"""Times as a record tells them: by the instrument's clock, with its offset."""

from datetime import UTC, datetime, timedelta, tzinfo

_MOST = timedelta(hours=14)


def local(moment: datetime, zone: tzinfo) -> datetime:
    """Return ``moment`` as the instrument's clock tells it; at the ends of the calendar it stays as it is."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def xs_datetime(moment: datetime) -> str:
    """Return an aware time as an ``xs:dateTime``, whose offset is in whole minutes and at most 14 hours."""
    offset = moment.utcoffset() or timedelta(0)
    if offset % timedelta(minutes=1) or abs(offset) > _MOST:
        moment = local(moment, UTC)
    return moment.isoformat()
