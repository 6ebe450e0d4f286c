"""What a person should know of sessions: why each was parked or put back, what was healed, and why it waits.

Nothing is ever deleted here but what holds for a while only: why a session waits, and what was healed in a log that
somebody has corrected since.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import SessionFindingRow, SessionLogRow
from nexuslims_core.db.types import any_text
from nexuslims_core.sessions.models import FindingKind, SessionFinding

_AT_ONCE = 500
"""Values in one statement; some databases take no more than a thousand."""


def add(transaction: Transaction, *found: SessionFinding) -> None:
    """Insert findings that have their time."""
    rows = [
        {
            "session_identifier": finding.session_identifier,
            "kind": finding.kind,
            "reason": finding.reason,
            "found_at": finding.found_at,
            "id_session_log": finding.id_session_log,
            "log_time": finding.log_time,
        }
        for finding in found
    ]
    if any(row["found_at"] is None for row in rows):
        raise ValueError(f"session {found[0].session_identifier}: a finding is kept with its time")
    if rows:
        transaction.execute(insert(SessionFindingRow), rows)


def of_session(
    transaction: Transaction, session_identifier: str, *, without: Container[int] = ()
) -> tuple[SessionFinding, ...]:
    """Return all findings about a session but those of some numbers, in the order in which they were made."""
    query = select(SessionFindingRow).where(SessionFindingRow.session_identifier == session_identifier)
    rows = transaction.scalars(query.order_by(SessionFindingRow.id_session_finding))
    return tuple(as_finding(row) for row in rows if row.id_session_finding not in without)


def parked_since(transaction: Transaction, since: datetime) -> tuple[SessionFinding, ...]:
    """Return the findings that parked a session since then, in the order in which they were made."""
    row = SessionFindingRow
    query = select(row).where(row.kind == FindingKind.PARKED, row.found_at > since).order_by(row.id_session_finding)
    return tuple(map(as_finding, transaction.scalars(query)))


def unknown(transaction: Transaction, healed: Iterable[SessionFinding]) -> tuple[SessionFinding, ...]:
    """Return those of the findings that are not kept yet; what is healed is told once."""
    wanted = tuple(healed)
    names = {finding.session_identifier for finding in wanted}
    kept = {
        (found.session_identifier, found.kind, found.reason)
        for name in names
        for found in of_session(transaction, name)
    }
    return tuple(
        finding
        for finding in wanted
        if (finding.session_identifier, finding.kind, any_text(finding.reason)) not in kept
    )


def outdated(
    transaction: Transaction, found_again: Iterable[SessionFinding], names: Iterable[str]
) -> Mapping[int, str]:
    """Return the numbers of what was healed in these sessions and holds no more, each with its session.

    Parameters
    ----------
    found_again
        What pairing heals in the logs as they are now.
    """
    said = {(finding.session_identifier, any_text(finding.reason)) for finding in found_again}
    return {
        row.id_session_finding: row.session_identifier
        for row, time in _about_logs(transaction, sorted(names))
        if (time != row.log_time if row.log_time else (row.session_identifier, row.reason) not in said)
    }


def forget(transaction: Transaction, numbers: Iterable[int]) -> None:
    """Delete findings by their numbers."""
    for number in sorted(numbers):
        transaction.execute(delete(SessionFindingRow).where(SessionFindingRow.id_session_finding == number))


def keep_for_ever(transaction: Transaction, id_session_log: int) -> None:
    """Let what a log said hold for ever, since what a person makes of the log is told beside it."""
    own = and_(SessionFindingRow.id_session_log == id_session_log, SessionFindingRow.log_time.is_not(None))
    transaction.execute(update(SessionFindingRow).where(own).values(id_session_log=None, log_time=None))


def _about_logs(transaction: Transaction, names: list[str]) -> Iterator[tuple[SessionFindingRow, datetime | None]]:
    """Yield what was healed in single logs of sessions, each with the time of that log now, None where it is gone."""
    query = (
        select(SessionFindingRow, SessionLogRow.timestamp)
        .outerjoin(SessionLogRow, SessionLogRow.id_session_log == SessionFindingRow.id_session_log)
        .where(SessionFindingRow.kind == FindingKind.HEALED, SessionFindingRow.id_session_log.is_not(None))
    )
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        yield from transaction.execute(query.where(SessionFindingRow.session_identifier.in_(some)))


def healed(transaction: Transaction, session_identifier: str) -> tuple[str, ...]:
    """Return what was healed in a session's logs, a sentence each."""
    found = of_session(transaction, session_identifier)
    return tuple(dict.fromkeys(each.reason for each in found if each.kind is FindingKind.HEALED))


def requeued(transaction: Transaction, session_identifiers: Iterable[str]) -> frozenset[str]:
    """Return those of the sessions that were ever put back."""
    names = sorted(session_identifiers)
    query = select(SessionFindingRow.session_identifier).where(SessionFindingRow.kind == FindingKind.REQUEUED)
    found: set[str] = set()
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        found.update(transaction.scalars(query.where(SessionFindingRow.session_identifier.in_(some))))
    return frozenset(found)


def waits_for(transaction: Transaction, session_identifier: str) -> str | None:
    """Return why a session waits, as it was told last."""
    query = select(SessionFindingRow.reason).where(_waiting(session_identifier))
    return transaction.scalars(query).first()


def wait(transaction: Transaction, session_identifier: str, reason: str, now: datetime) -> None:
    """Keep why a session waits in place of what was kept before."""
    wait_no_more(transaction, session_identifier)
    finding = SessionFinding(
        session_identifier=session_identifier, reason=reason, kind=FindingKind.WAITING, found_at=now
    )
    add(transaction, finding)


def wait_no_more(transaction: Transaction, session_identifier: str) -> None:
    """Forget why a session waits."""
    transaction.execute(delete(SessionFindingRow).where(_waiting(session_identifier)))


def as_finding(row: SessionFindingRow) -> SessionFinding:
    """Return a row as the noun of the core."""
    return SessionFinding(
        session_identifier=row.session_identifier,
        reason=row.reason,
        kind=FindingKind(row.kind),
        found_at=row.found_at,
        id_session_log=row.id_session_log,
        log_time=row.log_time,
    )


def _waiting(session_identifier: str) -> ColumnElement[bool]:
    return and_(
        SessionFindingRow.session_identifier == session_identifier, SessionFindingRow.kind == FindingKind.WAITING
    )
