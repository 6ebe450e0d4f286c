"""``nexuslims sessions``."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nexuslims_core.cli import (
    amending,
    completing,
    explaining,
    harvesting,
    listing,
    logbook,
    requeueing,
    sending,
    showing,
)
from nexuslims_core.cli.answers import Answer

if TYPE_CHECKING:  # this command's help must not wait for the database
    pass


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare list, show, start, end, send, harvest, requeue, complete, amend and why."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing.configure(actions.add_parser("list", help="list sessions, the newest last, and count them by state"))
    for action, summary in (
        ("show", "show one session and the versions of its record"),
        ("why", "say why a session is where it is, and what happens next"),
    ):
        actions.add_parser(action, help=summary).add_argument("id", metavar="ID")
    logbook.configure_start(actions.add_parser("start", help="write a session's START, and print the session's id"))
    logbook.configure_end(actions.add_parser("end", help="write a session's END, so that its record is built"))
    sending.configure(actions.add_parser("send", help="send what could not be said before, from this computer's queue"))
    harvesting.configure(actions.add_parser("harvest", help=harvesting.HELP))
    requeueing.configure(actions.add_parser("requeue", help="put sessions back, so that their records are built again"))
    actions.add_parser("complete", help=completing.HELP)
    amending.configure(actions.add_parser("amend", help=amending.HELP))


def run(args: argparse.Namespace) -> Answer:
    """Do what the action says."""
    if args.action == "harvest":
        return harvesting.harvest(args)
    if args.action == "complete":
        return completing.complete()
    if args.action in logbook.ACTIONS:
        return logbook.ACTIONS[args.action](args)
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database

    settings = load_settings()
    actions: dict[str, Callable[[Database, argparse.Namespace], Answer]] = {
        "list": listing.run,
        "show": showing.run,
        "why": partial(explaining.run, settings),
        "requeue": requeueing.run,
        "amend": amending.run,
    }
    return actions[args.action](Database.open(settings.database_url), args)
