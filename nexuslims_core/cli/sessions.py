"""``nexuslims sessions``."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime

from nexuslims_core import codec
from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.cli.times import in_zone, moment
from nexuslims_core.db.database import Database
from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.sessions.states import RecordStatus


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare list, show, start, end, requeue and why."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="list sessions, the newest last")
    listing.add_argument("--status", type=RecordStatus, choices=list(RecordStatus), metavar="S")
    listing.add_argument("--instrument", metavar="PID")
    for action, summary in (("show", "show one session"), ("why", "say why a session is where it is")):
        actions.add_parser(action, help=summary).add_argument("id")
    starting = actions.add_parser("start", help="write a session's START")
    starting.add_argument("--instrument", metavar="PID", required=True)
    starting.add_argument("--user", required=True)
    starting.add_argument("--at", type=moment, metavar="T", help="default: now")
    starting.add_argument("--id", help="default: a new UUID")
    ending = actions.add_parser("end", help="write a session's END, so that its record is built")
    ending.add_argument("id")
    ending.add_argument("--at", type=moment, metavar="T", help="default: now")
    requeueing = actions.add_parser("requeue", help="put sessions back, so that their records are built again")
    requeueing.add_argument("id", nargs="+")
    requeueing.add_argument("--reason", default="requeued on the command line")


def run(args: argparse.Namespace) -> Answer:
    """Do what the action says."""
    from nexuslims_core.config import load_settings

    actions: dict[str, Callable[[Database, argparse.Namespace], Answer]] = {
        "list": _list,
        "show": _show,
        "why": _why,
        "start": _start,
        "end": _end,
        "requeue": _requeue,
    }
    return actions[args.action](Database.open(load_settings().database_url), args)


def _list(database: Database, args: argparse.Namespace) -> Answer:
    found = database.sessions(status=args.status, instrument=args.instrument)
    rows = [
        (s.session_identifier, s.instrument_pid, f"{s.dt_from:%Y-%m-%d %H:%M}Z", s.user, s.status, s.attempts)
        for s in found
    ]
    return Answer(
        document=[codec.encode(summary) for summary in found],
        text=table(("session", "instrument", "start", "user", "status", "tries"), rows) if rows else "No sessions.",
    )


def _show(database: Database, args: argparse.Namespace) -> Answer:
    summary = database.summary(args.id)
    plain = codec.encode(summary)
    lines = [f"{name.replace('_', ' '):<20} {value}" for name, value in plain.items() if value is not None]
    return Answer(document=plain, text="\n".join(lines))


def _why(database: Database, args: argparse.Namespace) -> Answer:
    summary = database.summary(args.id)
    attempts, findings = database.attempts(args.id), database.findings(args.id)
    lines = [f"{args.id} is {summary.status}.", *(finding.reason for finding in findings)]
    for attempt in attempts:
        ended = attempt.outcome or "still open"
        said = f": {attempt.error_sentence}" if attempt.error_sentence else ""
        lines.append(f"Attempt {attempt.number} by {attempt.holder}, reached {attempt.stage or 'claim'}, {ended}{said}")
    document = {
        "session": codec.encode(summary),
        "attempts": [codec.encode(attempt) for attempt in attempts],
        "findings": [finding.reason for finding in findings],
    }
    return Answer(document=document, text="\n".join(lines))


def _start(database: Database, args: argparse.Namespace) -> Answer:
    at = in_zone(args.at or datetime.now(UTC), database.instrument(args.instrument).zone)
    identifier = database.start_session(args.instrument, args.user, at, args.id)
    return Answer(document={"session": identifier, "start": at.isoformat()}, text=identifier)


def _end(database: Database, args: argparse.Namespace) -> Answer:
    zone = database.instrument(database.summary(args.id).instrument_pid).zone
    at = in_zone(args.at or datetime.now(UTC), zone)
    database.end_session(args.id, at)
    return _after(database, [args.id], "end", at)


def _requeue(database: Database, args: argparse.Namespace) -> Answer:
    now = datetime.now(UTC)
    for identifier in args.id:
        database.requeue(identifier, args.reason, now)
    return _after(database, args.id, "requeued", now)


def _after(database: Database, identifiers: list[str], what: str, at: datetime) -> Answer:
    summaries: list[SessionSummary] = [database.summary(identifier) for identifier in identifiers]
    return Answer(
        document=[{"session": s.session_identifier, "status": s.status.value, what: at.isoformat()} for s in summaries],
        text="\n".join(f"{s.session_identifier} is {s.status}." for s in summaries),
    )
