"""``nexuslims build``."""

import argparse
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.cli.answers import Answer, WrongUsageError, complain, table
from nexuslims_core.cli.harvesting import harvest_first
from nexuslims_core.cli.loading import loading
from nexuslims_core.cli.logs import about
from nexuslims_core.cli.progress import progress
from nexuslims_core.errors import ClaimedElsewhereError, NexusLimsError, SessionStateError

if TYPE_CHECKING:  # this command's help must not wait for the pipeline
    from nexuslims_core.files.models import Scan
    from nexuslims_core.pipeline import Watch
    from nexuslims_core.reading.starting import Wards
    from nexuslims_core.sessions.models import Session
    from nexuslims_core.stages.facility import Facility
    from nexuslims_core.stages.finish import BuildReport

log = logging.getLogger(__name__)

WAITS, FAILED, PENDING = "TO_BE_BUILT", "ERROR", "BUILT_NOT_EXPORTED"
REBUILD = "rebuild asked for on the command line"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare which sessions, and how far to go."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "id", nargs="*", default=[], metavar="ID", help="sessions to build, whether their files have settled or not"
    )
    which.add_argument("--waiting", action="store_true", help="every waiting session that is due")
    parser.add_argument("--instrument", metavar="PID", help="with --waiting: only this instrument's")
    parser.add_argument("--no-upload", action="store_true", help="build and validate, do not publish")
    parser.add_argument(
        "--rebuild", action="store_true", help="put the named sessions back first, whatever their state"
    )
    parser.add_argument("--fresh", action="store_true", help="read every file anew, even where nothing has changed")
    parser.add_argument("--dry-run", action="store_true", help="list each session's files and change nothing")


def run(args: argparse.Namespace) -> Answer:
    """Build sessions one after another; each ends in a state of its own."""
    _check(args)
    from nexuslims_core.reading.starting import Wards

    with Wards(meanwhile=_load_ahead) as wards:
        if _will_read(args):
            wards.start_ahead()
        return _run(args, wards)


def _load_ahead() -> None:
    from nexuslims_core.pipeline import load_ahead

    load_ahead()


def _will_read(args: argparse.Namespace) -> bool:
    """Tell whether files are to be read, most likely: not where nothing may wait, or most of them are known."""
    return bool(args.id) and not args.dry_run and (args.fresh or not args.rebuild)


def _run(args: argparse.Namespace, wards: "Wards") -> Answer:
    with loading():
        from nexuslims_core.pipeline import scan_all
        from nexuslims_core.stages.due_sessions import due_sessions

    facility = _facility(args, wards)
    sessions = _asked_for(facility, args)
    if args.waiting:
        _tell_of_parked(facility)
    with progress("searching the instruments' folders"):
        scans = scan_all(facility, sessions)
    if args.dry_run:
        return _would_build(facility, sessions, scans)
    not_yet = due_sessions(facility, sessions, scans).waiting if args.waiting else ()
    reasons = {waiting.session_identifier: waiting.reason for waiting in not_yet}
    told = []
    for session in sessions:
        scan = scans[session.instrument.instrument_pid]
        reason = reasons.get(session.session_identifier) if args.waiting else scan.absent
        if reason:
            told.append(_Told(report=_empty(session), reason=reason, failed=scan.absent is not None))
        else:
            told.append(_build(facility, session, scan, args))
    _tell_people(facility, scans)
    return _answer(told)


