"""Let every calendar that is read over HTTP meet every fault of a server, and print what came of it.

python -m tools.outages            a table in Markdown
"""

import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from nexuslims_core.errors import NexusLimsError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.base import ReservationSystem
from nexuslims_core.reservations.ical.calendar import IcalCalendar
from nexuslims_core.reservations.nemo import NemoCalendar
from nexuslims_core.reservations.nemo_rest import NemoAccess, NemoRest
from nexuslims_core.reservations.sharepoint import SharePointCalendar
from nexuslims_core.reservations.table.calendar import MOST_BYTES, TableCalendar
from nexuslims_core.reservations.web import WebAccess, WebReader
from nexuslims_core.testing.servers.misbehaving import FAULTS, MisbehavingServer, answering

SECRET = "0d9f1b6a7c5e4832-hidden"  # noqa: S105 - that of no server
REFUSED = "refuses every connection"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_TIMEOUT_S = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A client of a server, and the instrument that is booked there."""

    calendar: ReservationSystem
    instrument: Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of asking a server.

    Attributes
    ----------
    error
        What was raised; None where it answered.
    seconds, sent_bytes
        How long it took, and how much the server could send.
    elsewhere
        What another server was asked.
    """

    error: NexusLimsError | None
    seconds: float
    sent_bytes: int
    elsewhere: tuple[str, ...]


def _instrument(harvester: Harvester, api_url: str) -> Instrument:
    return Instrument(
        instrument_pid="Titan-1",
        schema_name="Titan",
        filestore_path="./Titan",
        timezone="Europe/Berlin",
        harvester=harvester,
        api_url=api_url,
    )


def _sharepoint(url: str) -> Desk:
    calendar = SharePointCalendar(
        user="EMLAB\\harvester", password=SECRET, zone=ZoneInfo("Europe/Berlin"), timeout_s=_TIMEOUT_S
    )
    return Desk(
        calendar=calendar, instrument=_instrument(Harvester.SHAREPOINT, f"{url}/em/_vti_bin/ListData.svc/Titan")
    )


def _nemo(url: str) -> Desk:
    def client(root: str) -> NemoRest:
        access = NemoAccess(address=root, token=SECRET)
        return NemoRest(root=root, access=access, timeout_s=(_TIMEOUT_S, _TIMEOUT_S))

    return Desk(calendar=NemoCalendar(client=client), instrument=_instrument(Harvester.NEMO, f"{url}/api/tools/?id=3"))


def _reader(url: str, kind: str) -> WebReader:
    access = WebAccess(address=url, user="facility", password=SECRET)
    return WebReader(setting="NEXUSLIMS_ICAL", kind=kind, accesses=(access,), timeout_s=(_TIMEOUT_S, _TIMEOUT_S))


def _ical(url: str) -> Desk:
    calendar = IcalCalendar(reader=_reader(url, "calendar"))
    return Desk(calendar=calendar, instrument=_instrument(Harvester.ICAL, f"{url}/private-{SECRET}/titan.ics"))


def _caldav(url: str) -> Desk:
    calendar = IcalCalendar(reader=_reader(url, "calendar"))
    return Desk(calendar=calendar, instrument=_instrument(Harvester.ICAL, f"{url}/facility/titan/"))


def _table(url: str) -> Desk:
    reader = _reader(url, "table")
    reader.most_bytes = MOST_BYTES
    calendar = TableCalendar(reader=reader)
    return Desk(calendar=calendar, instrument=_instrument(Harvester.TABLE, f"{url}/private-{SECRET}/titan.csv"))


DESKS: Mapping[str, Callable[[str], Desk]] = {
    "SharePoint": _sharepoint,
    "NEMO": _nemo,
    "iCal": _ical,
    "CalDAV": _caldav,
    "table": _table,
}


def meet(desk: str, fault: str) -> Outcome:
    """Let a kind of calendar meet a fault."""
    if fault == REFUSED:
        with _closed_port() as url:
            return _asked(DESKS[desk](url), None, None)
    with (
        MisbehavingServer(fault=answering(200)) as other,
        MisbehavingServer(fault=FAULTS[fault], elsewhere=other.url.replace("127.0.0.1", "localhost")) as server,
    ):
        return _asked(DESKS[desk](server.url), server, other)


def _asked(desk: Desk, server: MisbehavingServer | None, other: MisbehavingServer | None) -> Outcome:
    begun = time.monotonic()
    error = None
    try:
        desk.calendar.reservations(desk.instrument, NOON, NOON + timedelta(hours=2))
    except NexusLimsError as raised:
        error = raised
    return Outcome(
        error=error,
        seconds=time.monotonic() - begun,
        sent_bytes=server.sent_bytes if server else 0,
        elsewhere=tuple(other.seen) if other else (),
    )


@contextmanager
def _closed_port() -> Iterator[str]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets it, and nobody answers
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def main() -> None:
    """Print a row for every fault and calendar."""
    logging.disable()
    print("| the server | calendar | raised | s | MB sent | sentence |\n|---|---|---|---|---|---|")
    for fault in (REFUSED, *FAULTS):
        for desk in DESKS:
            met = meet(desk, fault)
            kind = type(met.error).__name__ if met.error else "nothing"
            print(f"| {fault} | {desk} | {kind} | {met.seconds:.1f} | {met.sent_bytes / 1e6:.0f} | {met.error} |")


if __name__ == "__main__":
    main()
