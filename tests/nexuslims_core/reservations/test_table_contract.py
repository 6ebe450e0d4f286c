"""Tables of reservations keep what every calendar promises, as files and on a web server."""

import csv
import json
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.table.calendar import TableCalendar
from nexuslims_core.reservations.web import WebAccess, WebReader
from nexuslims_core.testing.servers.web_folder import WebFolder
from tests.nexuslims_core.reservations.contract import OURS, WRONG, Booking, CalendarContract

TITAN = Instrument(
    instrument_pid="Titan-1",
    schema_name="Titan",
    filestore_path="./Titan",
    timezone="Europe/Berlin",
    harvester=Harvester.TABLE,
)


@dataclass(kw_only=True)
class TableDesk:
    """Somebody keeps a table, in which a cancelled row is marked."""

    folder: Path
    one_page: int = 0
    rows: dict[str, dict[str, str]] = field(default_factory=dict)

    def book(self, bookings: Sequence[Booking]) -> None:
        for each in bookings:
            times = {"start": each.start.isoformat(), "end": each.end.isoformat()}
            self.rows[each.title] = {"title": each.title, **times, "cancelled": ""}
        self.write()

    def cancel(self, title: str) -> None:
        self.rows[title]["cancelled"] = "yes"
        self.write()

    def switch_off(self, port: int) -> Instrument:
        return replace(TITAN, api_url=f"http://127.0.0.1:{port}/titan.csv")

    @abstractmethod
    def write(self) -> None: ...


class CsvDesk(TableDesk):
    @property
    def instrument(self) -> Instrument:
        return replace(TITAN, api_url="titan/bookings.csv")

    def write(self) -> None:
        path = self.folder / "titan" / "bookings.csv"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["title", "start", "end", "cancelled"])
            writer.writeheader()
            writer.writerows(self.rows.values())

    def client(self) -> TableCalendar:
        return TableCalendar(reader=WebReader(setting="NEXUSLIMS_TABLE", kind="table"), folder=self.folder)

    def intruder(self) -> None:
        return None

    def nowhere(self) -> Instrument:
        return replace(TITAN, api_url="nowhere.csv")


@dataclass(kw_only=True)
class JsonDesk(TableDesk):
    site: WebFolder

    @property
    def instrument(self) -> Instrument:
        return replace(TITAN, api_url=self.site.address("bookings.json"))

    def write(self) -> None:
        (self.folder / "bookings.json").write_text(json.dumps(list(self.rows.values())))

    def client(self, password: str = OURS) -> TableCalendar:
        access = WebAccess(address=self.site.address(), user=self.site.user, password=password)
        return TableCalendar(reader=WebReader(setting="NEXUSLIMS_TABLE", kind="table", accesses=(access,)))

    def intruder(self) -> TableCalendar:
        return self.client(WRONG)

    def nowhere(self) -> Instrument:
        return replace(TITAN, api_url=self.site.address("nowhere.json"))


class TestCsvFile(CalendarContract):
    @pytest.fixture
    def desk(self, tmp_path: Path) -> CsvDesk:
        desk = CsvDesk(folder=tmp_path)
        desk.write()
        return desk


class TestJsonOnAServer(CalendarContract):
    @pytest.fixture
    def desk(self, tmp_path: Path) -> Iterator[JsonDesk]:
        with WebFolder(folder=tmp_path, user="facility", password=OURS) as site:
            desk = JsonDesk(folder=tmp_path, site=site)
            desk.write()
            yield desk
