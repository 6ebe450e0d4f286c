"""A reservation in the record's terms, whatever calendar it comes from."""

from dataclasses import dataclass
from datetime import datetime


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

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError(f"reservation {self.reservation_id}: times need a zone")
        if self.end <= self.start:
            raise ValueError(f"reservation {self.reservation_id}: ends before it starts")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationMatch:
    """Which reservation a session took, if any, and why, in a sentence for the record's notes."""

    reservation: Reservation | None
    explanation: str
