"""Why sessions were parked or put back; nothing is ever deleted here."""

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import SessionFindingRow
from nexuslims_core.sessions.models import FindingKind, SessionFinding


def add(transaction: Transaction, finding: SessionFinding) -> None:
    """Insert a finding that has its time."""
    if finding.found_at is None:
        raise ValueError(f"session {finding.session_identifier}: a finding is kept with its time")
    transaction.add(
        SessionFindingRow(
            session_identifier=finding.session_identifier,
            kind=finding.kind,
            reason=finding.reason,
            found_at=finding.found_at,
        )
    )
    transaction.flush()


def of_session(transaction: Transaction, session_identifier: str) -> tuple[SessionFinding, ...]:
    """Return all findings about a session in the order in which they were made."""
    query = select(SessionFindingRow).where(SessionFindingRow.session_identifier == session_identifier)
    return tuple(map(as_finding, transaction.scalars(query.order_by(SessionFindingRow.id_session_finding))))


def as_finding(row: SessionFindingRow) -> SessionFinding:
    """Return a row as the noun of the core."""
    return SessionFinding(
        session_identifier=row.session_identifier,
        reason=row.reason,
        kind=FindingKind(row.kind),
        found_at=row.found_at,
    )
