"""What the new database has of sessions, read and written for thousands of them at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.adoption.comparing import Compared, HeldLog
from nexuslims_core.db.adoption.receipts import OldPublication
from nexuslims_core.db.adoption.sessions import OldLog, OldSession
from nexuslims_core.db.rows import (
    InstrumentRow,
    PublicationRow,
    Row,
    SessionBuildRow,
    SessionFindingRow,
    SessionLogRow,
)
from nexuslims_core.sessions.models import FindingKind
from nexuslims_core.sessions.publications import Publication
from nexuslims_core.sessions.states import RecordStatus

_OF_NO_WORK = (FindingKind.HEALED, FindingKind.WAITING)
"""Findings that say nothing of what was done here with a session."""

LARGE = 10_000
"""So many logs are typical of what will come too."""


def lock(transaction: Transaction) -> None:
    """Keep all other writers out until the transaction ends; on SQLite one that writes does so already."""
    if transaction.get_bind().dialect.name == "postgresql":
        transaction.execute(text("LOCK TABLE instruments, session_log, publications IN SHARE ROW EXCLUSIVE MODE"))


def count_rows(transaction: Transaction, large: int = LARGE) -> None:
    """Let the database count what its tables hold now.

    Its planner would take tables that were filled at once for empty ones, and pages would take seconds. PostgreSQL
    counts by itself a minute or more later. SQLite never does, and never again once it has counted: so it is only asked
    to where there is much, since the counts of a few rows would mislead it when there are many.

    Parameters
    ----------
    large
        So many logs are much.
    """
    if transaction.get_bind().dialect.name == "postgresql":
        tables = ", ".join(table.name for table in Row.metadata.sorted_tables)
        transaction.execute(text(f"ANALYZE (SKIP_LOCKED) {tables}"))
    elif _holds(transaction, large):
        transaction.execute(text("ANALYZE"))


def _holds(transaction: Transaction, logs: int) -> bool:
    row = SessionLogRow.id_session_log
    return transaction.scalars(select(row).order_by(row).offset(logs - 1).limit(1)).first() is not None


def has_instrument(transaction: Transaction, instrument_pid: str) -> bool:
    """Return whether there is an instrument of this persistent id, in a row that can be used or not."""
    return transaction.get(InstrumentRow, instrument_pid) is not None


def compare(transaction: Transaction, sessions: Iterable[OldSession]) -> dict[str, Compared]:
    """Hold sessions against what there is of them, by identifier."""
    held, worked_on = _logs(transaction), _worked_on(transaction)
    return {
        session.identifier: Compared(
            session=session, held=held.get(session.identifier, ()), is_worked_on=session.identifier in worked_on
        )
        for session in sessions
    }


def _logs(transaction: Transaction) -> Mapping[str, Sequence[HeldLog]]:
    row = SessionLogRow
    query = select(row.session_identifier, row.id_session_log, row.event_type, row.timestamp, row.record_status)
    held: defaultdict[str, list[HeldLog]] = defaultdict(list)
    for identifier, number, event, time, status in transaction.execute(query.order_by(row.id_session_log)):
        held[identifier].append(HeldLog(number=number, key=(event, time), status=status))
    return held


def _worked_on(transaction: Transaction) -> frozenset[str]:
    """Return the sessions that somebody built here, or that were parked or put back."""
    finding = SessionFindingRow
    built = select(SessionBuildRow.session_identifier)
    found = select(finding.session_identifier).where(finding.kind.not_in(_OF_NO_WORK))
    return frozenset(transaction.scalars(built.union(found)))


def add_logs(transaction: Transaction, added: Iterable[OldLog]) -> None:
    """Insert logs by time, then in the order in which the old system wrote them."""
    ordered = sorted(added, key=lambda each: (each.told.time, each.number))
    rows = [
        {
            "session_identifier": each.log.session_identifier,
            "instrument": each.log.instrument_pid,
            "timestamp": each.told.time,
            "event_type": each.log.event_type,
            "record_status": each.log.record_status,
            "user": each.log.user,
        }
        for each in ordered
    ]
    if rows:
        transaction.execute(insert(SessionLogRow), rows)


def move_logs(transaction: Transaction, moved: Mapping[int, RecordStatus]) -> None:
    """Set the states of logs by their numbers."""
    if moved:
        rows = [{"id_session_log": number, "record_status": status} for number, status in moved.items()]
        transaction.execute(update(SessionLogRow), rows)


def add_healed(transaction: Transaction, healed: Mapping[str, Sequence[str]], now: datetime) -> None:
    """Insert how sessions were healed."""
    rows = [
        {"session_identifier": identifier, "kind": FindingKind.HEALED, "reason": reason, "found_at": now}
        for identifier, said in healed.items()
        for reason in said
    ]
    if rows:
        transaction.execute(insert(SessionFindingRow), rows)


def publications(transaction: Transaction) -> Mapping[tuple[str, str], Publication]:
    """Return what each destination holds of each session."""
    return {
        (row.session_identifier, row.destination): Publication(
            destination=row.destination,
            title=row.title,
            state=row.state,
            tries=row.tries,
            first_tried_at=row.first_tried_at,
            last_tried_at=row.last_tried_at,
            record_id=row.remote_id,
            url=row.url,
            sha256=row.sha256,
            last_error=row.last_error,
        )
        for row in transaction.scalars(select(PublicationRow))
    }


def put_publications(transaction: Transaction, told: Iterable[OldPublication]) -> None:
    """Insert what destinations hold, or replace what was adopted of it before."""
    for each in told:
        publication = each.publication
        row = PublicationRow(
            session_identifier=each.session_identifier,
            destination=publication.destination,
            title=publication.title,
            state=publication.state,
            first_tried_at=publication.first_tried_at,
            last_tried_at=publication.last_tried_at,
            tries=publication.tries,
            remote_id=publication.record_id,
            url=publication.url,
            last_error=publication.last_error,
        )
        transaction.merge(row)
