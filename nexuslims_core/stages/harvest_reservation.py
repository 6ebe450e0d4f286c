"""Who booked the instrument for this session, and why; and whether they agreed that a record is made.

A calendar that is away costs no record: the session is built without its reservation, marked so, and completed by
housekeeping. Where users are asked for consent the session waits instead, since nobody has agreed yet.
"""

import logging

from nexuslims_core.errors import (
    AuthenticationError,
    ConsentUnknownError,
    NexusLimsError,
    NoConsentError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.reservations.base import SessionCalendar
from nexuslims_core.reservations.matching import match
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.sessions.models import Claim, Session
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "harvest_reservation"
AWAY = (ServiceUnavailableError, AuthenticationError, UnexpectedAnswerError)
"""Errors that say that a calendar cannot be asked now, and may be later."""

_ONLY_THE_USERS_OWN = "; an answer of somebody else who booked the time does not count"

log = logging.getLogger(__name__)


def harvest_reservation(facility: Facility, claim: Claim) -> ReservationMatch:
    """Ask the instrument's calendar and take the reservation that fits the session best; none is an answer too.

    Raises
    ------
    NoConsentError
        If users are asked for consent, and those of this session have not agreed.
    ConsentUnknownError
        If they are asked, or may be, and the calendar cannot tell now what they said.
    ConfigurationError
        If the instrument's row or the settings do not say how to ask.
    """
    found = perform(
        facility, claim, STAGE, inputs=None, kind=ReservationMatch, work=lambda: _found(facility, claim.session)
    )
    facility.database.note_missing_reservation(claim, found.missing)
    return found


def ask(facility: Facility, session: Session) -> ReservationMatch:
    """Return what the calendar says of a session now; NoConsentError where its users have not agreed.

    Raises
    ------
    NexusLimsError
        As the calendar's client says.
    """
    calendar = facility.calendar(session.instrument)
    if calendar is None:
        return ReservationMatch(reservation=None, explanation="The instrument has no calendar.")
    asks = isinstance(calendar, SessionCalendar) and calendar.asks_for_consent(session.instrument)
    found = match(calendar.reservations(session.instrument, session.dt_from, session.dt_to), session, discreet=asks)
    if isinstance(calendar, SessionCalendar):
        found = calendar.completed(found, session)
    booked = found.reservation
    if asks or (booked and (booked.asked_for_consent or booked.consent is False)):
        _insist_on_consent(found)
    return found


def _found(facility: Facility, session: Session) -> ReservationMatch:
    try:
        return ask(facility, session)
    except AWAY as error:
        if _may_ask_for_consent(facility.calendar(session.instrument), session):
            raise ConsentUnknownError(
                f"whether the users agreed that a record is made is not known yet: {error}"
            ) from error
        log.warning("session %s is built without reservation: %s", session.session_identifier, error)
        return _missing(error)


def _may_ask_for_consent(calendar: object, session: Session) -> bool:
    """Tell whether users are asked for consent; where that cannot be found out either, they may be."""
    if not isinstance(calendar, SessionCalendar):
        return False
    try:
        return calendar.asks_for_consent(session.instrument)
    except NexusLimsError:
        return True


def _missing(error: NexusLimsError) -> ReservationMatch:
    return ReservationMatch(
        reservation=None,
        explanation="The calendar could not be asked when this record was made, so it may lack its reservation.",
        notes=("The record is completed when the calendar answers again.",),
        missing=str(error),
    )


def _insist_on_consent(found: ReservationMatch) -> None:
    """Raise NoConsentError unless somebody has agreed; the sentence holds nothing of what was booked."""
    booked = found.reservation
    if booked is None:
        raise NoConsentError(
            "users are asked for consent when they book, and the session has no reservation, so nobody has agreed"
        )
    if booked.consent is not True:
        said, beside = ("did not agree", "") if booked.consent is False else ("did not answer", _ONLY_THE_USERS_OWN)
        raise NoConsentError(
            f"the user {said} when asked whether a record may be made (reservation {booked.reservation_id}{beside})"
        )
