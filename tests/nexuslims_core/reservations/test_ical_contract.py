"""Calendars as .ics files and by CalDAV keep what every calendar promises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.ical.calendar import IcalCalendar
from nexuslims_core.reservations.web import WebAccess, WebReader
from nexuslims_core.testing.servers.web_folder import WebFolder
from tests.nexuslims_core.reservations.contract import OURS, WRONG, Booking, CalendarContract
from tests.nexuslims_core.reservations.ics import single, vcalendar

if TYPE_CHECKING:
    from nexuslims_core.testing.servers.radicale import RadicaleServer

TITAN = Instrument(
    instrument_pid="Titan-1",
    schema_name="Titan",
    filestore_path="./Titan",
    timezone="Europe/Berlin",
    harvester=Harvester.ICAL,
)


def client_with(address: str, user: str, password: str) -> IcalCalendar:
    access = WebAccess(address=address, user=user, password=password)
    return IcalCalendar(reader=WebReader(setting="NEXUSLIMS_ICAL", kind="calendar", accesses=(access,)))


@dataclass(kw_only=True)
class FileDesk:
    """A calendar program writes its calendar into a file that a web server gives out."""

    site: WebFolder
    one_page: int = 0
    events: dict[str, str] = field(default_factory=dict)

    @property
    def instrument(self) -> Instrument:
        return replace(TITAN, api_url=self.site.address("titan.ics"))

    def book(self, bookings: Sequence[Booking]) -> None:
        self.events = {each.title: single(each.title, each.start, each.end) for each in bookings}
        self.write()

    def cancel(self, title: str) -> None:
        self.events[title] = self.events[title].replace("SUMMARY:", "STATUS:CANCELLED\r\nSUMMARY:")
        self.write()

    def write(self) -> None:
        (self.site.folder / "titan.ics").write_text(vcalendar(self.events.values()), newline="")

    def client(self) -> IcalCalendar:
        return client_with(self.site.address(), self.site.user, self.site.password)

    def intruder(self) -> IcalCalendar:
        return client_with(self.site.address(), self.site.user, WRONG)

    def nowhere(self) -> Instrument:
        return replace(TITAN, api_url=self.site.address("nowhere.ics"))

    def switch_off(self, port: int) -> Instrument:
        return replace(TITAN, api_url=f"http://127.0.0.1:{port}/titan.ics")


class TestIcsFile(CalendarContract):
    @pytest.fixture
    def desk(self, tmp_path: Path) -> Iterator[FileDesk]:
        with WebFolder(folder=tmp_path, user="facility", password=OURS) as site:
            desk = FileDesk(site=site)
            desk.write()
            yield desk


@dataclass(kw_only=True)
class CaldavDesk:
    """People book in a calendar of a real CalDAV server."""

    server: "RadicaleServer"
    calendar: str
    one_page: int = 0

    @property
    def instrument(self) -> Instrument:
        return replace(TITAN, api_url=self.calendar)

    def book(self, bookings: Sequence[Booking]) -> None:
        self._booked = {each.title: each for each in bookings}
        for each in bookings:
            self._put(each)

    def cancel(self, title: str) -> None:
        self._put(self._booked[title], "STATUS:CANCELLED")

    def client(self) -> IcalCalendar:
        access = self.server.access
        return client_with(access.url, access.user, access.password)

    def intruder(self) -> IcalCalendar:
        return client_with(self.server.access.url, self.server.access.user, WRONG)

    def nowhere(self) -> Instrument:
        return replace(TITAN, api_url=f"{self.server.home_url}nowhere/")

    def switch_off(self, port: int) -> Instrument:
        return replace(TITAN, api_url=f"http://127.0.0.1:{port}/facility/titan/")

    def _put(self, booking: Booking, *more: str) -> None:
        text = vcalendar([single(booking.title, booking.start, booking.end, *more)])
        self.server.put(self.calendar, booking.title.replace(" ", "-"), text)


class TestCaldav(CalendarContract):
    @pytest.fixture
    def desk(self, radicale: "RadicaleServer") -> CaldavDesk:
        return CaldavDesk(server=radicale, calendar=radicale.add_calendar("Titan"))
