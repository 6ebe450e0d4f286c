"""SharePoint keeps what every calendar promises; its site's clock runs in New York."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.sharepoint import SharePointCalendar
from nexuslims_core.testing.servers.sharepoint import SharePointServer
from nexuslims_core.testing.servers.sharepoint.calendar import Calendar, CalendarEvent
from tests.nexuslims_core.reservations.contract import WRONG, Booking, CalendarContract

SITE_ZONE = ZoneInfo("America/New_York")
LIST = "TitanEvents"


@dataclass(kw_only=True)
class SharePointDesk:
    server: SharePointServer
    one_page: int = 5

    @property
    def instrument(self) -> Instrument:
        return self._at(self.server.list_url(LIST))

    def book(self, bookings: Sequence[Booking]) -> None:
        self._booked = {each.title: self._event(each) for each in bookings}
        self._shown()

    def cancel(self, title: str) -> None:
        del self._booked[title]  # a list of SharePoint has no mark for it: people delete the event
        self._shown()

    def client(self) -> SharePointCalendar:
        return SharePointCalendar(user=self.server.user, password=self.server.password)

    def intruder(self) -> SharePointCalendar:
        return SharePointCalendar(user=self.server.user, password=WRONG)

    def nowhere(self) -> Instrument:
        return self._at(self.server.list_url("Nowhere"))

    def switch_off(self, port: int) -> Instrument:
        return self._at(f"http://127.0.0.1:{port}/em/_vti_bin/ListData.svc/{LIST}")

    def _shown(self) -> None:
        self.server.calendar = Calendar({LIST: tuple(self._booked.values())})

    def _event(self, booking: Booking) -> CalendarEvent:
        def on_the_wall(time: datetime) -> Any:  # noqa: ANN401 - a time of the site, without zone
            return time.astimezone(SITE_ZONE).replace(tzinfo=None)

        return CalendarEvent(title=booking.title, start=on_the_wall(booking.start), end=on_the_wall(booking.end))

    def _at(self, api_url: str) -> Instrument:
        return Instrument(
            instrument_pid="Titan-1",
            schema_name="Titan",
            filestore_path="./Titan",
            timezone="Europe/Berlin",
            harvester=Harvester.SHAREPOINT,
            api_url=api_url,
        )


class TestSharePoint(CalendarContract):
    @pytest.fixture
    def desk(self) -> Iterator[SharePointDesk]:
        with SharePointServer(events={LIST: ()}, page_size=5, zone=SITE_ZONE.key) as server:
            yield SharePointDesk(server=server)
