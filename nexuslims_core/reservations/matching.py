"""Which reservation belongs to a session: the one that shares the most time with it, and how sure that is."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from nexuslims_core.reservations.explaining import ENOUGH, explained
from nexuslims_core.reservations.models import Candidate, Confidence, Reservation, ReservationMatch
from nexuslims_core.reservations.people import is_among
from nexuslims_core.sessions.models import Session

RIVAL = 0.1
"""Another that covers at least this share of the session may as well be the one."""
MOST_CANDIDATES = 50
"""Kept with the match; it travels between tasks, and a calendar may hold any number."""

ONLY = "the only reservation that overlaps the session"
SINGLE = "a single booking goes before one for a whole series"
LONGEST = "it shares the most time with the session"
CLOSEST = "of those that share the most time it is the shortest, and so fits the session best"
EARLIEST = "of those that share the most time and fit alike it starts first"


def match(reservations: Iterable[Reservation], session: Session, *, discreet: bool = False) -> ReservationMatch:
    """Return the reservation that a session took, and why.

    Reservations that only touch the session do not overlap it. A row that stands for a whole series covers all the
    time between its first and its last event, so it is taken only where no single booking overlaps.

    Parameters
    ----------
    discreet
        Say of those that were not chosen, and whose users have not agreed to a record, no more than number and times.
    """
    near = tuple(reservations)
    candidates = sorted(_candidates(near, session), key=_rank)
    if discreet:
        near = tuple(map(_discreet, near))
        candidates[1:] = [replace(each, reservation=_discreet(each.reservation)) for each in candidates[1:]]
    found = ReservationMatch(
        reservation=candidates[0].reservation if candidates else None,
        explanation="",
        rule=_rule(candidates),
        confidence=_confidence(candidates, session),
        candidates=tuple(candidates[:MOST_CANDIDATES]),
    )
    return explained(found, session, near, overlapping=len(candidates))


def _candidates(near: Iterable[Reservation], session: Session) -> Iterable[Candidate]:
    length_s = (session.dt_to.astimezone(UTC) - session.dt_from.astimezone(UTC)).total_seconds()
    for reservation in near:
        overlap_s = _overlap_s(reservation, session)
        if overlap_s > 0:
            yield Candidate(reservation=reservation, overlap_s=overlap_s, share=round(overlap_s / length_s, 4))


def _overlap_s(reservation: Reservation, session: Session) -> float:
    """Return the time both share; in UTC, since times of one zone are subtracted by the clock on the wall."""
    start = max(reservation.start.astimezone(UTC), session.dt_from.astimezone(UTC))
    end = min(reservation.end.astimezone(UTC), session.dt_to.astimezone(UTC))
    return (end - start).total_seconds()


def _rank(candidate: Candidate) -> tuple[bool, float, timedelta, datetime, str]:
    """Single bookings before rows for a whole series, then the longest overlap, the closest fit, the earliest start.

    A note for the whole day shares a session with the booking that it took, but nobody means the day.
    """
    booked = candidate.reservation
    start = booked.start.astimezone(UTC)
    return booked.recurring, -candidate.overlap_s, _length(booked), start, booked.reservation_id


def _length(booked: Reservation) -> timedelta:
    return booked.end.astimezone(UTC) - booked.start.astimezone(UTC)


def _rule(candidates: Sequence[Candidate]) -> str:
    if not candidates:
        return ""
    if len(candidates) == 1:
        return ONLY
    best, second = candidates[:2]
    if second.reservation.recurring and not best.reservation.recurring:
        return SINGLE
    if best.overlap_s > second.overlap_s:
        return LONGEST
    return CLOSEST if _length(best.reservation) < _length(second.reservation) else EARLIEST


def _confidence(candidates: Sequence[Candidate], session: Session) -> Confidence:
    if not candidates:
        return Confidence.NONE
    best = candidates[0]
    same_kind = (each for each in candidates[1:] if each.reservation.recurring == best.reservation.recurring)
    if any(each.share >= RIVAL for each in same_kind):
        return Confidence.SEVERAL
    doubtful = best.reservation.recurring or best.share < ENOUGH or not is_among(session.user, best.reservation)
    return Confidence.WEAK if doubtful else Confidence.CLEAR


def _discreet(reservation: Reservation) -> Reservation:
    if reservation.consent is True:
        return reservation
    return Reservation(
        reservation_id=reservation.reservation_id,
        start=reservation.start,
        end=reservation.end,
        recurring=reservation.recurring,
    )
