"""The sessions of a stretch of time that are to be built, or built again."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

from nexuslims_core.errors import NexusLimsError
from nexuslims_core.sessions.choice import Choice
from nexuslims_core.sessions.models import Session
from nexuslims_core.sessions.states import END_STATES
from nexuslims_core.stages.facility import Facility

log = logging.getLogger(__name__)


def past_sessions(
    facility: Facility, since: datetime, until: datetime, choice: Choice, *, rebuild: bool = False
) -> tuple[Session, ...]:
    """Return the sessions whose END lies in ``[since, until)``, by start: those that wait.

    Parameters
    ----------
    since, until
        Aware times.
    rebuild
        Those that have come to an end state too; parked ones are left, since a person must mend their logs first.

    Raises
    ------
    UnknownInstrumentError, UnknownSessionError
        If one that is named is not there.
    """
    check_named(facility, choice)
    found = {session.session_identifier: session for session in facility.database.waiting_sessions()}
    if rebuild:
        found |= {session.session_identifier: session for session in _ended(facility, since, until)}
    chosen = (each for each in found.values() if since <= each.dt_to < until and choice.holds(each))
    return tuple(sorted(chosen, key=lambda each: (each.dt_from, each.session_identifier)))


def check_named(facility: Facility, choice: Choice) -> None:
    """Make sure that whatever a person named is there.

    Raises
    ------
    UnknownInstrumentError, UnknownSessionError
        If it is not.
    """
    for instrument_pid in sorted(choice.instruments):
        facility.database.instrument(instrument_pid)
    for identifier in sorted(choice.sessions):
        facility.database.summary(identifier)


def put_back(facility: Facility, identifiers: Iterable[str], reason: str) -> None:
    """Make sessions wait to be built again that have come to an end state; all others are left as they are.

    Raises
    ------
    ClaimedElsewhereError
        If somebody is at one.
    """
    for identifier in sorted(identifiers):
        if facility.database.summary(identifier).status in END_STATES:
            facility.database.requeue(identifier, reason, facility.now())


def _ended(facility: Facility, since: datetime, until: datetime) -> Iterator[Session]:
    """Yield the sessions that ran in the time and have come to an end state."""
    for summary in facility.database.sessions(since=since, until=until):
        if summary.status not in END_STATES:
            continue
        try:
            yield facility.database.session(summary.session_identifier)
        except NexusLimsError as error:
            log.warning("session %s is not built again: %s", summary.session_identifier, error)
