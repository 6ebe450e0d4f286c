"""Files that came after a session's record was built: the next version of the record is to have them.

A session that was built, or in which no file was found, is looked at again for some days after its end. A file is late
if it was modified in the session's time, the record does not list it, and it came to the store after the build began.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree
from typing_extensions import override

from nexuslims_core.errors import NexusLimsError
from nexuslims_core.files.late import CAME_LATE, arrived_after
from nexuslims_core.files.models import FoundFile, Scan
from nexuslims_core.files.settling import unsettled
from nexuslims_core.records.addresses import address_of
from nexuslims_core.records.validation import parse
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import Session
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.scan_storage import scan_storage
from nexuslims_core.stages.session_windows import files_of, windows_of

log = logging.getLogger(__name__)

LOOKED_AT = (RecordStatus.COMPLETED, RecordStatus.BUILT_NOT_EXPORTED, RecordStatus.NO_FILES_FOUND)
"""States in which a session may get files that it lacks."""

_DAY_S = 86_400.0
_SEARCHED_BEFORE_S = _DAY_S
"""How long before its attempt began a session's files may have been searched, where many sessions wait in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFiles:
    """A session and the files that its record lacks, by time."""

    session: Session
    files: tuple[FoundFile, ...]

    @override
    def __str__(self) -> str:
        count = len(self.files)
        which = "1 file" if count == 1 else f"{count:,} files"
        return f"{which} {CAME_LATE}, such as {self.files[0].path.name!a}"


def requeue_late(facility: Facility) -> tuple[LateFiles, ...]:
    """Put back the sessions whose late files have settled, so that the next version of their records is built.

    Returns
    -------
    late
        The sessions that were put back, and for which files.
    """
    return tuple(late for late in find_late(facility) if _requeue(facility, late))


def find_late(facility: Facility) -> tuple[LateFiles, ...]:
    """Return the sessions that have late files, all of which have settled; nothing is written."""
    return tuple(
        late
        for sessions in _by_instrument(_recent(facility))
        for late in _late_of(facility, sessions)
        if not unsettled(late.files, now=facility.now().timestamp(), settle_s=facility.settings.settle_s)
    )


def _recent(facility: Facility) -> Iterator[Session]:
    since = facility.now().timestamp() - facility.settings.late_days * _DAY_S
    for status in LOOKED_AT:
        for summary in facility.database.sessions(status):
            if summary.dt_to is not None and summary.dt_to.timestamp() >= since:
                yield facility.database.session(summary.session_identifier)


def _by_instrument(sessions: Iterable[Session]) -> Iterable[list[Session]]:
    own: dict[str, list[Session]] = {}
    for session in sessions:
        own.setdefault(session.instrument.instrument_pid, []).append(session)
    return own.values()


def _late_of(facility: Facility, sessions: list[Session]) -> Iterator[LateFiles]:
    """Search one instrument's folder once for all its sessions."""
    scan = scan_storage(facility, sessions[0].instrument, windows_of(facility, sessions))
    if scan.absent:
        return
    for session in sessions:
        files = _late_in(facility, session, scan)
        if files:
            yield LateFiles(session=session, files=files)


def _late_in(facility: Facility, session: Session, scan: Scan) -> tuple[FoundFile, ...]:
    """Return the files that the record lacks; what a build has seen and left out of its record is not late."""
    attempts = tuple(filter(_has_searched, facility.database.attempts(session.session_identifier)))
    files = files_of(facility, session, scan).files
    if not attempts:
        return ()
    came = arrived_after(files, _searched_at(attempts, grown=len(files) > (attempts[-1].files or 0)))
    listed = _listed(attempts[-1]) if came else frozenset()
    if listed is None:
        return ()
    return tuple(file for file in came if address_of(file.path, facility.settings.filestore_path) not in listed)


def _has_searched(attempt: Attempt) -> bool:
    return attempt.files is not None or attempt.outcome is RecordStatus.NO_FILES_FOUND


def _searched_at(attempts: tuple[Attempt, ...], *, grown: bool) -> float:
    """Return since when a file may be late, epoch seconds.

    Where there are more files than the last attempt knew, it counts from before the first that made the same record:
    later ones may only have published it.
    """
    last = attempts[-1]
    if not grown:
        return last.started_at.timestamp()
    first = next(each for each in attempts if each.record_sha256 == last.record_sha256)
    return first.started_at.timestamp() - _SEARCHED_BEFORE_S


def _listed(built: Attempt) -> frozenset[str] | None:
    """Return where the datasets of a record lie; None if nobody can say, since it was moved or changed."""
    if built.record_path is None:
        return frozenset()
    try:
        record = parse(built.record_path.read_bytes())
    except (OSError, etree.XMLSyntaxError) as error:
        log.warning("session %s: its record cannot be read to look for late files: %s", built.session_identifier, error)
        return None
    return frozenset(element.text or "" for element in record.iter("{*}location"))


def _requeue(facility: Facility, late: LateFiles) -> bool:
    identifier = late.session.session_identifier
    try:
        facility.database.requeue(identifier, str(late), facility.now())
    except NexusLimsError as error:  # somebody builds it already, or it was put back meanwhile
        log.info("session %s: %s", identifier, error)
        return False
    log.warning("session %s: %s; its next version is built", identifier, late)
    return True
