"""Checks of an installation, each with a sentence that says what to mend."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from nexuslims_core.config import Settings, load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.errors import ConfigurationError, NexusLimsError, StorageError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.publishing.base import Check
from nexuslims_core.stages.facility import Facility, open_facility, store


def examine() -> tuple[Check, ...]:
    """Run every check; what needs a check that failed is left out."""
    try:
        settings = load_settings()
    except ConfigurationError as error:
        return (Check(subject="settings", ok=False, sentence=str(error)),)
    return (Check(subject="settings", ok=True, sentence="complete"), *_rest(settings))


def _checked(subject: str, look: Callable[[], str]) -> Check:
    try:
        return Check(subject=subject, ok=True, sentence=look())
    except NexusLimsError as error:
        return Check(subject=subject, ok=False, sentence=str(error))
    except OSError as error:
        sentence = f"cannot look at {error.filename or 'it'}: {error.strerror or error}"
        return Check(subject=subject, ok=False, sentence=sentence)


def _rest(settings: Settings) -> Iterator[Check]:
    yield _checked("file store", lambda: _file_store(settings))
    yield _checked("data path", lambda: _data_path(settings))
    yield _checked("readers", _readers)
    yield from _cdcs(settings)
    database = _checked("database", lambda: _database(settings))
    yield database
    if database.ok:
        yield from _instruments(settings)


def _file_store(settings: Settings) -> str:
    root = settings.filestore_path
    if not root.is_dir():
        raise StorageError(f"{root} is not there: mount it, or correct NEXUSLIMS_FILESTORE_PATH")
    if not any(root.iterdir()):
        raise StorageError(f"{root} is empty, so it is probably not mounted: mount it")
    return f"{root} is there"


def _data_path(settings: Settings) -> str:
    root = settings.data_path
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise StorageError(f"{root} cannot be written: give this user the right to, or correct NEXUSLIMS_DATA_PATH")
    return f"{root} can be written" if there == root else f"{root} can be made"


def _readers() -> str:
    from nexuslims_core.extractors.choosing import installed, known_suffixes

    return f"{len(installed())} extractors for {len(known_suffixes())} suffixes"


def _cdcs(settings: Settings) -> tuple[Check, ...]:
    try:
        destination = store(settings)
    except ConfigurationError as error:
        return (Check(subject="CDCS", ok=False, sentence=str(error)),)
    if destination is None:
        sentence = "NEXUSLIMS_CDCS_URL is not set, so records are built and not published"
        return (Check(subject="CDCS", ok=False, sentence=sentence),)
    return destination.check()


def _database(settings: Settings) -> str:
    count = len(Database.open(settings.database_url).instruments())
    if not count:
        raise ConfigurationError("there are no instruments: add them with `nexuslims instruments add FILE.toml`")
    return f"fits this release, {count} instruments"


def _instruments(settings: Settings) -> Iterator[Check]:
    try:
        facility = open_facility(settings.model_copy(update={"cdcs_url": None}))
    except ConfigurationError as error:
        yield Check(subject="calendars", ok=False, sentence=str(error))
        return
    for instrument in facility.database.instruments():
        yield _checked(instrument.instrument_pid, partial(_instrument, facility, instrument))


def _instrument(facility: Facility, instrument: Instrument) -> str:
    folder = instrument.folder(facility.settings.filestore_path)
    if not folder.is_dir():
        raise StorageError(f"its folder {folder} is not there: mount it, or correct its filestore_path")
    calendar = facility.calendar(instrument)
    if calendar is None:
        return f"{folder} is there; it has no calendar"
    now = facility.now()
    booked = calendar.reservations(instrument, now - timedelta(days=1), now + timedelta(days=1))
    return f"{folder} is there; its calendar answers ({len(booked)} reservations around today)"
