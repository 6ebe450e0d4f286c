"""The instruments: can each one's row be used, its folder be listed, its calendar be read."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import groupby
from urllib.parse import urlsplit

from nexuslims_core.config import Settings
from nexuslims_core.doctor.checking import Doubt, Look, checked
from nexuslims_core.doctor.storage import listable
from nexuslims_core.errors import NexusLimsError, StorageError
from nexuslims_core.instruments.inventory import Inventory, UnusableInstrument
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.publishing.base import Check
from nexuslims_core.reservations.base import ReservationSystem, SessionCalendar
from nexuslims_core.stages.facility import Facility, open_facility
from nexuslims_core.stages.harvest_usage import ask_nemo


def looks(settings: Settings, inventory: Inventory, head_start_s: float) -> Iterator[Look]:
    """Begin to look at every instrument."""
    for wrong in inventory.unusable:
        yield Look(wrong.instrument_pid, partial(_row, wrong)).begun()
    for instrument in inventory.usable:
        yield Look(instrument.instrument_pid, partial(_folder, settings, instrument)).begun()
    booked = [each for each in inventory.usable if each.harvester is not Harvester.NONE]
    if booked:
        yield from _calendars(settings, booked, head_start_s)


def _row(wrong: UnusableInstrument) -> Iterator[Check]:
    yield Check(subject=wrong.instrument_pid, ok=False, sentence=f"{wrong.reason}; {wrong.mend}")


def _folder(settings: Settings, instrument: Instrument) -> Iterator[Check]:
    yield checked(instrument.instrument_pid, partial(_folder_found, settings, instrument))


def _folder_found(settings: Settings, instrument: Instrument) -> str:
    folder = instrument.folder(settings.filestore_path)
    if not folder.is_dir():
        raise StorageError(f"its folder {folder} is not there: mount it, or correct its filestore_path")
    listable(folder)
    return f"{folder} is there" + ("; it has no calendar" if instrument.harvester is Harvester.NONE else "")


def _calendars(settings: Settings, instruments: Sequence[Instrument], head_start_s: float) -> Iterator[Look]:
    """Begin to ask the calendars: the servers beside each other, each about its instruments in turn."""
    try:
        facility = open_facility(settings.without_destinations)
    except NexusLimsError as error:
        wrong = Check(subject="calendars", ok=False, sentence=str(error))
        yield Look("calendars", lambda: (wrong,)).begun()
        return
    for server, on_it in groupby(sorted(instruments, key=_server), _server):
        asked = Look(f"calendars on {server}", partial(_asked, facility, tuple(on_it))).begun()
        asked.join(head_start_s)
        yield asked


def _server(instrument: Instrument) -> str:
    try:
        return urlsplit(instrument.api_url or "").netloc.rpartition("@")[2] or "this machine"
    except ValueError:  # no address; its calendar says so
        return ""


def _asked(facility: Facility, instruments: Iterable[Instrument]) -> Iterator[Check]:
    for instrument in instruments:
        yield checked("calendar", partial(_booked, facility, instrument), area=instrument.instrument_pid)


def _booked(facility: Facility, instrument: Instrument) -> str | Doubt:
    answers = f"{ask_nemo(facility, instrument)};" if instrument.harvester is Harvester.NEMO else "answers,"
    calendar = facility.calendar(instrument)
    if calendar is None:
        return Doubt(sentence="it has none")
    now = facility.now()
    booked = calendar.reservations(instrument, now - timedelta(days=1), now + timedelta(days=1))
    return f"{answers} {len(booked)} reservations around today{_consent(calendar, instrument)}"


def _consent(calendar: ReservationSystem, instrument: Instrument) -> str:
    if not isinstance(calendar, SessionCalendar):
        return ""
    return f", users are {'' if calendar.asks_for_consent(instrument) else 'not '}asked for consent"
