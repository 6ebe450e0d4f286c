"""Which sessions a command is about, by state, instrument, user and time."""

import argparse
from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import WrongUsageError
from nexuslims_core.cli.times import in_zone, moment
from nexuslims_core.errors import UnknownInstrumentError

if TYPE_CHECKING:  # a help text must not wait for the database
    from nexuslims_core.instruments.inventory import Inventory
    from nexuslims_core.sessions.listing import Wanted

STATUSES = (
    "WAITING_FOR_END",
    "TO_BE_BUILT",
    "COMPLETED",
    "BUILT_NOT_EXPORTED",
    "ERROR",
    "NO_FILES_FOUND",
    "NO_CONSENT",
    "NO_RESERVATION",
)
"""Those of RecordStatus, whose module takes too long to import for a help text; a test holds the two together."""

FILTERS = ("status", "instrument", "user", "since", "until")


def configure(parser: argparse.ArgumentParser, statuses: Iterable[str] = STATUSES) -> None:
    """Declare the filters."""
    named = tuple(statuses)
    parser.add_argument("--status", nargs="+", action="extend", choices=named, metavar="S", help=", ".join(named))
    parser.add_argument("--instrument", metavar="PID")
    parser.add_argument("--user", metavar="U", help="login name on the instrument")
    naive = "a time without a zone is the instrument's, UTC where none is named"
    parser.add_argument("--since", type=moment, metavar="T", help=f"sessions that still ran at T, or later; {naive}")
    parser.add_argument("--until", type=moment, metavar="T", help="sessions that had begun by T")


def given(args: argparse.Namespace) -> list[str]:
    """Return the filters that the command names."""
    return [f"--{name}" for name in FILTERS if getattr(args, name)]


def wanted(args: argparse.Namespace, inventory: "Inventory", limit: int | None = None) -> "Wanted":
    """Return what the filters ask for.

    Raises
    ------
    UnknownInstrumentError
        If no instrument has the persistent id.
    WrongUsageError
        If no time lies between the two.
    """
    from nexuslims_core.sessions.listing import Wanted
    from nexuslims_core.sessions.states import RecordStatus

    if args.instrument is not None and not inventory.has(args.instrument):
        raise UnknownInstrumentError(args.instrument)
    zone = inventory.zone(args.instrument) if args.instrument is not None else UTC
    since, until = (time and in_zone(time, zone) for time in (args.since, args.until))
    if since and until and until < since:
        raise WrongUsageError(f"--since {since.isoformat()} is after --until {until.isoformat()}: swap them")
    return Wanted(
        statuses=frozenset(map(RecordStatus, args.status or ())),
        instrument_pid=args.instrument,
        user=args.user,
        since=since,
        until=until,
        limit=limit,
    )
