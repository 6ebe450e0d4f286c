"""The few words of CalDAV (RFC 4791) that it takes to read the events of a span of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from lxml import etree

from nexuslims_core.errors import ConfigurationError, UnexpectedAnswerError
from nexuslims_core.reservations.listdata import joined, origin, parse, shortened
from nexuslims_core.reservations.web import Question, WebReader

_NS = {"d": "DAV:", "c": "urn:ietf:params:xml:ns:caldav"}
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_KINDS = b"""<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:displayname/></d:prop></d:propfind>"""
_QUERY = """<?xml version="1.0" encoding="utf-8"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><c:calendar-data/></d:prop>
<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">
<c:time-range start="{:%Y%m%dT%H%M%SZ}" end="{:%Y%m%dT%H%M%SZ}"/>
</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resource:
    address: str
    name: str
    is_calendar: bool


def find_calendar(reader: WebReader, address: str, name: str | None) -> str:
    """Return the address of the calendar at an address, or of the one called ``name`` among those below it.

    Raises
    ------
    ConfigurationError
        If there is no such calendar; the sentence names those that are there.
    NexusLimsError
        As :meth:`WebReader.ask` does.
    """
    (itself, *_) = _resources(reader, address, "0") or (None,)
    if itself is not None and itself.is_calendar:
        return address
    calendars = [each for each in _resources(reader, address, "1") if each.is_calendar]
    if len(calendars) == 1 and not name:
        return calendars[0].address
    chosen = [each for each in calendars if name and name in (each.name, _last(each.address))]
    if len(chosen) != 1:
        there = ", ".join(sorted(each.name or _last(each.address) for each in calendars)) or "none"
        raise ConfigurationError(
            f"the instrument's api_url leads to no calendar but to a folder of them: set its calendar_name to one of "
            f"those that are there ({shortened(there)}), or its api_url to that one's address"
        )
    return chosen[0].address


def calendar_text(reader: WebReader, address: str, first: datetime, last: datetime) -> bytes:
    """Return the events of a calendar that overlap a span, as iCalendar texts behind each other.

    Raises
    ------
    NexusLimsError
        As :meth:`WebReader.ask` does.
    """
    query = _QUERY.format(first.astimezone(UTC), last.astimezone(UTC)).encode()
    answer = _told(reader, "REPORT", address, query, "1")
    texts = answer.iterfind("d:response/d:propstat/d:prop/c:calendar-data", _NS)
    return "\r\n".join(text.text for text in texts if text.text).encode()


def _resources(reader: WebReader, address: str, depth: str) -> list[_Resource]:
    return list(_each(_told(reader, "PROPFIND", address, _KINDS, depth), address))


def _each(answer: etree._Element, address: str) -> Iterator[_Resource]:
    for response in answer.iterfind("d:response", _NS):
        target = joined(address, response.findtext("d:href", "", _NS).strip())
        kinds = response.find("d:propstat/d:prop/d:resourcetype", _NS)
        if origin(target) == origin(address):
            yield _Resource(
                address=target,
                name=response.findtext("d:propstat/d:prop/d:displayname", "", _NS).strip(),
                is_calendar=kinds is not None and kinds.find("c:calendar", _NS) is not None,
            )


def _told(reader: WebReader, method: str, address: str, body: bytes, depth: str) -> etree._Element:
    question = Question(
        address=address, accept="application/xml", method=method, body=body, headers={**_XML, "Depth": depth}
    )
    server = f"the calendar at {urlsplit(address).netloc}"
    root = parse(reader.ask(question).body, server)
    if root.tag != f"{{{_NS['d']}}}multistatus":
        raise UnexpectedAnswerError(
            f"{server} does not speak CalDAV there: correct the instrument's api_url; only that of a CalDAV collection "
            "ends with a slash"
        )
    return root


def _last(address: str) -> str:
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
