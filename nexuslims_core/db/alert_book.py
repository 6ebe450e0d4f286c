"""The books of alerts in the database, which all tasks, runs and commands share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from typing_extensions import override

from nexuslims_core.alerts.books import AlertBooks, Ending, Gathering, Parcel, ToldAlert
from nexuslims_core.alerts.models import Alert, AlertKind, Trouble
from nexuslims_core.db.repositories import alerts, builds, findings, troubles
from nexuslims_core.db.transactions import Transactions
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import SessionFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBook(Transactions, AlertBooks):
    """What was told, what waits to be, and what is wrong; each method is one transaction."""

    @override
    def write_alert(self, alert: Alert, recipients: tuple[str, ...]) -> bool:
        if self.known_alerts([alert.mark]):
            return False
        try:
            with self._writing() as transaction:
                alerts.add(transaction, alert, recipients)
        except IntegrityError:  # another wrote the same at the same moment
            return False
        return True

    def known_alerts(self, marks: Sequence[str]) -> frozenset[str]:
        """Return those of the marks that an alert has."""
        with self._reading() as transaction:
            return alerts.known(transaction, marks)

    @override
    def begin_trouble(self, alert: Alert, recipients: tuple[str, ...]) -> bool:
        try:
            with self._writing() as transaction:
                if troubles.get(transaction, alert.kind, alert.subject) is not None:
                    return False
                troubles.begin(transaction, alert)
                alerts.add(transaction, alert, recipients)
        except IntegrityError:  # another wrote the same at the same moment
            return False
        return True

    @override
    def end_trouble(self, kind: AlertKind, subject: str, told: Ending) -> Trouble | None:
        with self._writing() as transaction:
            row = troubles.get(transaction, kind, subject)
            if row is None:
                return None
            trouble = troubles.as_trouble(row)
            transaction.delete(row)
            alerts.add(transaction, told.words(trouble), told.recipients(trouble))
        return trouble

    @override
    def troubles(self) -> tuple[Trouble, ...]:
        with self._reading_once() as transaction:
            return troubles.every(transaction)

    @override
    def take_parcels(
        self, recipients: tuple[str, ...], gathering: Gathering, now: datetime, *, at_once: bool = False
    ) -> tuple[Parcel, ...]:
        with self._reading_books() as transaction:  # most often nothing waits, and that must cost no lock
            if not alerts.some_wait(transaction):
                return ()
        with self._writing() as transaction:
            return alerts.take(transaction, recipients, gathering, now, at_once=at_once)

    @override
    def note_told(self, recipient: str, marks: tuple[str, ...], now: datetime) -> None:
        with self._writing() as transaction:
            alerts.tell(transaction, recipient, marks, now)

    @override
    def note_untold(self, recipient: str, marks: tuple[str, ...], error: str, now: datetime) -> None:
        with self._writing() as transaction:
            alerts.fail(transaction, recipient, marks, error, now)

    @override
    def told_alerts(self, limit: int) -> tuple[ToldAlert, ...]:
        with self._reading() as transaction:
            return alerts.newest(transaction, limit)

    def lately_ended(self, since: datetime, now: datetime) -> tuple[Attempt, ...]:
        """Return the attempts that ended since then otherwise than well, and those whose holder has gone silent."""
        with self._reading() as transaction:
            return builds.ended_badly(transaction, since, now)

    def lately_parked(self, since: datetime) -> tuple[SessionFinding, ...]:
        """Return the findings that parked a session since then."""
        with self._reading() as transaction:
            return findings.parked_since(transaction, since)
