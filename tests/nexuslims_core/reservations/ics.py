"""iCalendar texts as calendar programs write them."""

from collections.abc import Iterable
from datetime import UTC, datetime


def vevent(*lines: str, uid: str = "1") -> str:
    """Return an event of these lines."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", ""])


def single(title: str, start: datetime, end: datetime, *more: str) -> str:
    """Return an event that happens once."""
    times = (f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}", f"DTEND:{end.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return vevent(*times, f"SUMMARY:{title}", *more, uid=f"{title.replace(' ', '-')}@example.org")


def vcalendar(events: Iterable[str] = (), *head: str) -> str:
    """Return a calendar of these events."""
    opening = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example.org//facility//EN", *head, ""]
    return "\r\n".join(opening) + "".join(events) + "END:VCALENDAR\r\n"
