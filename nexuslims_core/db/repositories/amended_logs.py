"""Single logs of ``session_log`` that a person corrects, adds or takes out."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import findings, session_logs
from nexuslims_core.db.rows import SessionLogRow
from nexuslims_core.sessions.amending import Change
from nexuslims_core.sessions.models import SessionLog


def apply(transaction: Transaction, change: Change) -> Change:
    """Make one log what it becomes, and return the change with the number of a log that was added."""
    if change.before is not None and change.before.id_session_log is not None:
        findings.keep_for_ever(transaction, change.before.id_session_log)
    if change.after is None:
        _take_out(transaction, change.before)
        return change
    if change.before is None:
        return Change(before=None, after=session_logs.add(transaction, change.after))
    after = change.after
    transaction.execute(
        update(SessionLogRow)
        .where(SessionLogRow.id_session_log == after.id_session_log)
        .values(timestamp=after.timestamp, instrument=after.instrument_pid)
    )
    return change


def _take_out(transaction: Transaction, log: SessionLog | None) -> None:
    if log is not None:
        transaction.execute(delete(SessionLogRow).where(SessionLogRow.id_session_log == log.id_session_log))
