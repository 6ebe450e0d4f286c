"""What the one who looks at the list of sessions has chosen, read from the address of the page."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from fastapi import Request

from nexuslims_core.sessions.listing import Wanted
from nexuslims_core.sessions.states import RecordStatus

PER_PAGE = 50
LARGEST_NUMBER = 2**63 - 1
Field = Literal["status", "instrument", "user", "since", "until"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The fields as they were filled in; an empty one chooses nothing.

    Attributes
    ----------
    since, until
        Days as ``2026-03-02``, both included.
    """

    status: str = ""
    instrument: str = ""
    user: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, request: Request) -> "Filters":
        """Return the filters in an address."""
        said = request.query_params
        return cls(**{name: said.get(name, "") for name in ("status", "instrument", "user", "since", "until")})

    @property
    def any(self) -> bool:
        """Whether something beside the status is chosen."""
        return any((self.instrument, self.user, self.since, self.until))

    @property
    def query(self) -> dict[str, str | None]:
        """What an address says of them."""
        return {
            "status": self.status,
            "instrument": self.instrument,
            "user": self.user,
            "since": self.since,
            "until": self.until,
        }

    def with_status(self, status: str) -> "Filters":
        """Return the same with another status."""
        return replace(self, status=status)

    @property
    def complaint(self) -> str | None:
        """What cannot be understood, in a sentence."""
        for day in (self.since, self.until):
            if day and _day(day) is None:
                return "Write days as 2026-03-02; what is no day was left out."
        if self.status and self.status not in RecordStatus.__members__:
            return "There is no such state, so sessions of every state are shown."
        return None

    def wanted(self, zone: tzinfo = UTC) -> Wanted:
        """Return what is chosen; days begin and end in ``zone``."""
        known = self.status in RecordStatus.__members__
        since, until = _day(self.since), _day(self.until)
        return Wanted(
            statuses=frozenset({RecordStatus(self.status)} if known else ()),
            instrument_pid=self.instrument or None,
            user=self.user or None,
            since=_start(since, zone) if since else None,
            until=_start(until + timedelta(days=1), zone) - timedelta(microseconds=1) if until else None,
            limit=PER_PAGE,
        )


def number(text: str) -> int | None:
    """Return the number of a row that an address says, None where it says none."""
    return int(text) if text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_NUMBER else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 9000 else None


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
