"""The stages in order, for the command line and for the one-task operator of backfills."""

import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from nexuslims_core.datasets.models import Outcome
from nexuslims_core.errors import NexusLimsError, NotDueError, SessionStateError, StorageError, may_pass
from nexuslims_core.files.models import Scan
from nexuslims_core.sessions.models import Claim, Session
from nexuslims_core.stages.claim import claim
from nexuslims_core.stages.due_sessions import DueSessions, due_sessions, still_to_come
from nexuslims_core.stages.extract_metadata import extract_metadata, read_ahead
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.find_files import find_files
from nexuslims_core.stages.finish import BuildReport, finish
from nexuslims_core.stages.harvest_reservation import harvest_reservation
from nexuslims_core.stages.past_sessions import put_back
from nexuslims_core.stages.scan_storage import scan_storage
from nexuslims_core.stages.session_windows import windows_of
from nexuslims_core.stages.telling import write_down_end

log = logging.getLogger(__name__)
REBUILD = "rebuild asked for by a backfill"


@dataclass(slots=True)
class Watch:
    """Follows one build: seconds by stage, and whom to tell.

    Attributes
    ----------
    started
        Called with the name of each stage as it begins.
    read
        Called with each file's outcome as it comes.
    """

    started: Callable[[str], None] = lambda _stage: None
    read: Callable[[Outcome], None] = lambda _outcome: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        self.started(name)
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - begun, 4)


def this_process() -> str:
    """Return the holder's name of a build outside Airflow: host, process and start."""
    return f"{socket.gethostname()}:{os.getpid()}:{time.time_ns()}"


def scan_and_sort(facility: Facility, sessions: tuple[Session, ...]) -> tuple[DueSessions, dict[str, Scan]]:
    """Scan each instrument of the sessions once, and tell which sessions are due."""
    scans = scan_all(facility, sessions)
    return due_sessions(facility, sessions, scans), scans


def scan_all(facility: Facility, sessions: tuple[Session, ...]) -> dict[str, Scan]:
    """Scan each instrument of the sessions once, for files of their times."""
    scans: dict[str, Scan] = {}
    for instrument in {session.instrument.instrument_pid: session.instrument for session in sessions}.values():
        own = [session for session in sessions if session.instrument.instrument_pid == instrument.instrument_pid]
        scans[instrument.instrument_pid] = scan_storage(facility, instrument, windows_of(facility, own))
    return scans


def build_session(facility: Facility, session: Session, scan: Scan, holder: str, watch: Watch) -> BuildReport:
    """Turn one due session into a published record, or into a state that says why not.

    What people are to be told of that is written down; whoever built all that there is sends it.

    Raises
    ------
    ClaimedElsewhereError, SessionStateError
        If the session is somebody else's, is not waiting, or has not ended yet; nothing was changed.
    """
    return _build(facility, session, scan, holder, watch, comes_again=False)


def build_past_session(
    facility: Facility, session: Session, scan: Scan, holder: str, *, rebuild: bool, comes_again: bool
) -> BuildReport:
    """Do as :func:`build_session` for whom no later round builds what could not be built in this one.

    Parameters
    ----------
    scan
        Of the instrument's folder; where that was absent it is searched again.
    rebuild
        Put the session back first if it has come to an end state.
    comes_again
        Whether this holder tries again after an error that may pass. Such an error is raised then, and the attempt
        stays open for the next try, which uses what was whole.

    Raises
    ------
    ClaimedElsewhereError, SessionStateError
        If the session is somebody else's, is not waiting, or has not ended yet; nothing was changed.
    NotDueError
        If its files may still come, or it waits for somebody's consent; nothing was changed.
    StorageError
        If the folder of its instrument is not there; nothing was changed.
    """
    identifier, instrument = session.session_identifier, session.instrument
    if scan.absent:
        scan = scan_storage(facility, instrument, windows_of(facility, [session]))
    if scan.absent:
        facility.database.note_waiting(identifier, scan.absent)
        raise StorageError(f"session {identifier} waits: {scan.absent}")
    not_yet = due_sessions(facility, (session,), {instrument.instrument_pid: scan}).waiting
    if not_yet:
        raise NotDueError(f"session {identifier} waits: {not_yet[0].reason}")
    if rebuild:
        put_back(facility, [identifier], REBUILD)
    watch = Watch()
    try:
        return _build(facility, session, scan, holder, watch, comes_again=comes_again)
    finally:
        log.info("session %s: %s", identifier, watch.seconds)


def _build(
    facility: Facility, session: Session, scan: Scan, holder: str, watch: Watch, *, comes_again: bool
) -> BuildReport:
    not_yet = still_to_come(session, facility.now())
    if not_yet:
        raise SessionStateError(f"session {session.session_identifier} cannot be built yet: {not_yet}")
    with facility.database.held_open():
        with watch.stage("claim"):
            claimed = claim(facility, session.session_identifier, holder)
        try:
            _work(facility, claimed, scan, watch)
        except NexusLimsError as error:
            log.debug("session %s: %s", session.session_identifier, error)  # the stage has written it to the books
            if comes_again and may_pass(error):
                raise
        except BaseException:
            if not comes_again:
                _finish(facility, claimed, watch)
            raise
        return _finish(facility, claimed, watch)


def _finish(facility: Facility, claimed: Claim, watch: Watch) -> BuildReport:
    with watch.stage("finish"):
        report = finish(facility, claimed)
        write_down_end(facility, claimed)
    return replace(report, seconds=dict(watch.seconds))


def load_ahead() -> None:
    """Load what is needed once the files are read, while they are: it takes longer than writing a record."""
    from nexuslims_core.stages import build_record, upload_record, validate_record  # noqa: F401 - as said


def _work(facility: Facility, claimed: Claim, scan: Scan, watch: Watch) -> None:
    with watch.stage("harvest_reservation"):
        match = harvest_reservation(facility, claimed)
    with watch.stage("find_files"):
        files = find_files(facility, claimed, scan)
    read_ahead(facility, claimed, files)
    from nexuslims_core.stages.cluster_activities import cluster_activities  # loads numpy, while files are read

    with watch.stage("cluster_activities"):
        grouping = cluster_activities(facility, claimed, files)
    with watch.stage("extract_metadata"):
        outcomes = extract_metadata(facility, claimed, grouping, watch.read)
    from nexuslims_core.stages.build_record import Ingredients, build_record
    from nexuslims_core.stages.upload_record import upload_record
    from nexuslims_core.stages.validate_record import validate_record

    with watch.stage("build_record"):
        ingredients = Ingredients(match=match, files=files, grouping=grouping, outcomes=outcomes)
        built = build_record(facility, claimed, ingredients)
    with watch.stage("validate_record"):
        record = validate_record(facility, claimed, built)
    with watch.stage("upload_record"):
        upload_record(facility, claimed, record)
