"""A match in the words of those who used the microscope."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from nexuslims_core.reservations.models import Candidate, Confidence, Reservation, ReservationMatch
from nexuslims_core.reservations.people import is_among
from nexuslims_core.sessions.models import Session

ENOUGH = 0.5
"""A reservation that covers a smaller share of the session is a weak match."""
MOST_NAMED = 20
"""Candidates that are named; a calendar may hold any number."""


def explained(
    match: ReservationMatch, session: Session, near: Sequence[Reservation], *, overlapping: int
) -> ReservationMatch:
    """Return a match with its choice in a sentence, and beside it what makes it doubtful.

    Parameters
    ----------
    near
        All that the calendar holds around the session.
    overlapping
        How many overlap it; the match keeps no more than some of them.
    """
    if match.reservation is None:
        return replace(match, explanation=_why_none(near, session))
    notes = (*_others(match, session, overlapping - 1), *_doubts(match, session))
    return replace(match, explanation=_why(match, overlapping - 1), notes=notes)


def _why(match: ReservationMatch, others: int) -> str:
    best = match.candidates[0]
    series = ", which stands for a whole series," if best.reservation.recurring else ""
    shared = f"Reservation {_called(best.reservation)}{series} shares {_minutes(best.overlap_s)} with the session"
    covered = f"{shared}, {_percent(best)} of it"
    if not others:
        return f"{covered}; no other overlaps it."
    overlap = "others overlap" if others > 1 else "other overlaps"
    return f"{covered}; {others} {overlap} it too. It was taken because {match.rule}."


def _others(match: ReservationMatch, session: Session, others: int) -> Iterator[str]:
    for each in match.candidates[1 : MOST_NAMED + 1]:
        booked = each.reservation
        people = f" of {', '.join(booked.experimenters)}" if booked.experimenters else ""
        series = ", for a whole series" if booked.recurring else ""
        yield (
            f"Not taken: reservation {_called(booked)}{people}{series}, {_span(booked, session)}; it shares "
            f"{_minutes(each.overlap_s)} with the session, {_percent(each)} of it."
        )
    if others > MOST_NAMED:
        yield f"{others - MOST_NAMED} more overlap the session and are not named here."


def _doubts(match: ReservationMatch, session: Session) -> Iterator[str]:
    best = match.candidates[0]
    if not is_among(session.user, best.reservation):
        people = ", ".join(best.reservation.experimenters or best.reservation.logins)
        yield f"The user on the instrument was {session.user}, but the reservation is for {people}."
    if match.confidence is Confidence.SEVERAL:
        yield "Several reservations lie in this session, so the record may tell of more than one person's work."
    elif best.reservation.recurring:
        yield "Whether the series was meant for this session is uncertain, since the calendar tells no single dates."
    elif best.share < ENOUGH:
        yield f"Whether this reservation is the right one is uncertain: it covers {_percent(best)} of the session."


def _why_none(near: Sequence[Reservation], session: Session) -> str:
    if not near:
        return "The calendar holds no reservation near the session."
    nearest = min(near, key=lambda each: (_away_s(each, session), each.reservation_id))
    return (
        f"No reservation overlaps the session, though the calendar holds {len(near)} near it; the nearest, reservation "
        f"{_called(nearest)}, {_where(nearest, session)}."
    )


def _away_s(reservation: Reservation, session: Session) -> float:
    """Return the time between a reservation and a session that do not overlap."""
    before, after = _utc(session.dt_from) - _utc(reservation.end), _utc(reservation.start) - _utc(session.dt_to)
    return max(before, after).total_seconds()


def _where(reservation: Reservation, session: Session) -> str:
    away = _minutes(_away_s(reservation, session))
    if _utc(reservation.end) <= _utc(session.dt_from):
        return f"ended {away} before it began"
    return f"began {away} after it ended"


def _called(reservation: Reservation) -> str:
    title = (reservation.title or "").strip()
    return f"{reservation.reservation_id} “{title}”" if title else reservation.reservation_id


def _span(reservation: Reservation, session: Session) -> str:
    zone = session.instrument.zone
    start, end = reservation.start.astimezone(zone), reservation.end.astimezone(zone)
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} to {until}"


def _percent(candidate: Candidate) -> str:
    share = 100 * candidate.share
    return f"{share:.0f} %" if share >= 1 else "less than 1 %"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC)
