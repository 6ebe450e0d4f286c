"""``nexuslims sessions``."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core.cli import logbook
from nexuslims_core.cli.answers import Answer, table

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.db.database import Database
    from nexuslims_core.sessions.attempts import Attempt

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


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare list, show, start, end, requeue and why."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="list sessions, the newest last")
    listing.add_argument("--status", choices=STATUSES, metavar="S", help=", ".join(STATUSES))
    listing.add_argument("--instrument", metavar="PID")
    for action, summary in (("show", "show one session"), ("why", "say why a session is where it is")):
        actions.add_parser(action, help=summary).add_argument("id", metavar="ID")
    logbook.configure_start(actions.add_parser("start", help="write a session's START, and print the session's id"))
    logbook.configure_end(actions.add_parser("end", help="write a session's END, so that its record is built"))
    requeueing = actions.add_parser("requeue", help="put sessions back, so that their records are built again")
    requeueing.add_argument("id", nargs="+", metavar="ID")
    requeueing.add_argument("--reason", metavar="WHY", default="requeued on the command line")


def run(args: argparse.Namespace) -> Answer:
    """Do what the action says."""
    if args.action in logbook.ACTIONS:
        return logbook.ACTIONS[args.action](args)
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database

    actions: dict[str, Callable[[Database, argparse.Namespace], Answer]] = {
        "list": _list,
        "show": _show,
        "why": _why,
        "requeue": _requeue,
    }
    return actions[args.action](Database.open(load_settings().database_url), args)


def _list(database: "Database", args: argparse.Namespace) -> Answer:
    from nexuslims_core import codec
    from nexuslims_core.sessions.states import RecordStatus

    found = database.sessions(status=RecordStatus(args.status) if args.status else None, instrument=args.instrument)
    rows = [
        (s.session_identifier, s.instrument_pid, f"{s.dt_from:%Y-%m-%d %H:%M}Z", s.user, s.status, s.attempts)
        for s in found
    ]
    return Answer(
        document=[codec.encode(summary) for summary in found],
        text=table(("session", "instrument", "start", "user", "status", "tries"), rows) if rows else "No sessions.",
    )


def _show(database: "Database", args: argparse.Namespace) -> Answer:
    from nexuslims_core import codec

    plain = codec.encode(database.summary(args.id))
    lines = [f"{name.replace('_', ' '):<20} {value}" for name, value in plain.items() if value is not None]
    return Answer(document=plain, text="\n".join(lines))


def _why(database: "Database", args: argparse.Namespace) -> Answer:
    from nexuslims_core import codec

    summary = database.summary(args.id)
    attempts, findings = database.attempts(args.id), database.findings(args.id)
    document = {
        "session": codec.encode(summary),
        "attempts": [codec.encode(attempt) for attempt in attempts],
        "findings": [codec.encode(finding) for finding in findings],
    }
    lines = [f"{args.id} is {summary.status}.", *(finding.reason for finding in findings), *map(_told, attempts)]
    return Answer(document=document, text="\n".join(lines))


def _told(attempt: "Attempt") -> str:
    ended = attempt.outcome or f"still open until {attempt.lease_until.isoformat(timespec='seconds')}"
    said = f": {attempt.error_sentence}" if attempt.error_sentence else ""
    return f"Attempt {attempt.number} by {attempt.holder}, reached {attempt.stage or 'claim'}, {ended}{said}"


def _requeue(database: "Database", args: argparse.Namespace) -> Answer:
    """Put back all sessions that can be; those that cannot are said beside them."""
    from nexuslims_core.errors import ClaimedElsewhereError, SessionStateError

    for identifier in args.id:
        database.summary(identifier)  # an id that nobody knows stops all, before anything is changed
    document, complaints = [], []
    for identifier in dict.fromkeys(args.id):
        try:
            database.requeue(identifier, args.reason, datetime.now(UTC))
        except (ClaimedElsewhereError, SessionStateError) as error:
            complaints.append(str(error))
        document.append({"session": identifier, "status": database.summary(identifier).status.value})
    lines = [f"{each['session']} is {each['status']}." for each in document]
    return Answer(
        document=document,
        text="\n".join([*lines, *complaints]),
        exit_code=1 if complaints else 0,
        complaints=complaints,
    )
