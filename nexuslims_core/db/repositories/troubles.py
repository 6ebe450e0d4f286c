"""What is wrong until it is mended."""

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.alerts.models import Alert, AlertKind, Trouble, mark
from nexuslims_core.db.rows import TroubleRow


def get(transaction: Transaction, kind: AlertKind, subject: str) -> TroubleRow | None:
    """Return the row of a trouble, locked until the transaction ends; None where there is none."""
    query = select(TroubleRow).where(TroubleRow.mark == mark(kind, subject))
    return transaction.scalars(query.with_for_update()).first()


def begin(transaction: Transaction, alert: Alert) -> None:
    """Insert the trouble that an alert tells of."""
    row = TroubleRow(
        mark=mark(alert.kind, alert.subject),
        kind=alert.kind,
        subject=alert.subject,
        headline=alert.headline,
        since=alert.at,
        instrument_pid=alert.instrument_pid,
    )
    transaction.add(row)
    transaction.flush()


def every(transaction: Transaction) -> tuple[Trouble, ...]:
    """Return all of them, the oldest first."""
    return tuple(map(as_trouble, transaction.scalars(select(TroubleRow).order_by(TroubleRow.since, TroubleRow.mark))))


def as_trouble(row: TroubleRow) -> Trouble:
    """Return a row as the noun of the core."""
    return Trouble(
        kind=row.kind,
        subject=row.subject,
        headline=row.headline,
        since=row.since,
        instrument_pid=row.instrument_pid,
    )
