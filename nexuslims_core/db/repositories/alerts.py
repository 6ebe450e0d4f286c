"""What was told and what waits to be, by the mark of the alert and the name of the recipient."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core import codec
from nexuslims_core.alerts.books import GIVEN_UP_AFTER, Delivery, Gathering, Parcel, ToldAlert, next_try
from nexuslims_core.alerts.models import Alert
from nexuslims_core.db.rows import AlertDeliveryRow, AlertRow, SessionBuildRow
from nexuslims_core.db.types import any_text

_AT_ONCE = 500
"""Values in one statement; some databases take no more than a thousand."""

_WAITS = (AlertDeliveryRow.told_at.is_(None), AlertDeliveryRow.given_up_at.is_(None))


def known(transaction: Transaction, marks: Sequence[str]) -> frozenset[str]:
    """Return those of the marks that an alert has."""
    found: set[str] = set()
    for begin in range(0, len(marks), _AT_ONCE):
        query = select(AlertRow.mark).where(AlertRow.mark.in_(marks[begin : begin + _AT_ONCE]))
        found.update(transaction.scalars(query))
    return frozenset(found)


def add(transaction: Transaction, alert: Alert, recipients: Iterable[str]) -> None:
    """Insert an alert, and a delivery for each recipient."""
    row = AlertRow(mark=alert.mark, written_at=alert.at, content=json.dumps(codec.encode(alert)))
    transaction.add(row)
    transaction.flush()
    transaction.add_all(AlertDeliveryRow(id_alert=row.id_alert, recipient=name) for name in recipients)
    transaction.flush()


def take(
    transaction: Transaction, recipients: Sequence[str], gathering: Gathering, now: datetime, *, at_once: bool
) -> tuple[Parcel, ...]:
    """Hold and return what is due; nothing while more may come that goes into the same message."""
    waiting = _waiting(transaction, now)
    alerts = _alerts(transaction, {row.id_alert for row in waiting})
    usable = [row for row in waiting if not _too_old(row, alerts[row.id_alert], now)]
    rows = _due([row for row in usable if row.recipient in recipients], now, at_once=at_once)
    oldest = min((alerts[row.id_alert].at for row in rows), default=now)
    if not at_once and oldest > now - gathering.patience and _more_may_come(transaction, gathering, now):
        return ()
    by_name: defaultdict[str, list[AlertDeliveryRow]] = defaultdict(list)
    for row in rows:
        row.held_until = now + gathering.hold
        by_name[row.recipient].append(row)
    return tuple(
        Parcel(
            recipient=name,
            alerts=tuple(alerts[row.id_alert] for row in own),
            tries=max(row.tries for row in own),
        )
        for name, own in by_name.items()
    )


def some_wait(transaction: Transaction) -> bool:
    """Return whether anything waits to be told, held or not."""
    return transaction.scalars(select(AlertDeliveryRow.id_alert).where(*_WAITS).limit(1)).first() is not None


def _waiting(transaction: Transaction, now: datetime) -> list[AlertDeliveryRow]:
    """Return the rows that nobody holds, locked until the transaction ends."""
    query = (
        select(AlertDeliveryRow)
        .where(*_WAITS, or_(AlertDeliveryRow.held_until.is_(None), AlertDeliveryRow.held_until <= now))
        .order_by(AlertDeliveryRow.id_alert, AlertDeliveryRow.recipient)
        .with_for_update()
    )
    return list(transaction.scalars(query))


def _due(rows: list[AlertDeliveryRow], now: datetime, *, at_once: bool) -> list[AlertDeliveryRow]:
    """Return the rows to be sent now; none of a recipient who is to be tried again later."""
    later = {row.recipient for row in rows if row.next_try_at and row.next_try_at > now}
    return rows if at_once else [row for row in rows if row.recipient not in later]


def _too_old(row: AlertDeliveryRow, alert: Alert, now: datetime) -> bool:
    """Give up what nobody can use any more."""
    old = now - alert.at > GIVEN_UP_AFTER
    if old:
        row.given_up_at = now
    return old


def _more_may_come(transaction: Transaction, gathering: Gathering, now: datetime) -> bool:
    """Tell whether sessions are being built, or many messages went out just now."""
    building = select(SessionBuildRow.id_session_build).where(
        SessionBuildRow.ended_at.is_(None), SessionBuildRow.lease_until > now
    )
    if transaction.scalars(building.limit(1)).first() is not None:
        return True
    lately = select(func.count(func.distinct(AlertDeliveryRow.id_alert))).where(
        AlertDeliveryRow.told_at > now - gathering.patience
    )
    return (transaction.scalar(lately) or 0) >= gathering.digest


def tell(transaction: Transaction, recipient: str, marks: Sequence[str], now: datetime) -> None:
    """Write down that a recipient was told."""
    for row in _of(transaction, recipient, marks):
        row.told_at, row.held_until, row.next_try_at, row.last_error = now, None, None, None
        row.tries += 1


def fail(transaction: Transaction, recipient: str, marks: Sequence[str], error: str, now: datetime) -> None:
    """Write down why a recipient could not be told; all of it is tried again at one time."""
    rows = [row for row in _of(transaction, recipient, marks) if row.told_at is None]
    tries = max((row.tries for row in rows), default=0) + 1
    for row in rows:
        row.tries, row.last_error = row.tries + 1, error
        row.held_until, row.next_try_at = None, next_try(now, tries)


def newest(transaction: Transaction, limit: int) -> tuple[ToldAlert, ...]:
    """Return the newest alerts, the newest first."""
    chosen = select(AlertRow.id_alert).order_by(AlertRow.id_alert.desc()).limit(limit)
    numbers = list(transaction.scalars(chosen))
    alerts = _alerts(transaction, set(numbers))
    deliveries: defaultdict[int, list[Delivery]] = defaultdict(list)
    for begin in range(0, len(numbers), _AT_ONCE):
        some = numbers[begin : begin + _AT_ONCE]
        query = select(AlertDeliveryRow).where(AlertDeliveryRow.id_alert.in_(some))
        for row in transaction.scalars(query.order_by(AlertDeliveryRow.recipient)):
            deliveries[row.id_alert].append(_as_delivery(row))
    return tuple(ToldAlert(alert=alerts[number], deliveries=tuple(deliveries[number])) for number in numbers)


def _of(transaction: Transaction, recipient: str, marks: Sequence[str]) -> Iterable[AlertDeliveryRow]:
    for begin in range(0, len(marks), _AT_ONCE):
        query = (
            select(AlertDeliveryRow)
            .join(AlertRow, AlertRow.id_alert == AlertDeliveryRow.id_alert)
            .where(
                AlertRow.mark.in_(marks[begin : begin + _AT_ONCE]), AlertDeliveryRow.recipient == any_text(recipient)
            )
            .with_for_update(of=AlertDeliveryRow)
        )
        yield from transaction.scalars(query)


def _alerts(transaction: Transaction, numbers: Iterable[int]) -> dict[int, Alert]:
    wanted = sorted(numbers)
    found: dict[int, Alert] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        query = select(AlertRow).where(AlertRow.id_alert.in_(wanted[begin : begin + _AT_ONCE]))
        for row in transaction.scalars(query):
            found[row.id_alert] = codec.decode(Alert, json.loads(row.content))
    return found


def _as_delivery(row: AlertDeliveryRow) -> Delivery:
    return Delivery(
        recipient=row.recipient,
        tries=row.tries,
        told_at=row.told_at,
        given_up_at=row.given_up_at,
        next_try_at=row.next_try_at,
        last_error=row.last_error,
    )
