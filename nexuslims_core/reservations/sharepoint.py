"""SharePoint calendars on premises (2010 to 2019): list items by ListData.svc, signed in by NTLM.

Left out: SharePoint Online, which has no NTLM, and the single events of a series, which this interface does not give.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

import requests
from lxml import etree
from typing_extensions import override

from nexuslims_core.errors import UnexpectedAnswerError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.addresses import no_address, refuse_login
from nexuslims_core.reservations.base import ReservationSystem
from nexuslims_core.reservations.listdata import column, entries, next_page, parse, parse_feed, shortened
from nexuslims_core.reservations.logins import Logins, OwnLogins
from nexuslims_core.reservations.models import Reservation
from nexuslims_core.reservations.ntlm import NtlmReader
from nexuslims_core.reservations.site_time import zone_of_site
from nexuslims_core.reservations.translation import Translator
from nexuslims_core.schemas import SHAREPOINT_TO_NEXUS, schema_path

MOST_PAGES = 50
WIDENED = timedelta(days=1)
"""Servers compare dates some hours off, so more is asked for than is needed and the choice is made here."""

_SERVICE = "/_vti_bin/"
_ZONE_DOCUMENT = "/_api/web/RegionalSettings/TimeZone"

log = logging.getLogger(__name__)


@dataclass(kw_only=True, eq=False)
class SharePointCalendar(ReservationSystem):
    r"""Reservations from lists on SharePoint servers, read as one account.

    Attributes
    ----------
    user, password
        The account, best as ``DOMAIN\user``.
    zone
        Zone of the sites' times; None asks each site, and takes the instrument's where a site cannot tell (2010).
    session
        Keeps the signed-in connections.
    timeout_s
        How long a server may stay silent.
    stylesheet
        The XSLT that maps the columns of the lists to the schema.
    columns
        Names that the site has for the columns that the stylesheet knows, where they differ: ``{"StartTime":
        "Anfangszeit"}``.
    logins
        The memory of refused logins; one that was refused is not tried again.
    """

    user: str
    password: str = field(repr=False)
    zone: tzinfo | None = None
    session: requests.Session = field(default_factory=requests.Session, repr=False)
    timeout_s: float = 30.0
    stylesheet: Path = field(default_factory=lambda: schema_path(SHAREPOINT_TO_NEXUS))
    columns: Mapping[str, str] = field(default_factory=dict)
    logins: Logins = field(default_factory=OwnLogins, repr=False)
    _reader: NtlmReader = field(init=False, repr=False)
    _translator: Translator = field(init=False, repr=False)
    _zones: dict[str, tzinfo | None] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._reader = NtlmReader(
            user=self.user,
            password=self.password,
            session=self.session,
            timeout_s=self.timeout_s,
            logins=self.logins,
        )
        self._translator = Translator(stylesheet=self.stylesheet, names=self.columns)

    @override
    def reservations(self, instrument: Instrument, start: datetime, end: datetime) -> tuple[Reservation, ...]:
        """Return the bookings of ``instrument`` that may overlap ``[start, end]``, and some of the days around."""
        address = _list_address(instrument)
        zone = self.zone or self._zone_of_site(address) or instrument.zone
        query = self._query(start.astimezone(zone) - WIDENED, end.astimezone(zone) + WIDENED)
        items = (item for page in self._pages(f"{address}?{query}") for item in entries(page))
        return tuple(filter(None, (self._translated(item, instrument, zone) for item in items)))

    def _query(self, start: datetime, end: datetime) -> str:
        """Return the part of the address that asks for bookings in ``[start, end]``, times of the site."""
        columns = self._translator.asked
        first, last = (f"datetime'{time:%Y-%m-%dT%H:%M:%S}'" for time in (start, end))
        condition = quote(f"({columns.start} le {last}) and ({columns.end} ge {first})", safe="()':")
        people = quote(",".join(columns.people), safe=",/")
        return f"$expand={people}&$filter={condition}" if people else f"$filter={condition}"

    def _pages(self, address: str) -> Iterator[etree._Element]:
        """Follow a feed to its end; the server cuts it after some entries, by default a thousand."""
        onward: str | None = address
        for _ in range(MOST_PAGES):
            if onward is None:
                return
            feed = parse_feed(self._reader.get(onward).content(), onward)
            yield feed
            onward = next_page(feed, onward)
        if onward is not None:
            raise UnexpectedAnswerError(f"{shortened(address)} goes on after {MOST_PAGES} pages")

    def _translated(self, item: etree._Element, instrument: Instrument, zone: tzinfo) -> Reservation | None:
        """Return the reservation of an item, or None for one without times: it is said, and the others count."""
        try:
            return self._translator.reservation(item, instrument, zone)
        except UnexpectedAnswerError as error:
            log.warning("%s: calendar event %s left out: %s", instrument.instrument_pid, column(item, "Id"), error)
            return None

    def _zone_of_site(self, address: str) -> tzinfo | None:
        """Return the zone that a site says its times are in; None from SharePoint 2010, which cannot say."""
        site = address[: address.lower().index(_SERVICE)]
        if site not in self._zones:
            self._zones[site] = self._told_zone(f"{site}{_ZONE_DOCUMENT}")
        return self._zones[site]

    def _told_zone(self, address: str) -> tzinfo | None:
        answer = self._reader.get(address)
        if answer.status == HTTPStatus.OK:
            return zone_of_site(parse(answer.body, address))
        log.info("%s answered %d: times are taken for those of the instrument's zone", address, answer.status)
        return None


def _list_address(instrument: Instrument) -> str:
    """Return the address of an instrument's list, without a query.

    Raises
    ------
    ConfigurationError
        If the instrument's row has none, or one with a password in it.
    """
    refuse_login(instrument)
    address, _, _ = (instrument.api_url or "").strip().partition("?")
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and _SERVICE in parts.path.lower()
    except ValueError:
        usable = False
    if not usable:
        raise no_address(
            instrument, "a list of a SharePoint calendar, such as https://SERVER/SITE/_vti_bin/ListData.svc/LIST"
        )
    return address.rstrip("/")
