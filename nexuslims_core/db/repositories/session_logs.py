"""The logs of sessions: when each started and ended, when somebody began to build it, and where its record stands."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import SessionLogRow
from nexuslims_core.errors import UnknownSessionError
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.states import END_STATES, RecordStatus, check_move, standing

_OF_THE_SESSION = (EventType.START, EventType.END)


def lock(transaction: Transaction, session_identifier: str) -> None:
    """Keep all other writers from this session until the transaction ends.

    On SQLite a transaction that writes keeps them from the whole database already.
    """
    if transaction.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(_kept(session_identifier), 0)
        transaction.execute(select(func.pg_advisory_xact_lock(key)))


def add(transaction: Transaction, log: SessionLog) -> SessionLog:
    """Insert a log and return it with its number."""
    row = SessionLogRow(
        session_identifier=log.session_identifier,
        instrument=log.instrument_pid,
        timestamp=log.timestamp,
        event_type=log.event_type,
        record_status=log.record_status,
        user=log.user,
    )
    transaction.add(row)
    transaction.flush()
    return replace(log, id_session_log=row.id_session_log)


def of_session(transaction: Transaction, session_identifier: str) -> tuple[SessionLog, ...]:
    """Return the START and END logs of a session by time; none for a session that is not known."""
    chosen = select(SessionLogRow.session_identifier).where(SessionLogRow.session_identifier == session_identifier)
    return of_sessions(transaction, chosen)


def known(transaction: Transaction, session_identifier: str) -> tuple[SessionLog, ...]:
    """Lock a session and return its START and END logs by time, at least one.

    Raises
    ------
    UnknownSessionError
        If it never started.
    """
    lock(transaction, session_identifier)
    logs = of_session(transaction, session_identifier)
    if not logs:
        raise UnknownSessionError(session_identifier)
    return logs


def of_sessions(transaction: Transaction, identifiers: Select[str]) -> tuple[SessionLog, ...]:
    """Return the START and END logs of the sessions whose identifiers a query yields, by time."""
    query = (
        select(SessionLogRow)
        .where(SessionLogRow.session_identifier.in_(identifiers), SessionLogRow.event_type.in_(_OF_THE_SESSION))
        .order_by(SessionLogRow.timestamp, SessionLogRow.id_session_log)
    )
    return tuple(map(_log, transaction.scalars(query)))


def to_be_built(transaction: Transaction, instrument_pid: str | None) -> tuple[SessionLog, ...]:
    """Return all START and END logs of the sessions that have one to be built, on one instrument or on all."""
    chosen = select(SessionLogRow.session_identifier).where(
        SessionLogRow.record_status == RecordStatus.TO_BE_BUILT, SessionLogRow.event_type.in_(_OF_THE_SESSION)
    )
    if instrument_pid is not None:
        chosen = chosen.where(SessionLogRow.instrument == instrument_pid)
    return of_sessions(transaction, chosen)


def status(logs: Iterable[SessionLog]) -> RecordStatus:
    """Return where the session stands that these logs, at least one, belong to."""
    return standing(log.record_status for log in logs)


def move(transaction: Transaction, session_identifier: str, then: RecordStatus) -> None:
    """Set the state of all rows of a session.

    Raises
    ------
    SessionStateError
        If one of them may not go there.
    """
    for row in _rows(transaction, session_identifier):
        check_move(session_identifier, row.record_status, then)
        row.record_status = then
    transaction.flush()


def park(transaction: Transaction, session_identifier: str) -> None:
    """Set those rows of a session that are still under way to ERROR."""
    for row in _rows(transaction, session_identifier):
        if row.record_status not in END_STATES:
            check_move(session_identifier, row.record_status, RecordStatus.ERROR)
            row.record_status = RecordStatus.ERROR
    transaction.flush()


def _rows(transaction: Transaction, session_identifier: str) -> Sequence[SessionLogRow]:
    query = select(SessionLogRow).where(SessionLogRow.session_identifier == session_identifier)
    return transaction.scalars(query).all()


def _log(row: SessionLogRow) -> SessionLog:
    return SessionLog(
        id_session_log=row.id_session_log,
        session_identifier=row.session_identifier,
        instrument_pid=row.instrument,
        timestamp=row.timestamp,
        event_type=row.event_type,
        record_status=row.record_status,
        user=row.user,
    )


def _kept(session_identifier: str) -> str:
    return session_identifier.encode("utf-8", "replace").decode().replace("\0", "?")
