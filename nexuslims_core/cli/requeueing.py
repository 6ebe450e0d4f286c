"""``nexuslims sessions requeue``."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core.cli import filtering
from nexuslims_core.cli.answers import Answer, WrongUsageError
from nexuslims_core.cli.progress import progress
from nexuslims_core.cli.sheets import on_one_line
from nexuslims_core.errors import ClaimedElsewhereError, SessionStateError, UnknownSessionError

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.db.database import Database
    from nexuslims_core.sessions.models import SessionSummary

ENDED = filtering.STATUSES[2:]
"""The states that a session is put back from."""

OPEN, WAITS = filtering.STATUSES[:2]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare which sessions, and why."""
    parser.add_argument("id", nargs="*", default=[], metavar="ID")
    filtering.configure(parser, ENDED)
    parser.add_argument("--reason", metavar="WHY", default="requeued on the command line")
    parser.add_argument("--dry-run", action="store_true", help="list what would be put back, and change nothing")
    parser.description = (
        "Put back the sessions that are named, or those that the filters choose among the ones that have ended "
        "and that nobody builds."
    )


def run(database: "Database", args: argparse.Namespace) -> Answer:
    """Put back all sessions that can be, each by itself; those that cannot are said beside them."""
    _check(args)
    now = datetime.now(UTC)
    if args.dry_run:
        return _answer([_looked_at(database, each, now) for each in _chosen(database, args, now)], "would be put back")
    done = []
    with progress("putting back") as tell:
        for identifier in _chosen(database, args, now):
            tell(identifier)
            done.append(_put_back(database, identifier, args.reason))
    return _answer(done, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What became of one session: where it stands now, or why it was left."""

    session: str
    status: str | None
    reason: str | None = None


def _check(args: argparse.Namespace) -> None:
    filters = filtering.given(args)
    if args.id and filters:
        raise WrongUsageError(f"name sessions, or choose them by {' and '.join(filters)}: both together is unclear")
    if not args.id and not filters:
        raise WrongUsageError("name the sessions to put back, or choose them by --status, --instrument, --since, …")


def _chosen(database: "Database", args: argparse.Namespace, now: datetime) -> Iterable[str]:
    from nexuslims_core.sessions.states import END_STATES

    if args.id:
        return dict.fromkeys(args.id)
    wanted = filtering.wanted(args, database.inventory())
    ended = replace(wanted, statuses=wanted.statuses or END_STATES)
    return [each.session_identifier for each in database.listing(ended).sessions if not _is_held(each, now)]


def _is_held(summary: "SessionSummary", now: datetime) -> bool:
    return summary.lease_until is not None and summary.lease_until > now


def _put_back(database: "Database", identifier: str, reason: str) -> _Told:
    try:
        database.requeue(identifier, reason, datetime.now(UTC))
    except UnknownSessionError as error:
        return _Told(session=identifier, status=None, reason=str(error))
    except (ClaimedElsewhereError, SessionStateError) as error:
        return _Told(session=identifier, status=database.summary(identifier).status.value, reason=str(error))
    return _Told(session=identifier, status=WAITS)


def _looked_at(database: "Database", identifier: str, now: datetime) -> _Told:
    try:
        summary = database.summary(identifier)
    except UnknownSessionError as error:
        return _Told(session=identifier, status=None, reason=str(error))
    if _is_held(summary, now):
        reason = f"session {identifier} is being built until {summary.lease_until}"
        return _Told(session=identifier, status=summary.status.value, reason=reason)
    if summary.status == OPEN:
        return _Told(session=identifier, status=summary.status.value, reason=f"session {identifier} has not ended")
    return _Told(session=identifier, status=summary.status.value)


def _answer(told: list[_Told], prospect: str) -> Answer:
    complaints = [each.reason for each in told if each.reason]
    lines = [_line(each, prospect) for each in told if not each.reason]
    return Answer(
        document=[{"session": each.session, "status": each.status, "reason": each.reason} for each in told],
        text="\n".join([*lines, *complaints]) or "No session that has ended is like that.",
        exit_code=1 if complaints else 0,
        complaints=complaints,
    )


def _line(told: _Told, prospect: str) -> str:
    stands = f"{on_one_line(told.session)} is {told.status}"
    return f"{stands} and {prospect}." if prospect and told.status != WAITS else f"{stands}."
