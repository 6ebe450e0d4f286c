"""The right to build a session: an open attempt in the books."""

import logging
from itertools import takewhile

from nexuslims_core.errors import StorageError
from nexuslims_core.sessions.attempts import Abandonment
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility

log = logging.getLogger(__name__)


def claim(facility: Facility, session_identifier: str, holder: str) -> Claim:
    """Open an attempt on a waiting session, or get back the one this holder has open.

    What a dead holder had finished is used again; after an end state everything is made anew.

    Raises
    ------
    ClaimedElsewhereError
        If another holder is at it.
    SessionStateError
        If the session is not TO_BE_BUILT.
    StorageError
        If what an earlier attempt left cannot be removed.
    """
    claimed = facility.database.claim(session_identifier, holder, facility.now(), facility.lease)
    if _begins_anew(facility, claimed):
        try:
            facility.workbench.clear(session_identifier)
        except OSError as error:
            raise StorageError(f"cannot remove {error.filename}: {error.strerror}") from error
    log.info("session %s: attempt %d by %s", session_identifier, claimed.attempt, holder)
    return claimed


def _begins_anew(facility: Facility, claimed: Claim) -> bool:
    """Tell an attempt before which no stage was begun since the last end, by its holder or by a dead one."""
    attempts = reversed(facility.database.attempts(claimed.session.session_identifier))
    since = takewhile(lambda each: each.outcome in (None, Abandonment.TAKEN_OVER), attempts)
    return all(each.stage is None for each in since)
