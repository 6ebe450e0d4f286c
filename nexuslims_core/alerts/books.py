"""What was told, and what waits to be: the books that the database keeps for alerts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nexuslims_core.alerts.models import Alert, AlertKind, Trouble

GIVEN_UP_AFTER = timedelta(days=7)
"""After that nobody can use an alert any more."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """When alerts that wait are taken to be sent.

    Attributes
    ----------
    digest
        From how many on they go into one message.
    patience
        How long they wait for each other while sessions are being built.
    hold
        For how long those that are taken are left alone by others; longer than sending takes.
    """

    digest: int = 4
    patience: timedelta = timedelta(minutes=5)
    hold: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one recipient is to be told, the oldest first.

    Attributes
    ----------
    recipient
        Name in the books.
    tries
        How often the one that was tried most was.
    """

    recipient: str
    alerts: tuple[Alert, ...]
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert to one recipient, as the books have it.

    Attributes
    ----------
    told_at, given_up_at, next_try_at
        Aware times; None where that was not.
    """

    recipient: str
    tries: int = 0
    told_at: datetime | None = None
    given_up_at: datetime | None = None
    next_try_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAlert:
    """An alert with its deliveries; one without any was written down while nobody was to be told."""

    alert: Alert
    deliveries: tuple[Delivery, ...]


def next_try(now: datetime, tries: int) -> datetime:
    """Return when a recipient who could not be told is tried again, after ``tries`` of at least one."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(tries - 1, 10)
    return now + min(pause, LONGEST_PAUSE)


class AlertBooks(Protocol):
    """Each method is one transaction; any number of processes may call them at the same time."""

    def write_alert(self, alert: Alert, recipients: tuple[str, ...]) -> bool:
        """Write an alert down for some recipients, once, and return whether it is new."""
        ...

    def begin_trouble(self, alert: Alert, recipients: tuple[str, ...]) -> bool:
        """Write down that something is wrong, and its alert, unless it is known to be; return whether it is new."""
        ...

    def end_trouble(self, kind: AlertKind, subject: str, told: "Ending") -> Trouble | None:
        """Write down that something is not wrong any more, and return what was; None if nothing was."""
        ...

    def troubles(self) -> tuple[Trouble, ...]:
        """Return what is wrong now, the oldest first."""
        ...

    def take_parcels(
        self, recipients: tuple[str, ...], gathering: Gathering, now: datetime, *, at_once: bool = False
    ) -> tuple[Parcel, ...]:
        """Take what is due for some recipients, so that nobody else sends it meanwhile."""
        ...

    def note_told(self, recipient: str, marks: tuple[str, ...], now: datetime) -> None:
        """Write down that a recipient was told."""
        ...

    def note_untold(self, recipient: str, marks: tuple[str, ...], error: str, now: datetime) -> None:
        """Write down why a recipient could not be told, and when that is tried again."""
        ...

    def told_alerts(self, limit: int) -> tuple[ToldAlert, ...]:
        """Return the newest alerts, the newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the end of a trouble is told: in which words, and whom."""

    words: Callable[[Trouble], Alert]
    recipients: Callable[[Trouble], tuple[str, ...]]
