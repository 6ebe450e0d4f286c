"""Times of old logs, by the rules that all logs are read by (sessions/clocks.py), and how the old system wrote them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nexuslims_core.sessions import clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A time as it was told.

    Attributes
    ----------
    time
        Aware, in UTC.
    day
        The date that the old system wrote, and called the record by.
    healed
        How it was taken, where the clock on the wall showed that hour twice or never; None where it was clear.
    """

    time: datetime
    day: str
    healed: str | None = None


def told_time(text: str | None, zone: ZoneInfo, *, after: datetime | None = None) -> Told | None:
    """Return the time that a log states; None for one that no calendar has.

    Parameters
    ----------
    zone
        Where the instrument's clock runs.
    after
        Aware time that it follows; of an hour that came twice it tells which.
    """
    read = clocks.read_time(text, zone, after=after) if text else None
    if text is None or read is None:
        return None
    wall = datetime.fromisoformat(text)
    healed = None if read.by_offset or _is_clear(wall, zone) else f"said {text!r}, {read.how}"
    return Told(time=read.time, day=wall.date().isoformat(), healed=healed)


def _is_clear(wall: datetime, zone: ZoneInfo) -> bool:
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first == second
