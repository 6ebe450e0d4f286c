"""``nexuslims sessions start`` and ``end``: what a person or a script on the instrument's computer writes down."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.times import in_zone, moment

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.db.database import Database


def configure_start(parser: argparse.ArgumentParser) -> None:
    """Declare whose session starts, where and when."""
    parser.add_argument("--instrument", metavar="PID", required=True)
    parser.add_argument("--user", metavar="U", required=True)
    parser.add_argument("--at", type=moment, metavar="T", help="default: now")
    parser.add_argument("--id", metavar="ID", help="default: a new UUID")


def configure_end(parser: argparse.ArgumentParser) -> None:
    """Declare which session ends, and when."""
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--at", type=moment, metavar="T", help="default: now")


def start(args: argparse.Namespace) -> Answer:
    """Write a session's START."""
    database = _database()
    at = in_zone(args.at or datetime.now(UTC), database.instrument(args.instrument).zone)
    identifier = database.start_session(args.instrument, args.user, at, args.id)
    return Answer(document={"session": identifier, "start": at.isoformat()}, text=identifier)


def end(args: argparse.Namespace) -> Answer:
    """Write a session's END."""
    database = _database()
    zone = database.instrument(database.summary(args.id).instrument_pid).zone
    at = in_zone(args.at or datetime.now(UTC), zone)
    database.end_session(args.id, at)
    status = database.summary(args.id).status
    document = {"session": args.id, "status": status.value, "end": at.isoformat()}
    return Answer(document=document, text=f"{args.id} is {status}.")


ACTIONS: dict[str, Callable[[argparse.Namespace], Answer]] = {"start": start, "end": end}


def _database() -> "Database":
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database

    return Database.open(load_settings().database_url)
