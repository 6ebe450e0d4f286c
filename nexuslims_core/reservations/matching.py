"""Which reservation belongs to a session: the one that shares the most time with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from nexuslims_core.reservations.models import Reservation, ReservationMatch
from nexuslims_core.sessions.models import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    reservation: Reservation
    overlap_s: float

    @property
    def rank(self) -> tuple[bool, float, datetime, str]:
        """Single bookings before rows for a whole series, then the longest overlap, the earliest start, the id."""
        booked = self.reservation
        return booked.recurring, -self.overlap_s, booked.start.astimezone(UTC), booked.reservation_id


def match(reservations: Iterable[Reservation], session: Session) -> ReservationMatch:
    """Return the reservation that a session took, and why.

    Reservations that only touch the session do not overlap it. A row that stands for a whole series covers all the
    time between its first and its last event, so it is taken only where no single booking overlaps.
    """
    near = tuple(reservations)
    candidates = [
        _Candidate(reservation=reservation, overlap_s=seconds)
        for reservation in near
        if (seconds := _overlap_s(reservation, session)) > 0
    ]
    if not candidates:
        return ReservationMatch(reservation=None, explanation=_why_none(len(near)))
    best = min(candidates, key=lambda candidate: candidate.rank)
    return ReservationMatch(reservation=best.reservation, explanation=_why(best, len(candidates) - 1))


def _overlap_s(reservation: Reservation, session: Session) -> float:
    """Return the time both share; in UTC, since times of one zone are subtracted by the clock on the wall."""
    start = max(reservation.start.astimezone(UTC), session.dt_from.astimezone(UTC))
    end = min(reservation.end.astimezone(UTC), session.dt_to.astimezone(UTC))
    return (end - start).total_seconds()


def _why(best: _Candidate, others: int) -> str:
    booked = best.reservation
    title = f" “{booked.title}”" if booked.title else ""
    series = ", which stands for a whole series," if booked.recurring else ""
    shared = f"Reservation {booked.reservation_id}{title}{series} shares {_minutes(best.overlap_s)} with the session"
    match others:
        case 0:
            return f"{shared}; no other overlaps it."
        case 1:
            return f"{shared}; 1 other overlaps it too."
        case _:
            return f"{shared}; {others} others overlap it too."


def _why_none(near: int) -> str:
    if near == 0:
        return "The calendar holds no reservation near the session."
    return f"No reservation overlaps the session, though the calendar holds {near} near it."


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
