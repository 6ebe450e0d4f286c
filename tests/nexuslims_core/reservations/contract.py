"""What every calendar promises, whatever system is behind it; a test class inherits it and gives the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from nexuslims_core.errors import AuthenticationError, NexusLimsError, ServiceUnavailableError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.base import ReservationSystem
from nexuslims_core.reservations.matching import match
from nexuslims_core.sessions.models import Session

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
START, END = NOON, NOON + 4 * HOUR
"""The span that is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What a person enters into a calendar; its title tells it from the others."""

    title: str
    start: datetime
    end: datetime


class Desk(Protocol):
    """Where one instrument of one calendar is booked, in the real system, and where clients of that system come from.

    Attributes
    ----------
    instrument
        Its calendar is empty at first.
    one_page
        So many bookings fit on one page of an answer; 0 where answers have no pages.
    """

    instrument: Instrument
    one_page: int

    def book(self, bookings: Sequence[Booking]) -> None:
        """Enter bookings; called once in a test."""
        ...

    def cancel(self, title: str) -> None:
        """Cancel a booking the way this system does it."""
        ...

    def client(self) -> ReservationSystem:
        """Return a client with the right credentials."""
        ...

    def intruder(self) -> ReservationSystem | None:
        """Return a client with wrong credentials; None where the system has none."""
        ...

    def nowhere(self) -> Instrument:
        """Return an instrument that this calendar does not know."""
        ...

    def switch_off(self, port: int) -> Instrument:
        """Return the same instrument on a server that is down: ``port`` of 127.0.0.1 refuses every connection."""
        ...


def booking(title: str, start: timedelta, end: timedelta) -> Booking:
    """Return a booking by its distance from the start of the span."""
    return Booking(title=title, start=START + start, end=START + end)


class CalendarContract:
    """The fixture ``desk`` gives a calendar in which nothing is booked; ``ReservationSystem`` states the promises."""

    def test_an_empty_calendar_has_no_reservations(self, desk: Desk) -> None:
        assert desk.client().reservations(desk.instrument, START, END) == ()

    def test_every_booking_that_overlaps_is_found(self, desk: Desk) -> None:
        overlapping = [
            booking("over its start", -HOUR, HOUR),
            booking("inside", HOUR, 2 * HOUR),
            booking("over its end", 3 * HOUR, 6 * HOUR),
        ]
        desk.book(overlapping)

        assert titles(desk) >= {each.title for each in overlapping}

    def test_a_booking_much_longer_than_the_span_is_found(self, desk: Desk) -> None:
        desk.book([booking("a week", timedelta(days=-3), timedelta(days=4))])

        assert titles(desk) == {"a week"}

    def test_nothing_is_found_that_is_days_away(self, desk: Desk) -> None:
        desk.book(
            [
                booking("the week before", timedelta(days=-7), timedelta(days=-6)),
                booking("the week after", timedelta(days=6), timedelta(days=7)),
                booking("now", HOUR, 2 * HOUR),
            ]
        )

        assert titles(desk) == {"now"}

    def test_a_booking_that_only_touches_the_session_is_not_taken(self, desk: Desk) -> None:
        desk.book([booking("until its start", -HOUR, 0 * HOUR), booking("from its end", 4 * HOUR, 5 * HOUR)])
        session = Session(session_identifier="s", instrument=desk.instrument, dt_from=START, dt_to=END)

        taken = match(desk.client().reservations(desk.instrument, START, END), session)

        assert taken.reservation is None

    def test_its_times_are_instants(self, desk: Desk) -> None:
        desk.book([booking("now", HOUR, 2 * HOUR)])

        (found,) = desk.client().reservations(desk.instrument, START, END)

        assert (found.start, found.end) == (START + HOUR, START + 2 * HOUR)

    def test_the_hours_over_the_start_of_summer_time_are_counted_right(self, desk: Desk) -> None:
        in_new_york = datetime(2026, 3, 8, 5, tzinfo=UTC)  # midnight; the clock jumps at 7 UTC
        desk.book([Booking(title="night", start=in_new_york, end=in_new_york + 6 * HOUR)])

        (found,) = desk.client().reservations(desk.instrument, in_new_york, in_new_york + 3 * HOUR)

        assert found.end.astimezone(UTC) - found.start.astimezone(UTC) == 6 * HOUR

    def test_answers_are_read_to_their_last_page(self, desk: Desk) -> None:
        minutes = 2 * desk.one_page + 1
        every = [booking(f"{i}", i * timedelta(minutes=1), (i + 1) * timedelta(minutes=1)) for i in range(minutes)]
        desk.book(every)

        assert titles(desk) == {each.title for each in every}

    def test_what_was_cancelled_is_left_out(self, desk: Desk) -> None:
        desk.book([booking("cancelled", HOUR, 2 * HOUR), booking("kept", HOUR, 2 * HOUR)])
        desk.cancel("cancelled")

        assert titles(desk) == {"kept"}

    def test_asked_twice_it_says_the_same(self, desk: Desk) -> None:
        desk.book([booking("a", HOUR, 2 * HOUR), booking("b", HOUR, 3 * HOUR)])
        client = desk.client()

        first, second = (frozenset(client.reservations(desk.instrument, START, END)) for _ in range(2))

        assert first == second

    def test_an_instrument_that_it_does_not_know_is_said(self, desk: Desk) -> None:
        with pytest.raises(NexusLimsError) as said:
            desk.client().reservations(desk.nowhere(), START, END)

        assert "api_url" in str(said.value)
        assert not said.value.retryable

    def test_wrong_credentials_are_said_and_not_shown(self, desk: Desk) -> None:
        intruder = desk.intruder()
        if intruder is None:
            pytest.skip("this calendar asks for no credentials")

        with pytest.raises(AuthenticationError) as said:
            intruder.reservations(desk.instrument, START, END)

        assert WRONG not in f"{said.value} {intruder!r}"

    def test_a_server_that_is_down_may_be_asked_again(self, desk: Desk, closed_port: int) -> None:
        with pytest.raises(ServiceUnavailableError, match=f"127.0.0.1:{closed_port}"):
            desk.client().reservations(desk.switch_off(closed_port), START, END)


WRONG = "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0"
"""The password or token that an intruder has."""
OURS = "7b3c9e52 let us in"
"""The right one, where a test may choose it."""


def titles(desk: Desk) -> set[str | None]:
    """Return the titles of what the calendar holds in the span."""
    return {found.title for found in desk.client().reservations(desk.instrument, START, END)}
