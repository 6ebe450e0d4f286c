"""What every calendar can do."""

from datetime import datetime
from typing import Protocol

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.models import Reservation


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
