"""The dates of the events of an iCalendar text (RFC 5545) that lie near a session; runs in :mod:`.child`.

A calendar may hold ten years of bookings, so single events that are far away are left out before they are parsed.
Series are expanded by recurring-ical-events, with their exceptions and in their own zones. What repeats more often
than anybody books is left out and said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import recurring_ical_events  # type: ignore[import-untyped] # it states no types
from icalendar import Calendar, Component

from nexuslims_core.reservations.ical.wording import Event, Person

MOST_EVENTS = 20_000
"""Events of one calendar that are looked at, after those were left out that are far away."""
MOST_DATES = 5_000
MOST_A_DAY = 24

_BLOCK = re.compile(r"^BEGIN:(VEVENT|VTODO|VJOURNAL|VFREEBUSY)\s*?$.*?^END:\1\s*?$\n?", re.DOTALL | re.MULTILINE)
_ALARM = re.compile(r"^BEGIN:VALARM\s*?$.*?^END:VALARM\s*?$\n?", re.DOTALL | re.MULTILINE)
_CALENDAR = re.compile(r"^BEGIN:VCALENDAR\s*?$.*?^END:VCALENDAR\s*?$", re.DOTALL | re.MULTILINE)
_SERIES = re.compile(r"^(?:RRULE|RDATE|RECURRENCE-ID)[;:]", re.MULTILINE)
_DAY = r"^{}(?:;[^:\n]*)?:([0-9]{{8}})"
_START, _END = (re.compile(_DAY.format(name), re.MULTILINE) for name in ("DTSTART", "DTEND"))
_FAR = timedelta(days=2)
_LONG = timedelta(days=366)
_ODD = (ValueError, TypeError, LookupError, AttributeError, RecursionError, ArithmeticError, OSError)
"""What the two libraries raise where an event makes no sense."""


class NoCalendarError(ValueError):
    """A text is no calendar, ends in the middle, or holds more than anybody books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time that is asked for, aware, and the zone of times that name none."""

    first: datetime
    last: datetime
    zone: tzinfo


def events(text: str, span: Span, left_out: list[str]) -> Iterator[Event]:
    """Yield the dates that overlap the span and were not cancelled.

    Parameters
    ----------
    text
        One calendar, or several behind each other.
    left_out
        Is given a sentence for every event that makes no sense.

    Raises
    ------
    NoCalendarError
        If it is none, or too much.
    """
    text = re.sub(r"\r?\n[ \t]", "", text.lstrip("\ufeff \t\r\n"))
    calendars = _CALENDAR.findall(text)
    if not calendars or _CALENDAR.sub("", text).strip():
        raise NoCalendarError("is no calendar, or ends in the middle")
    dates = kept = 0
    for calendar in calendars:
        head, blocks = _near(calendar, span)
        kept += len(blocks)
        if kept > MOST_EVENTS:
            raise NoCalendarError(f"holds more than {MOST_EVENTS:,} events and series around the session")
        for event in _dates(head, blocks, span, left_out):
            dates += 1
            if dates > MOST_DATES:
                raise NoCalendarError(f"holds more than {MOST_DATES:,} bookings around the session")
            yield event


def _near(calendar: str, span: Span) -> tuple[str, list[str]]:
    """Return what stands round the events of a calendar, and the events that may be near."""
    blocks: list[str] = []

    def sorted_out(block: re.Match[str]) -> str:
        event = _ALARM.sub("", block[0])
        if block[1] == "VEVENT" and _may_be_near(event, span):
            blocks.append(event)
        return ""

    return _BLOCK.sub(sorted_out, calendar), blocks


def _may_be_near(event: str, span: Span) -> bool:
    if _SERIES.search(event):
        return True
    start, end = _START.search(event), _END.search(event)
    if start is None:
        return True  # it is said later that it has none
    if start[1] > f"{span.last + _FAR:%Y%m%d}":
        return False
    return (end or start)[1] >= f"{span.first - (_FAR if end else _LONG):%Y%m%d}"


def _dates(head: str, blocks: Sequence[str], span: Span, left_out: list[str]) -> Iterator[Event]:
    calendar, parsed = _parsed(head, blocks, left_out)
    if str(calendar.get("METHOD", "")).upper() == "CANCEL":
        return
    _forget_unknown_zone(calendar, left_out)
    by_uid: defaultdict[str, list[Component]] = defaultdict(list)
    for number, event in enumerate(parsed):
        by_uid[str(event.get("UID") or f"event {number}")].append(event)
    for uid, series in by_uid.items():
        try:
            yield from _of_series(uid, calendar, series, span, left_out)
        except _ODD as error:
            left_out.append(f"event {uid:.200} makes no sense: {str(error) or type(error).__name__:.300}")


def _forget_unknown_zone(calendar: Calendar, left_out: list[str]) -> None:
    """Drop the zone of a whole calendar where nobody knows it, since no event could be expanded then."""
    name = calendar.get("X-WR-TIMEZONE")
    try:
        ZoneInfo(str(name or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        left_out.append(f"the zone {str(name)[:100]!r} is not known, so times without a zone are the instrument's")
        del calendar["X-WR-TIMEZONE"]


def _parsed(head: str, blocks: Sequence[str], left_out: list[str]) -> tuple[Calendar, list[Component]]:
    """Return a calendar without its events, and these; one by one where they cannot be read together."""
    end = head.rindex("END:VCALENDAR")
    opening, closing = head[:end], head[end:]
    empty = _calendar(head)
    try:
        return empty, list(_calendar(opening + "".join(blocks) + closing).walk("VEVENT"))
    except _ODD:
        found: list[Component] = []
    for block in blocks:
        try:
            found += _calendar(opening + block + closing).walk("VEVENT")
        except _ODD as error:
            left_out.append(f"an event cannot be read: {error!s:.300}")
    return empty, found


def _calendar(text: str) -> Calendar:
    try:
        parsed = Calendar.from_ical(text)
    except _ODD as error:
        raise NoCalendarError(f"is no calendar that can be read ({error!s:.200})") from error
    if not isinstance(parsed, Calendar):
        raise NoCalendarError("is no calendar")
    return parsed


def _of_series(
    uid: str, calendar: Calendar, series: Sequence[Component], span: Span, left_out: list[str]
) -> Iterator[Event]:
    """Yield the dates of the events that share one identifier: a series with its exceptions, or a single event."""
    _refuse_nonsense(series, span.zone)
    alone = Calendar()
    for name, value in calendar.property_items(recursive=False):
        if name not in {"BEGIN", "END"}:
            alone[name] = value
    alone.subcomponents = [*calendar.subcomponents, *series]
    first, last = (time.astimezone(span.zone) for time in (span.first - _FAR, span.last + _FAR))
    repeats = len(series) > 1 or any(each.get(name) for each in series for name in ("RRULE", "RDATE", "RECURRENCE-ID"))
    for component in recurring_ical_events.of(alone).between(first, last):
        if str(component.get("STATUS", "")).upper() == "CANCELLED":
            continue
        event = _event(uid, component, span.zone, repeats=repeats)
        if event.end <= event.start:
            left_out.append(f"event {uid:.200} does not end after it starts")
        elif event.start <= span.last and event.end >= span.first:
            yield event


def _refuse_nonsense(series: Iterable[Component], zone: tzinfo) -> None:
    """Raise ValueError for an end before its start, and for what repeats more often than anybody can expand."""
    for event in series:
        start, end = (event.get(name) for name in ("DTSTART", "DTEND"))
        if start is not None and end is not None and _instant(end.dt, zone) < _instant(start.dt, zone):
            raise ValueError("it ends before it starts")
        rules = event.get("RRULE") or []
        for rule in rules if isinstance(rules, list) else [rules]:
            frequency = str((rule.get("FREQ") or [""])[0]).upper()
            a_day = 1
            for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
                a_day *= max(1, len(rule.get(part) or []))
            if frequency in {"SECONDLY", "MINUTELY", "HOURLY"} or a_day > MOST_A_DAY:
                raise ValueError(f"it repeats more than {MOST_A_DAY} times a day")


def _event(uid: str, component: Component, zone: tzinfo, *, repeats: bool) -> Event:
    start, end = _instant(component.start, zone), _instant(component.end, zone)  # type: ignore[attr-defined] # of an Event
    began = component.get("RECURRENCE-ID")
    mark = _instant(began.dt, zone) if began is not None else start
    organizer = component.get("ORGANIZER")
    return Event(
        uid=f"{uid}/{mark.astimezone(UTC):%Y%m%dT%H%M%SZ}" if repeats else uid,
        start=start,
        end=end,
        summary=str(component.get("SUMMARY", "")),
        description=_text(component.get("DESCRIPTION", "")),
        url=str(component.get("URL", "")),
        organizer=_person(organizer) if organizer is not None else None,
        attendees=tuple(map(_person, filter(_comes, _listed(component.get("ATTENDEE"))))),
    )


def _instant(time: date, zone: tzinfo) -> datetime:
    """Return an aware time of the zone, with a fixed offset; a day stands for its midnight."""
    if not isinstance(time, datetime):
        time = datetime(time.year, time.month, time.day, tzinfo=zone)
    elif time.tzinfo is None:
        time = time.replace(tzinfo=zone)
    return datetime.fromisoformat(time.astimezone(UTC).astimezone(zone).isoformat())


def _comes(attendee: Any) -> bool:  # noqa: ANN401 - icalendar's address with parameters
    parameters: Mapping[str, str] = getattr(attendee, "params", {})
    kind = parameters.get("CUTYPE", "INDIVIDUAL").upper()
    return kind not in {"ROOM", "RESOURCE"} and parameters.get("PARTSTAT", "").upper() != "DECLINED"


def _person(address: Any) -> Person:  # noqa: ANN401 - as above
    email = re.sub(r"^mailto:", "", str(address), flags=re.IGNORECASE)
    name = str(getattr(address, "params", {}).get("CN", ""))
    return Person(name=name, email=email if "@" in email and len(email) < 255 else "")


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - one value or several
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:  # noqa: ANN401 - as above
    return "\n".join(map(str, _listed(value)))