def _tell_people(facility: "Facility", scans: Mapping[str, "Scan"]) -> None:
    """Send the alerts of all that was built, in one message where they are many."""
    from nexuslims_core.stages.telling import note_storage, send_quietly

    note_storage(facility, scans.values())
    send_quietly(facility)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What became of one session: the report that programs read, and why it is not COMPLETED."""

    report: dict[str, Any]
    reason: str | None
    failed: bool


def _check(args: argparse.Namespace) -> None:
    if args.instrument and not args.waiting:
        raise WrongUsageError("--instrument goes with --waiting: sessions that are named need none")
    if args.rebuild and not args.id:
        raise WrongUsageError("--rebuild goes with the sessions to build again: name them")


def _facility(args: argparse.Namespace, wards: "Wards") -> "Facility":
    from nexuslims_core.config import load_settings
    from nexuslims_core.stages.facility import open_facility

    settings = load_settings()
    facility = open_facility(settings.without_destinations if args.no_upload else settings)
    return replace(facility, fresh=args.fresh, wards=wards)


def _asked_for(facility: "Facility", args: argparse.Namespace) -> tuple["Session", ...]:
    database = facility.database
    if args.waiting:
        pid = database.instrument(args.instrument).instrument_pid if args.instrument else None
        if not args.dry_run:
            harvest_first(facility, pid)
        return database.waiting_sessions(pid)
    return tuple(database.session(identifier) for identifier in dict.fromkeys(args.id))


def _tell_of_parked(facility: "Facility") -> None:
    """Say that sessions wait for a person instead, which nobody would learn of who only builds."""
    from nexuslims_core.sessions.next_steps import LONG

    parked = facility.database.backlog(facility.now(), LONG).parked
    if parked:
        complain(
            f"{'1 session is' if parked == 1 else f'{parked:,} sessions are'} parked because of "
            f"{'its' if parked == 1 else 'their'} logs: list with "
            "`nexuslims sessions list --status ERROR`; `nexuslims sessions why ID` says what to mend"
        )


def _build(facility: "Facility", session: "Session", scan: "Scan", args: argparse.Namespace) -> _Told:
    from nexuslims_core.pipeline import build_session, this_process

    nothing, identifier = _empty(session), session.session_identifier
    with about(identifier), _watch(session) as watch:
        try:
            if args.rebuild:
                facility.database.requeue(identifier, REBUILD, facility.now())
            report = build_session(facility, session, scan, this_process(), watch)
        except (ClaimedElsewhereError, SessionStateError) as error:
            stands = nothing | {"status": facility.database.summary(identifier).status.value}
            return _Told(report=stands, reason=str(error), failed=not args.waiting)
        except NexusLimsError as error:
            return _Told(report=nothing | {"status": FAILED}, reason=str(error), failed=True)
        except Exception as error:  # one session's fault must not stop the others (docs/decisions/0004)
            log.exception("session %s", identifier)
            fault = f"a fault of the program, please report it: {type(error).__name__}: {error}"
            return _Told(report=nothing | {"status": FAILED}, reason=fault, failed=True)
    failed = report.status in (FAILED, WAITS) or (report.status == PENDING and not args.no_upload)
    return _Told(report=nothing | _plain(report), reason=report.reason, failed=failed)


@contextmanager
def _watch(session: "Session") -> Iterator["Watch"]:
    """Follow a build on the terminal: the stage at work, and the files as they are read."""
    from nexuslims_core.pipeline import Watch

    with progress(session.label) as tell:
        read = 0

        def count(_outcome: object) -> None:
            nonlocal read
            read += 1
            tell(f"{read} files read")

        yield Watch(started=lambda stage: tell(stage.replace("_", " ")), read=count)


def _empty(session: "Session") -> dict[str, Any]:
    return {
        "session": session.session_identifier,
        "status": WAITS,
        "record": None,
        "datasets": 0,
        "activities": 0,
        "unreadable": 0,
        "receipt": None,
        "seconds": {},
    }


def _plain(report: "BuildReport") -> dict[str, Any]:
    from nexuslims_core import codec

    return {
        "status": report.status.value,
        "record": str(report.record) if report.record else None,
        "datasets": report.datasets,
        "activities": report.activities,
        "unreadable": report.unreadable,
        "receipt": codec.encode(report.receipt) if report.receipt else None,
        "seconds": dict(report.seconds),
    }


def _answer(told: list[_Told]) -> Answer:
    rows = [
        (
            *(each.report[name] for name in ("session", "status", "activities", "datasets", "unreadable")),
            each.reason or (each.report["receipt"] or {}).get("url"),
        )
        for each in told
    ]
    headings = ("session", "status", "activities", "datasets", "unreadable", "published at, or why not")
    return Answer(
        document=[each.report for each in told],
        text=lambda: table(headings, rows) if rows else "No session waits.",
        exit_code=1 if any(each.failed for each in told) else 0,
        complaints=[_complaint(f"session {each.report['session']}", each.reason) for each in told if each.reason],
    )


def _complaint(session: str, reason: str) -> str:
    """Return a reason with the session's name before it, unless it begins with that by itself."""
    return reason if reason.startswith((f"{session} ", f"{session}:")) else f"{session}: {reason}"


def _would_build(facility: "Facility", sessions: tuple["Session", ...], scans: Mapping[str, "Scan"]) -> Answer:
    from nexuslims_core.stages.session_windows import files_of

    listing, lines = [], []
    for session in sessions:
        scan = scans[session.instrument.instrument_pid]
        found = () if scan.absent else files_of(facility, session, scan).files
        files = [str(file.path) for file in found]
        listing.append({"session": session.session_identifier, "label": session.label, "files": files})
        lines.append(f"{session.label}: {scan.absent or f'{len(files)} files'}")
        lines += [f"  {file}" for file in files]
    absent = any(scan.absent for scan in scans.values())
    return Answer(document=listing, text="\n".join(lines) or "No session waits.", exit_code=1 if absent else 0)
