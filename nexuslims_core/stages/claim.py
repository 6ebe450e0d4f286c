"""The right to build a session: an open attempt in the books."""

import logging

from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility

log = logging.getLogger(__name__)
TAKEN_OVER = "taken over"


def claim(facility: Facility, session_identifier: str, holder: str) -> Claim:
    """Open an attempt on a waiting session, or get back the one this holder has open.

    What a dead holder had finished is used again; after an end state everything is made anew.

    Raises
    ------
    ClaimedElsewhereError
        If another holder is at it.
    SessionStateError
        If the session is not TO_BE_BUILT.
    """
    before = facility.database.attempts(session_identifier)
    claimed = facility.database.claim(session_identifier, holder, facility.now(), facility.lease)
    earlier = [attempt for attempt in before if attempt.number < claimed.attempt]
    fresh = len(before) < claimed.attempt
    if fresh and not (earlier and earlier[-1].ended_at is None):
        facility.workbench.clear(session_identifier)
    log.info("session %s: attempt %d by %s", session_identifier, claimed.attempt, holder)
    return claimed
