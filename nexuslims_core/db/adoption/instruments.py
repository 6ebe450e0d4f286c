"""Instruments of an old database, healed by rules; one that no rule heals is left with its reason, alone."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from nexuslims_core.db.adoption.layouts import OldRow
from nexuslims_core.db.adoption.report import LeftBehindError
from nexuslims_core.instruments.models import Harvester, Instrument

DEFAULT_ZONE = "America/New_York"
"""What NexusLIMS 1 takes where it is told no zone."""

HARVESTERS = {
    "nemo": Harvester.NEMO,
    "sharepoint": Harvester.SHAREPOINT,
    "sharepoint_calendar": Harvester.SHAREPOINT,
    **{word.value: word for word in (Harvester.ICAL, Harvester.TABLE, Harvester.NONE)},
}
"""The calendars that NexusLIMS calls by the names of its modules."""

LONGEST_PID = 500
"""Characters; an index of PostgreSQL holds no more than about 2700 bytes."""

_CARRIED = (
    "api_url",
    "calendar_name",
    "calendar_url",
    "location",
    "property_tag",
    "computer_name",
    "computer_ip",
    "computer_mount",
)
_MEND = "describe it for `nexuslims instruments add`, then adopt again: its sessions come over then"


@dataclass(frozen=True, slots=True, kw_only=True)
class Healed:
    """An instrument and what was changed to make it one, in sentences."""

    instrument: Instrument
    sentences: tuple[str, ...]


def heal(row: OldRow, filestore: Path) -> Healed:
    """Return the instrument that a row describes.

    Raises
    ------
    LeftBehindError
        If it describes none that can be used.
    """
    said: list[str] = []
    instrument = Instrument(
        instrument_pid=_pid(row),
        schema_name=_name(row, said.append),
        filestore_path=_folder(row, filestore, said.append),
        timezone=_zone(row, said.append),
        harvester=_harvester(row, said.append),
        **{column: row.text(column) for column in _CARRIED},
    )
    return Healed(instrument=instrument, sentences=tuple(said))


def _pid(row: OldRow) -> str:
    pid = row.cells.get("instrument_pid") or ""
    if not pid.strip() or not pid.isprintable() or len(pid) > LONGEST_PID:
        raise LeftBehindError(f"its persistent id {pid[:LONGEST_PID]!r} is none that people can read: {_MEND}")
    return pid


def _name(row: OldRow, say: Callable[[str], None]) -> str:
    name = row.text("display_name") or row.text("schema_name")
    if name is None:
        say("It had no name: it is called by its persistent id.")
    return name or _pid(row)


def _zone(row: OldRow, say: Callable[[str], None]) -> str:
    told = row.text("timezone")
    if told is None:
        say(f"It had no time zone: it is {DEFAULT_ZONE}, as in NexusLIMS.")
        return DEFAULT_ZONE
    try:
        ZoneInfo(told)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        meant = _zones().get(told.casefold().replace(" ", "_"))
        if meant is None:
            raise LeftBehindError(f"its time zone {told!r} does not exist: {_MEND}") from error
        say(f"Its time zone {told!r} is written {meant}.")
        return meant
    return told


@cache
def _zones() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones()}


def _folder(row: OldRow, filestore: Path, say: Callable[[str], None]) -> str:
    told = row.text("filestore_path")
    if told is None:
        raise LeftBehindError(f"it names no folder of its files: {_MEND}")
    if not told.isprintable():
        raise LeftBehindError(f"its folder {told!r} holds signs that no path has: {_MEND}")
    below = PurePosixPath(posixpath.normpath(told))
    if below.is_relative_to(filestore):
        below = below.relative_to(filestore)
    below = PurePosixPath(str(below).lstrip("/"))
    if ".." in below.parts:
        raise LeftBehindError(f"its folder {told!r} leads out of the file store: {_MEND}")
    if not told.startswith("/") and ".." not in PurePosixPath(told).parts:
        return told
    folder = f"./{below}" if below.parts else "."
    say(f"Its folder {told!r} is read below the file store, as {folder}.")
    return folder


def _harvester(row: OldRow, say: Callable[[str], None]) -> Harvester:
    """Return the calendar; never none where one is named, since the user's consent is asked there."""
    told = row.text("harvester")
    harvester = HARVESTERS.get(told.casefold()) if told else _by_address(row.text("api_url"))
    if harvester is None:
        where = f"the calendar {told!r}" if told else f"a calendar at {row.text('api_url')!r}"
        raise LeftBehindError(f"it is booked in {where}, which this release cannot read: {_MEND}")
    if harvester != told:
        say(f"Its calendar {told!r} is called {harvester}." if told else f"It named no calendar: it is {harvester}.")
    return harvester


def _by_address(api_url: str | None) -> Harvester | None:
    if api_url is None:
        return Harvester.NONE
    if "listdata.svc" in api_url.casefold():
        return Harvester.SHAREPOINT
    return Harvester.NEMO if "/api/" in api_url else None
