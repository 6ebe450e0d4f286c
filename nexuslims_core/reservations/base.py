"""What every calendar can do."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.models import Reservation, ReservationMatch
from nexuslims_core.sessions.models import Session


class ReservationSystem(Protocol):
    """A calendar that instruments are booked in."""

    def reservations(self, instrument: Instrument, start: datetime, end: datetime) -> tuple[Reservation, ...]:
        """Return the bookings of ``instrument`` that may overlap ``[start, end]``, in any order.

        Raises
        ------
        ServiceUnavailableError
            If the calendar does not answer, or says that it cannot now.
        AuthenticationError
            If it refuses the credentials.
        UnexpectedAnswerError
            If its answer is not what its interface promises.
        ConfigurationError
            If the instrument's row does not say where its calendar is.
        """
        ...


@runtime_checkable
class SessionCalendar(Protocol):
    """A calendar that also knows what was done: it asks users for consent, and what a session was about."""

    def asks_for_consent(self, instrument: Instrument) -> bool:
        """Return whether users of ``instrument`` are asked if a record of their session may be made.

        Raises
        ------
        NexusLimsError
            As :meth:`ReservationSystem.reservations` does, so that nobody takes silence for a no.
        """
        ...

    def completed(self, match: ReservationMatch, session: Session) -> ReservationMatch:
        """Return the match with what the user said of the session itself, which counts more than the reservation.

        Raises
        ------
        NexusLimsError
            As :meth:`ReservationSystem.reservations` does.
        """
        ...
