"""The order of the checks, and which wait for which."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from zoneinfo import available_timezones

from nexuslims_core.config import Settings, load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import named, sqlite_file
from nexuslims_core.db.upgrading import REVISIONS, check_whole
from nexuslims_core.doctor import alerts, facility, records, storage
from nexuslims_core.doctor.checking import Doubt, Look, Patience, checked
from nexuslims_core.doctor.sessions import end_to_online, sessions
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.inventory import Inventory
from nexuslims_core.publishing.base import Check
from nexuslims_core.stages.facility import site, store

RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that stands before this is wrong."""


def examine(patience: Patience | None = None, *, retry_logins: bool = False) -> tuple[Check, ...]:
    """Run every check; those that wait for a server or a disk do so beside each other.

    What needs the settings or the database is left out where these fail.

    Parameters
    ----------
    retry_logins
        Forget which logins servers have refused, so that each is tried once more.
    """
    try:
        settings = load_settings()
    except ConfigurationError as error:
        return (Check(subject="settings", ok=False, sentence=str(error)),)
    forgotten = tuple(_forgotten_refusals(settings)) if retry_logins else ()
    found = tuple(_rest(settings, patience or Patience()))
    return (Check(subject="settings", ok=True, sentence="complete"), *forgotten, *found)


def _forgotten_refusals(settings: Settings) -> Iterator[Check]:
    def forget() -> str:
        forgotten = Database.open(settings.database_url).forget_refused_logins()
        return f"tried again: {', '.join(forgotten)}" if forgotten else "none was refused"

    yield checked("refused logins", forget)


def _rest(settings: Settings, patience: Patience) -> Iterator[Check]:
    deadline = time.monotonic() + patience.answer_s
    looks = [
        Look("file store", partial(storage.file_store, settings)).begun(),
        Look("data path", partial(storage.data_path, settings)).begun(),
        Look("readers", _readers).begun(),
        Look("clock", _clock).begun(),
        Look("address", partial(_repository, settings), area="CDCS").begun(),
        Look("folder of records", partial(_site, settings)).begun(),
        Look("ways", partial(alerts.ways, settings), area=alerts.AREA).begun(),
    ]
    opened: list[tuple[Database, Inventory]] = []
    database = (*Look("database", partial(_database, settings, opened)).begun().made(deadline),)
    for base, inventory in opened:
        looks += facility.looks(settings, inventory, patience.head_start_s)
        looks.append(Look("sessions", partial(sessions, base, datetime.now(UTC))).begun())
        looks.append(Look("records", partial(records.records, settings, base)).begun())
        looks.append(Look("end to online", partial(_turnaround, base), area="sessions").begun())
        looks.append(Look("outbox", partial(alerts.waiting, base), area=alerts.AREA).begun())
    yield from database
    for look in looks:
        yield from look.made(deadline)


def _database(settings: Settings, opened: list[tuple[Database, Inventory]]) -> Iterator[Check]:
    """Look at the database, and hand it on if it can be used."""

    def look() -> str:
        database = Database.open(settings.database_url)
        check_whole(database.engine)
        inventory = database.inventory()
        known = len(inventory.usable) + len(inventory.unusable)
        if not known:
            raise ConfigurationError("there are no instruments: add them with `nexuslims instruments add FILE.toml`")
        opened.append((database, inventory))
        return f"{named(database.engine)} fits this release ({REVISIONS[-1]}), {known} instruments"

    yield checked("database", look)
    for database, _ in opened:
        file = sqlite_file(database.engine)
        if file is not None:
            yield from storage.database_disk(settings, file)


def _turnaround(database: Database) -> Iterator[Check]:
    yield checked("end to online", lambda: end_to_online(database, datetime.now(UTC)), area="sessions")


def _readers() -> Iterator[Check]:
    from nexuslims_core.extractors.choosing import catalogue, installed

    yield checked("readers", lambda: f"{len(installed())} extractors for {len(catalogue().suffixes)} suffixes")


def _clock() -> Iterator[Check]:
    yield checked("clock", lambda: clock(datetime.now(UTC), len(available_timezones())))


def clock(now: datetime, zones: int) -> str | Doubt:
    """Return what the clock says, and how many time zones are known.

    Raises
    ------
    ConfigurationError
        If the data of time zones is not there, so that no instrument's time can be told.
    """
    if not zones:
        raise ConfigurationError("there is no time zone data: install the package tzdata")
    told = f"{now.isoformat(sep=' ', timespec='seconds')}, {zones} time zones"
    return told if now >= RELEASED else Doubt(sentence=f"{told}: this is before NexusLIMS was made, set the clock")


def _repository(settings: Settings) -> Iterator[Check]:
    try:
        destination = store(settings)
    except ConfigurationError as error:
        yield Check(subject="CDCS", ok=False, sentence=str(error))
        return
    if destination is not None:
        for check in destination.check():
            yield replace(check, area="CDCS")
    elif settings.site_path is None:
        sentence = "NEXUSLIMS_CDCS_URL is not set, so records are built and not published"
        yield Check(subject="CDCS", ok=True, sentence=sentence, warning=True)


def _site(settings: Settings) -> Iterator[Check]:
    try:
        destination = site(settings)
    except ConfigurationError as error:
        yield Check(subject="folder of records", ok=False, sentence=str(error))
        return
    if destination is not None:
        yield from destination.check()
