"""Who booked the instrument for this session, and why."""

from nexuslims_core.reservations.matching import match
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "harvest_reservation"


def harvest_reservation(facility: Facility, claim: Claim) -> ReservationMatch:
    """Ask the instrument's calendar and take the reservation that fits the session best; none is an answer too.

    Raises
    ------
    ServiceUnavailableError, AuthenticationError, UnexpectedAnswerError, ConfigurationError
        As the calendar's client says.
    """
    return perform(facility, claim, STAGE, inputs=None, kind=ReservationMatch, work=lambda: _ask(facility, claim))


def _ask(facility: Facility, claim: Claim) -> ReservationMatch:
    session = claim.session
    calendar = facility.calendar(session.instrument)
    if calendar is None:
        return ReservationMatch(reservation=None, explanation="The instrument has no calendar.")
    return match(calendar.reservations(session.instrument, session.dt_from, session.dt_to), session)
