"""``nexuslims build``."""

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from nexuslims_core import codec
from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.errors import ClaimedElsewhereError, ConfigurationError, NexusLimsError
from nexuslims_core.files.models import Scan
from nexuslims_core.files.windows import files_between
from nexuslims_core.pipeline import Watch, build_session, scan_and_sort, this_process
from nexuslims_core.sessions.models import Session
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility, open_facility
from nexuslims_core.stages.finish import BuildReport

log = logging.getLogger(__name__)
FAILED = frozenset({"ERROR", "BUILT_NOT_EXPORTED", "CLAIMED_ELSEWHERE"})


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare which sessions, and how far to go."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="*", default=[], help="sessions to build, whether their files have settled or not")
    which.add_argument("--waiting", action="store_true", help="every waiting session that is due")
    parser.add_argument("--instrument", metavar="PID", help="with --waiting: only this instrument's")
    parser.add_argument("--no-upload", action="store_true", help="build and validate, do not publish")
    parser.add_argument("--rebuild", action="store_true", help="put the sessions back first, whatever their state")
    parser.add_argument("--dry-run", action="store_true", help="list each session's files and change nothing")


def run(args: argparse.Namespace) -> Answer:
    """Build sessions one after another; each ends in a state of its own."""
    from nexuslims_core.config import load_settings

    facility = open_facility(load_settings())
    if args.no_upload:
        facility = replace(facility, store=None)
    if args.rebuild and not args.dry_run:
        for identifier in args.id:
            _put_back(facility, identifier)
    sessions = _asked_for(facility, args)
    sorted_, scans = scan_and_sort(facility, sessions)
    if args.dry_run:
        return _would_build(sessions, scans)
    due = sorted_.due if args.waiting else sessions
    built = [_build(facility, session, scans[session.instrument.instrument_pid], args) for session in due]
    waits = [_waits(each.session_identifier, each.reason) for each in sorted_.waiting if args.waiting]
    return _answer(built + waits, args)


def _put_back(facility: Facility, identifier: str) -> None:
    if facility.database.summary(identifier).status is not RecordStatus.TO_BE_BUILT:
        facility.database.requeue(identifier, "rebuild asked for on the command line", facility.now())


def _asked_for(facility: Facility, args: argparse.Namespace) -> tuple[Session, ...]:
    if args.waiting:
        return facility.database.waiting_sessions(args.instrument)
    if not args.id:
        raise ConfigurationError("name sessions to build, or say --waiting")
    return tuple(facility.database.session(identifier) for identifier in args.id)


def _build(facility: Facility, session: Session, scan: Scan, args: argparse.Namespace) -> dict[str, Any]:
    with _progress(session, quiet=args.json) as watch:
        try:
            report = build_session(facility, session, scan, this_process(), watch)
        except ClaimedElsewhereError as error:
            return _waits(session.session_identifier, str(error)) | {"status": "CLAIMED_ELSEWHERE"}
        except NexusLimsError as error:
            return _waits(session.session_identifier, str(error)) | {"status": "ERROR"}
        except Exception as error:  # one session's fault must not stop the others (docs/decisions/0004)
            log.exception("session %s", session.session_identifier)
            return _waits(session.session_identifier, f"{type(error).__name__}: {error}") | {"status": "ERROR"}
    return _told(report, watch)


@contextmanager
def _progress(session: Session, *, quiet: bool) -> Iterator[Watch]:
    """Show the stage at work, and the files as they are read, where somebody looks on."""
    if quiet or not sys.stderr.isatty():
        yield Watch()
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status(session.label) as status:
        read = 0

        def count(_outcome: object) -> None:
            nonlocal read
            read += 1
            status.update(f"{session.label}: {read} files read")

        yield Watch(started=lambda stage: status.update(f"{session.label}: {stage.replace('_', ' ')}"), read=count)


def _told(report: BuildReport, watch: Watch) -> dict[str, Any]:
    return {
        "session": report.session_identifier,
        "status": report.status.value,
        "record": str(report.record) if report.record else None,
        "datasets": report.datasets,
        "activities": report.activities,
        "unreadable": report.unreadable,
        "receipt": codec.encode(report.receipt) if report.receipt else None,
        "reason": report.reason,
        "seconds": watch.seconds,
    }


def _waits(identifier: str, reason: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "record": None,
        "datasets": 0,
        "activities": 0,
        "unreadable": 0,
        "receipt": None,
        "seconds": {},
    }
    return {"session": identifier, "status": RecordStatus.TO_BE_BUILT.value, "reason": reason, **nothing}


def _answer(reports: list[dict[str, Any]], args: argparse.Namespace) -> Answer:
    failed = FAILED - {"BUILT_NOT_EXPORTED"} if args.no_upload else FAILED
    rows = [
        (r["session"], r["status"], r["activities"], r["datasets"], (r["receipt"] or {}).get("url"), r["reason"])
        for r in reports
    ]
    headings = ("session", "status", "activities", "datasets", "in CDCS", "")
    return Answer(
        document=reports,
        text=table(headings, rows) if rows else "No session waits.",
        exit_code=1 if any(report["status"] in failed for report in reports) else 0,
    )


def _would_build(sessions: tuple[Session, ...], scans: dict[str, Scan]) -> Answer:
    listing = []
    for session in sessions:
        scan = scans[session.instrument.instrument_pid]
        found = files_between(scan, session.dt_from, session.dt_to)
        files = [str(file.path) for file in found.files]
        listing.append({"session": session.session_identifier, "label": session.label, "files": files})
    lines = [
        f"{each['label']}: {len(each['files'])} files" + "".join(f"\n  {f}" for f in each["files"]) for each in listing
    ]
    return Answer(document=listing, text="\n".join(lines) or "No session waits.")
