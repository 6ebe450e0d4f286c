"""The real NEMO keeps what every calendar promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.nemo import NemoCalendar
from nexuslims_core.reservations.nemo_rest import NemoAccess, NemoRest
from tests.nexuslims_core.reservations.contract import WRONG, Booking, CalendarContract

if TYPE_CHECKING:
    from tests.servers.nemo import NemoTool


@dataclass(kw_only=True)
class NemoDesk:
    tool: "NemoTool"
    one_page: int = 3

    @property
    def instrument(self) -> Instrument:
        return self._at(self.tool.api_url)

    def book(self, bookings: Sequence[Booking]) -> None:
        self._numbers = {each.title: self.tool.booked(each.start, each.end, title=each.title) for each in bookings}

    def cancel(self, title: str) -> None:
        self.tool.cancelled(self._numbers[title])

    def client(self) -> NemoCalendar:
        return self._with(self.tool.server.token)

    def intruder(self) -> NemoCalendar:
        return self._with(WRONG)

    def nowhere(self) -> Instrument:
        return self._at(f"{self.tool.server.api}tools/?id=999999")

    def switch_off(self, port: int) -> Instrument:
        return self._at(f"http://127.0.0.1:{port}/api/tools/?id={self.tool.number}")

    def _with(self, token: str) -> NemoCalendar:
        def client(root: str) -> NemoRest:
            return NemoRest(root=root, access=NemoAccess(address=root, token=token), page_size=self.one_page)

        return NemoCalendar(client=client)

    def _at(self, api_url: str) -> Instrument:
        return Instrument(
            instrument_pid="Titan-1",
            schema_name="Titan",
            filestore_path="./Titan",
            timezone="Europe/Berlin",
            harvester=Harvester.NEMO,
            api_url=api_url,
        )


class TestNemo(CalendarContract):
    @pytest.fixture
    def desk(self, nemo_tool: "NemoTool") -> NemoDesk:
        return NemoDesk(tool=nemo_tool)
