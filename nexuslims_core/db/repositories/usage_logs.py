"""The rows of ``session_log`` that come from a calendar's usage, which may say otherwise later."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import session_logs
from nexuslims_core.db.rows import SessionLogRow
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.usage import KnownUsage, Usage

_UNDER_WAY = (RecordStatus.WAITING_FOR_END, RecordStatus.TO_BE_BUILT)
_OF_THE_SESSION = (EventType.START, EventType.END)


def known(transaction: Transaction, instrument_pid: str, prefix: str) -> KnownUsage:
    """Return what is held of one instrument's sessions whose identifiers begin with ``prefix``."""
    own = _identifiers(instrument_pid, prefix)
    latest = own.where(SessionLogRow.event_type == EventType.START).order_by(SessionLogRow.timestamp.desc()).limit(1)
    starts = [log.timestamp for log in session_logs.of_sessions(transaction, latest)]
    unbuilt = own.where(
        SessionLogRow.event_type.in_(_OF_THE_SESSION), SessionLogRow.record_status.in_(_UNDER_WAY)
    ).distinct()
    return KnownUsage(latest_start=min(starts, default=None), unbuilt=tuple(sorted(transaction.scalars(unbuilt))))


def insert(transaction: Transaction, usage: Usage) -> None:
    """Write the START of a usage, and its END if it has one."""
    status = RecordStatus.WAITING_FOR_END if usage.end is None else RecordStatus.TO_BE_BUILT
    _add(transaction, usage, EventType.START, status)
    if usage.end is not None:
        _add(transaction, usage, EventType.END, status)


def revise(transaction: Transaction, usage: Usage, status: RecordStatus) -> None:
    """Make the rows of a session say what its usage says now, several of one kind alike, and add what is missing.

    An END stays as it is where the usage has none.
    """
    missing = {EventType.START} | ({EventType.END} if usage.end else set())
    for row in transaction.scalars(_rows(usage)):
        missing.discard(row.event_type)
        row.instrument, row.user = usage.instrument_pid, usage.user or row.user
        row.timestamp = usage.start if row.event_type is EventType.START else usage.end or row.timestamp
    for kind in sorted(missing, reverse=True):
        _add(transaction, usage, kind, status)
    transaction.flush()


def _add(transaction: Transaction, usage: Usage, kind: EventType, status: RecordStatus) -> None:
    time = usage.start if kind is EventType.START else usage.end
    if time is None:
        raise ValueError(f"session {usage.session_identifier}: it has not ended")
    session_logs.add(
        transaction,
        SessionLog(
            session_identifier=usage.session_identifier,
            instrument_pid=usage.instrument_pid,
            timestamp=time,
            event_type=kind,
            record_status=status,
            user=usage.user,
        ),
    )


def _identifiers(instrument_pid: str, prefix: str) -> Select[str]:
    return select(SessionLogRow.session_identifier).where(
        SessionLogRow.instrument == instrument_pid,
        SessionLogRow.session_identifier.startswith(prefix, autoescape=True),
    )


def _rows(usage: Usage) -> Select[SessionLogRow]:
    return select(SessionLogRow).where(
        SessionLogRow.session_identifier == usage.session_identifier, SessionLogRow.event_type.in_(_OF_THE_SESSION)
    )
