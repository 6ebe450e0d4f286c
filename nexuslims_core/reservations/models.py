"""A reservation in the record's terms, whatever calendar it comes from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was on the stage, as the reservation says."""

    name: str | None = None
    ref: str | None = None
    description: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What the time was charged to."""

    name: str | None = None
    division: str | None = None
    group: str | None = None
    project_id: str | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """One booking of one instrument.

    Attributes
    ----------
    reservation_id
        The calendar's own number or name of it.
    start, end
        Aware times, ``start < end``.
    url
        Where a person can look at it.
    recurring
        True for a row that stands for a whole series, so that ``end`` is that of its last event.
    logins
        Login names of the experimenters, where the calendar tells them.
    consent
        Whether they agreed that the data are kept; None where that was not asked or not answered.
    asked_for_consent
        Whether they were asked.
    """

    reservation_id: str
    start: datetime
    end: datetime
    title: str | None = None
    experimenters: tuple[str, ...] = ()
    collaborators: tuple[str, ...] = ()
    motivation: str | None = None
    samples: tuple[Sample, ...] = ()
    projects: tuple[Project, ...] = ()
    url: str | None = None
    recurring: bool = False
    logins: tuple[str, ...] = ()
    consent: bool | None = None
    asked_for_consent: bool = False

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError(f"reservation {self.reservation_id}: times need a zone")
        if self.end <= self.start:
            raise ValueError(f"reservation {self.reservation_id}: ends before it starts")


class Confidence(StrEnum):
    """How sure it is that the reservation is that of the session."""

    CLEAR = "clear"
    WEAK = "weak"
    SEVERAL = "several"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A reservation that shares time with the session.

    Attributes
    ----------
    overlap_s
        Time both share, seconds, > 0.
    share
        The part of the session that it covers, 0 to 1.
    """

    reservation: Reservation
    overlap_s: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationMatch:
    """Which reservation a session took, if any, and why.

    Attributes
    ----------
    explanation
        The choice in a sentence, for the record's notes.
    notes
        Further sentences for them: the other candidates, whatever makes the choice doubtful.
    rule
        The rule that chose.
    candidates
        Those that overlap the session, the chosen one first; no more than some.
    missing
        Why the calendar could not be asked, so that the record is to be completed later; None where it answered.
    """

    reservation: Reservation | None
    explanation: str
    notes: tuple[str, ...] = ()
    rule: str = ""
    confidence: Confidence = Confidence.NONE
    candidates: tuple[Candidate, ...] = ()
    missing: str | None = None
