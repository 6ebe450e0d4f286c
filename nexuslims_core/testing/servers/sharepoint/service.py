"""ListData.svc: which items of which list an address asks for, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from nexuslims_core.testing.servers.sharepoint.atom import DECLARATION, NAMESPACES, AtomWriter, item_type, links
from nexuslims_core.testing.servers.sharepoint.calendar import Calendar, ListItem
from nexuslims_core.testing.servers.sharepoint.filtering import Filter, ODataError

_OPTIONS = frozenset({"$filter", "$skiptoken", "$expand"})
_ZONES = {
    "America/New_York": (10, "(UTC-05:00) Eastern Time (US and Canada)"),
    "Europe/Berlin": (4, "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"),
    "Etc/UTC": (93, "(UTC) Coordinated Universal Time"),
}
"""Zones of which a real server's number and description are known; others are told with number 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDataService:
    """Answers for the lists of one site.

    Attributes
    ----------
    base
        Address of ListData.svc, with a slash at its end.
    zone
        Zone in which the site's times are.
    page_size
        Entries in one answer; SharePoint's own limit is 1000.
    filter_quirk
        Times in ``$filter`` are taken for local ones, moved to UTC, and then compared with local times, as NIST's
        server did: an event at local midnight was not matched by ``ge`` that midnight.
    """

    base: str
    zone: ZoneInfo
    calendar: Calendar
    page_size: int = 1000
    filter_quirk: bool = False

    def feed(self, name: str, options: Mapping[str, str]) -> str:
        """Return one page of a list."""
        expand = self._expanded(name, options)
        items = self._chosen(name, options)
        page = items[: self.page_size]
        entries = [self._writer.entry(name, item, expand) for item in page]
        onward = [self._next_link(name, options, page[-1])] if len(page) < len(items) else []
        return DECLARATION + "\n".join([self._writer.feed_head(name, name, root=True), *entries, *onward, "</feed>"])

    def entry(self, name: str, number: int, options: Mapping[str, str]) -> str:
        """Return one item of a list."""
        items = self.calendar.lists[name]
        if number not in items:
            raise ODataError(404, f"Resource not found for the segment '{name}'.")
        entry = self._writer.entry(name, items[number], self._expanded(name, options))
        return DECLARATION + entry.strip().replace("<entry", f'<entry xml:base="{self.base}" {NAMESPACES}', 1)

    @property
    def _writer(self) -> AtomWriter:
        return AtomWriter(base=self.base, zone=self.zone, calendar=self.calendar)

    def service_document(self) -> str:
        """Return the list of lists."""
        names = "".join(
            f'<collection href="{name}"><atom:title>{name}</atom:title></collection>' for name in self.calendar.lists
        )
        return (
            f'{DECLARATION}<service xml:base="{self.base}" xmlns:atom="http://www.w3.org/2005/Atom" '
            f'xmlns="http://www.w3.org/2007/app"><workspace><atom:title>Default</atom:title>{names}</workspace></service>'
        )

    def time_zone(self) -> str:
        """Return the site's time zone, as SharePoint 2013 and later tell it."""
        number, described = _ZONES.get(self.zone.key, (0, self.zone.key))
        offset = self.zone.utcoffset(datetime(2019, 1, 1))  # noqa: DTZ001 - the zone is asked about a wall-clock time
        bias = -int(offset.total_seconds() // 60) if offset else 0
        return (
            f'{DECLARATION}<entry {NAMESPACES}><id>TimeZone</id><content type="application/xml"><m:properties>'
            f'<d:Description>{escape(described)}</d:Description><d:Id m:type="Edm.Int32">{number}</d:Id>'
            f'<d:Information m:type="SP.TimeZoneInformation"><d:Bias m:type="Edm.Int32">{bias}</d:Bias></d:Information>'
            "</m:properties></content></entry>"
        )

    def _chosen(self, name: str, options: Mapping[str, str]) -> list[ListItem]:
        """Return the items that the options ask for, from where the last page ended."""
        for option in options:
            if option.startswith("$") and option not in _OPTIONS:
                raise ODataError(400, f"The query parameter '{option}' is not recognized.")
        items = list(self.calendar.lists[name].values())
        if "$filter" in options:
            condition = Filter(options["$filter"], self.calendar.columns(name), self._shifted)
            items = [item for item in items if condition.holds(item.row)]
        return _after(items, options.get("$skiptoken"))

    def _shifted(self, time: datetime) -> datetime:
        """Return the time that the service takes one in a condition for."""
        return time - (self.zone.utcoffset(time) or timedelta()) if self.filter_quirk else time

    def _expanded(self, name: str, options: Mapping[str, str]) -> frozenset[str]:
        expand = frozenset(filter(None, options.get("$expand", "").split(",")))
        for link in sorted(expand - links(name).keys()):
            raise ODataError(400, f"Could not find a property named '{link}' on type '{item_type(name)}'.")
        return expand

    def _next_link(self, name: str, options: Mapping[str, str], last: ListItem) -> str:
        """Return the link to the next page; its token is the last Id, one part of SharePoint's."""
        onward = dict(options) | {"$skiptoken": str(last.number)}
        query = "&".join(f"{key}={quote(value)}" for key, value in onward.items())
        return f'  <link rel="next" href={quoteattr(f"{self.base}{name}?{query}")} />'


def _after(items: list[ListItem], token: str | None) -> list[ListItem]:
    if token is None:
        return items
    numbers = [str(item.number) for item in items]
    if token not in numbers:
        raise ODataError(400, "Error processing the $skiptoken.")
    return items[numbers.index(token) + 1 :]
