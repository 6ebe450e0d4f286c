"""Which of the waiting sessions can be built now: their files have settled, or the delay has passed."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from nexuslims_core.errors import ConsentUnknownError
from nexuslims_core.files.models import Scan
from nexuslims_core.files.settling import unsettled
from nexuslims_core.files.windows import covers
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.sessions.models import Session
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.session_windows import files_of, windows_of

log = logging.getLogger(__name__)
DAY_S = 86_400.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=4)
"""How long a session waits before its calendar is asked again for consent; twice as long each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """A session that goes on waiting, and why, in a sentence."""

    session_identifier: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSessions:
    """The waiting sessions, sorted into those to build now and those to leave for later."""

    due: tuple[Session, ...]
    waiting: tuple[NotYet, ...]


def due_sessions(
    facility: Facility, sessions: tuple[Session, ...], scans: Mapping[str, Scan], named: Collection[str] = ()
) -> DueSessions:
    """Sort sessions into due and not yet, and write down why each of the latter waits.

    Parameters
    ----------
    scans
        Persistent id of each instrument to the scan of its folder.
    named
        Sessions that somebody wants now, whether their files have settled or not.
    """
    due: list[Session] = []
    waiting: list[NotYet] = []
    for session in sessions:
        scan = scans.get(session.instrument.instrument_pid)
        reason = _why_impossible(facility, session, scan)
        if reason is None and scan is not None and session.session_identifier not in named:
            reason = _why_not_yet(facility, session, scan)
        if reason is None:
            due.append(session)
        else:
            log.warning("session %s waits: %s", session.session_identifier, reason)
            facility.database.note_waiting(session.session_identifier, reason)
            waiting.append(NotYet(session_identifier=session.session_identifier, reason=reason))
    return DueSessions(due=tuple(due), waiting=tuple(waiting))


def still_to_come(session: Session, now: datetime) -> str | None:
    """Return why a session that has not ended yet waits; None once it has."""
    if session.dt_to <= now:
        return None
    return f"it ends at {session.dt_to.astimezone(session.instrument.zone).isoformat()}, which is still to come"


def _why_impossible(facility: Facility, session: Session, scan: Scan | None) -> str | None:
    not_yet = still_to_come(session, facility.now())
    if not_yet:
        return not_yet
    if scan is None:
        return f"the folder of {session.instrument.instrument_pid} was not searched"
    if scan.absent:
        return scan.absent
    if not all(covers(scan, window) for window in windows_of(facility, [session])):
        return f"{scan.root} was not searched for its time yet; the next search includes it"
    return None


def _why_not_yet(facility: Facility, session: Session, scan: Scan) -> str | None:
    delay_s = facility.settings.file_delay_days * DAY_S
    passed = (facility.now() - session.dt_to).total_seconds() >= delay_s
    return (None if passed else _still_to_come(facility, session, scan)) or _why_held(facility, session)


def _why_held(facility: Facility, session: Session) -> str | None:
    """Return why a session is not tried again yet that waits for somebody's consent; None if it is."""
    if session.instrument.harvester is not Harvester.NEMO:
        return None
    attempts = facility.database.attempts(session.session_identifier)
    in_vain = list(takewhile(lambda each: each.error_type == ConsentUnknownError.__name__, reversed(attempts)))
    if not in_vain or in_vain[0].ended_at is None:
        return None
    pause = min(FIRST_PAUSE * 2 ** min(len(in_vain) - 1, 10), LONGEST_PAUSE)
    return in_vain[0].error_sentence if facility.now() < in_vain[0].ended_at + pause else None


def _still_to_come(facility: Facility, session: Session, scan: Scan) -> str | None:
    found = files_of(facility, session, scan)
    if not found.files:
        return f"no files yet; they may still come for {facility.settings.file_delay_days:g} days after its end"
    growing = unsettled(found.files, now=facility.now().timestamp(), settle_s=facility.settings.settle_s)
    return f"{len(growing)} of its files are still being written, such as {growing[0].path.name}" if growing else None
