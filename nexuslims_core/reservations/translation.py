"""From one SharePoint list item to a reservation, by way of the stylesheet that maps its columns to the schema.

The stylesheet says which column becomes which element; what it makes is read back as our noun.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from urllib.parse import quote, urlsplit

from lxml import etree

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.listdata import NAMESPACES, column
from nexuslims_core.reservations.models import Reservation
from nexuslims_core.reservations.nexus_head import to_reservation
from nexuslims_core.reservations.rich_text import plain_text
from nexuslims_core.reservations.site_time import booked_from, booked_until, wall_clock
from nexuslims_core.schemas import SHAREPOINT_TO_NEXUS, schema_path

_NO_ACCESS = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]  # missing in lxml-stubs
_KEPT_IN_PATHS = "%/:@!$&'()*+,;=~"
_COLUMNS = "{urn:nexuslims:sharepoint-columns}columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of the columns that are read beside the stylesheet; the stylesheet states them.

    Attributes
    ----------
    people
        Columns that hold persons, to be expanded by the server.
    """

    start: str
    end: str
    description: str
    recurring: str
    people: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class Translator:
    """Turns list items into reservations.

    Attributes
    ----------
    stylesheet
        An XSLT 1.0 file with a ``c:columns`` element, such as the one that ships with this package.
    names
        Names that the site has for columns that the stylesheet knows, where they differ.
    columns
        Names of the columns by the stylesheet.
    asked
        Names of the same columns by the site.
    """

    stylesheet: Path = field(default_factory=lambda: schema_path(SHAREPOINT_TO_NEXUS))
    names: Mapping[str, str] = field(default_factory=dict)
    columns: Columns = field(init=False)
    asked: Columns = field(init=False)
    _transform: etree.XSLT = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            source = etree.parse(str(self.stylesheet), etree.XMLParser(resolve_entities=False, no_network=True))
            self._transform = etree.XSLT(source, access_control=_NO_ACCESS)
        except (OSError, etree.XMLSyntaxError, etree.XSLTParseError) as error:
            raise ConfigurationError(f"the stylesheet {self.stylesheet} cannot be used: {error}") from error
        self.columns = self._stated_columns(source.getroot())
        _check_names(self.names, etree.tostring(source, encoding="unicode"))
        self.asked = Columns(
            start=self._by_site(self.columns.start),
            end=self._by_site(self.columns.end),
            description=self._by_site(self.columns.description),
            recurring=self._by_site(self.columns.recurring),
            people=tuple(map(self._by_site, self.columns.people)),
        )

    def _by_site(self, name: str) -> str:
        return self.names.get(name, name)

    def _stated_columns(self, stylesheet: etree._Element) -> Columns:
        stated = stylesheet.find(_COLUMNS)
        if stated is None:
            raise ConfigurationError(
                f"the stylesheet {self.stylesheet} has no c:columns: copy them from the one shipped"
            )
        start, end, description, recurring, people = (
            stated.get(name, "") for name in ("start", "end", "description", "recurring", "people")
        )
        if not start or not end:
            raise ConfigurationError(f"c:columns in the stylesheet {self.stylesheet} must name start and end")
        return Columns(start=start, end=end, description=description, recurring=recurring, people=tuple(people.split()))

    def reservation(self, entry: etree._Element, instrument: Instrument, zone: tzinfo) -> Reservation:
        """Return the reservation that a list item describes; its times are the site's, in ``zone``.

        Raises
        ------
        UnexpectedAnswerError
            If its times are missing or cannot be understood.
        """
        entry = self._renamed(entry)
        recurring = bool(self.columns.recurring) and column(entry, self.columns.recurring).lower() in {"true", "1"}
        return to_reservation(self._experiment(entry, instrument, zone), recurring=recurring)

    def experiment(self, entry: etree._Element, instrument: Instrument, zone: tzinfo) -> etree._Element:
        """Return the head of a Nexus Experiment that the stylesheet makes of a list item.

        Raises
        ------
        UnexpectedAnswerError
            If the item's times are missing or cannot be understood.
        """
        return self._experiment(self._renamed(entry), instrument, zone)

    def _renamed(self, entry: etree._Element) -> etree._Element:
        """Return a list item whose columns and people have the names that the stylesheet knows."""
        if not self.names:
            return entry
        own, entry = {theirs: ours for ours, theirs in self.names.items()}, deepcopy(entry)
        for properties in entry.findall("a:content/m:properties", NAMESPACES):
            for value in properties.findall("d:*", NAMESPACES):
                name = etree.QName(value)
                if name.localname in own:
                    value.tag = f"{{{name.namespace}}}{own[name.localname]}"
                elif name.localname in self.names:  # another column, which happens to have this name at this site
                    properties.remove(value)
        for link in entry.findall("a:link[@title]", NAMESPACES):
            title = link.get("title", "")
            link.set("title", own.get(title, "" if title in self.names else title))
        return entry

    def _experiment(self, entry: etree._Element, instrument: Instrument, zone: tzinfo) -> etree._Element:
        event_id = column(entry, "Id")
        start, end = (wall_clock(column(entry, name)) for name in (self.columns.start, self.columns.end))
        description = column(entry, self.columns.description) if self.columns.description else ""
        given = {
            "instrument_pid": instrument.instrument_pid,
            "instrument_name": instrument.schema_name,
            "reservation_url": _page_for_people(instrument.calendar_url, event_id),
            "start": booked_from(start, zone).isoformat(),
            "end": booked_until(end, zone).isoformat(),
            "description": plain_text(description),
        }
        try:
            quoted = {name: etree.XSLT.strparam(text) for name, text in given.items()}
            made = self._transform(entry, profile_run=False, **quoted)
        except etree.XSLTApplyError as error:
            raise ConfigurationError(f"the stylesheet {self.stylesheet} failed on event {event_id}: {error}") from error
        root = made.getroot()
        if root is None:
            raise ConfigurationError(f"the stylesheet {self.stylesheet} makes nothing of event {event_id}")
        return root


def _check_names(names: Mapping[str, str], stylesheet: str) -> None:
    known = set(re.findall(r"\w+", stylesheet))
    for ours, theirs in names.items():
        if ours not in known:
            raise ConfigurationError(f"NEXUSLIMS_SHAREPOINT_COLUMNS: the stylesheet reads no column {ours!r}")
        if not re.fullmatch(r"\w+", theirs):
            raise ConfigurationError(f"NEXUSLIMS_SHAREPOINT_COLUMNS: {theirs!r} is no name of a column in a feed")


def _page_for_people(calendar_url: str | None, event_id: str) -> str:
    """Return the address of the item's own page, which lies beside the calendar's; empty where none is known."""
    try:
        parts = urlsplit(calendar_url or "")
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    folder, _, _ = quote(parts.path, safe=_KEPT_IN_PATHS).rpartition("/")
    return f"{parts.scheme}://{parts.netloc}{folder}/DispForm.aspx?ID={quote(event_id, safe='')}"
