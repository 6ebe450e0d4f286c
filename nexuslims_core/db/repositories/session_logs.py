"""The logs of sessions: when each started and ended, when somebody began to build it, and where its record stands."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, count

from sqlalchemy import CompoundSelect, Select, and_, func, or_, select, union, update
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import aliased

from nexuslims_core.db.rows import SessionLogRow
from nexuslims_core.errors import UnknownSessionError
from nexuslims_core.sessions.models import EventType, Session, SessionLog
from nexuslims_core.sessions.reuse import later_name
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


def session_of(transaction: Transaction, id_session_log: int) -> str | None:
    """Return the session that a START or END log belongs to, None where there is no such log."""
    query = select(SessionLogRow.session_identifier).where(
        SessionLogRow.id_session_log == id_session_log, SessionLogRow.event_type.in_(_OF_THE_SESSION)
    )
    return transaction.scalars(query).first()


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


def of_sessions(transaction: Transaction, identifiers: Select[str] | CompoundSelect[str]) -> tuple[SessionLog, ...]:
    """Return the START and END logs of the sessions whose identifiers a query yields, by time."""
    query = (
        select(SessionLogRow)
        .where(SessionLogRow.session_identifier.in_(identifiers), SessionLogRow.event_type.in_(_OF_THE_SESSION))
        .order_by(SessionLogRow.timestamp, SessionLogRow.id_session_log)
    )
    return tuple(map(_log, transaction.scalars(query)))


def ended(transaction: Transaction, instrument_pid: str | None) -> tuple[SessionLog, ...]:
    """Return all START and END logs of the sessions that may wait to be built, on one instrument or on all.

    These have a log that is to be built, or one that still waits for an END beside an END or beside a log that is done.
    With them come the later sessions under their identifiers.
    """
    beside = aliased(SessionLogRow)
    is_done = select(beside.id_session_log).where(
        beside.session_identifier == SessionLogRow.session_identifier,
        beside.event_type.in_(_OF_THE_SESSION),
        beside.record_status.in_(END_STATES),
    )
    chosen = select(SessionLogRow.session_identifier).where(
        SessionLogRow.record_status.in_((RecordStatus.TO_BE_BUILT, RecordStatus.WAITING_FOR_END)),
        SessionLogRow.event_type.in_(_OF_THE_SESSION),
        or_(
            SessionLogRow.record_status == RecordStatus.TO_BE_BUILT,
            SessionLogRow.event_type == EventType.END,
            is_done.exists(),
        ),
    )
    if instrument_pid is not None:
        chosen = chosen.where(SessionLogRow.instrument == instrument_pid)
    found = of_sessions(transaction, chosen)
    return found + _later_than(transaction, found, chosen)


def family(transaction: Transaction, session_identifier: str) -> tuple[SessionLog, ...]:
    """Return the START and END logs of a session and of the later ones under its identifier."""
    found: tuple[SessionLog, ...] = ()
    for name in chain((session_identifier,), (later_name(session_identifier, number) for number in count(2))):
        own = of_session(transaction, name)
        if not own:
            break
        found += own
    return found


def near(transaction: Transaction, session: Session) -> tuple[SessionLog, ...]:
    """Return the START and END logs of the sessions on its instrument that may overlap a session, itself included."""
    on_it = SessionLogRow.instrument == session.instrument.instrument_pid
    began = aliased(SessionLogRow)
    had_begun = select(began.id_session_log).where(
        began.session_identifier == SessionLogRow.session_identifier,
        began.event_type == EventType.START,
        began.timestamp < session.dt_from,
    )
    inside = SessionLogRow.timestamp.between(session.dt_from, session.dt_to)
    around = and_(
        SessionLogRow.timestamp > session.dt_to, SessionLogRow.event_type == EventType.END, had_begun.exists()
    )
    logs = select(SessionLogRow.session_identifier).where(on_it, SessionLogRow.event_type.in_(_OF_THE_SESSION))
    return of_sessions(transaction, union(logs.where(inside), logs.where(around)))


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


def join(transaction: Transaction, session_identifier: str, then: RecordStatus) -> int:
    """Set the state of those rows of a session that are still under way, and return how many there were.

    Raises
    ------
    SessionStateError
        If the session does not stand there, and one of them may not go there.
    """
    rows = _rows(transaction, session_identifier)
    found = [row for row in rows if row.record_status not in END_STATES]
    stands_there = any(row.record_status is then for row in rows)
    for row in found:
        if not stands_there:
            check_move(session_identifier, row.record_status, then)
        row.record_status = then
    transaction.flush()
    return len(found)


def park(transaction: Transaction, session_identifier: str) -> None:
    """Set those rows of a session that are still under way to ERROR."""
    join(transaction, session_identifier, RecordStatus.ERROR)


def conclude(transaction: Transaction, session: Session, then: RecordStatus, *, changed: bool) -> None:
    """Set the state of the rows of a session that was built; a log that came meanwhile and moves no time joins them.

    Parameters
    ----------
    changed
        Whether a log came meanwhile that changes the session; what lies outside of what was built then stays as it is.

    Raises
    ------
    SessionStateError
        If one of them may not go there.
    """
    identifier, pid = session.session_identifier, session.instrument.instrument_pid
    for row in _rows(transaction, identifier):
        known = row.instrument == pid and session.dt_from <= row.timestamp <= session.dt_to
        if known or not changed or row.event_type is EventType.RECORD_GENERATION:
            if row.record_status is not RecordStatus.WAITING_FOR_END:
                check_move(identifier, row.record_status, then)
            row.record_status = then
    transaction.flush()


def rename(transaction: Transaction, log: SessionLog, session_identifier: str) -> None:
    """Give a log to another session."""
    transaction.execute(
        update(SessionLogRow)
        .where(SessionLogRow.id_session_log == log.id_session_log)
        .values(session_identifier=session_identifier)
    )


def _rows(transaction: Transaction, session_identifier: str) -> Sequence[SessionLogRow]:
    query = select(SessionLogRow).where(SessionLogRow.session_identifier == session_identifier)
    return transaction.scalars(query).all()


def _later_than(
    transaction: Transaction, logs: Sequence[SessionLog], identifiers: Select[str]
) -> tuple[SessionLog, ...]:
    """Return the logs of later sessions under the identifiers of these; they seldom are any, and one query tells."""
    ours = SessionLogRow.session_identifier
    seconds = of_sessions(transaction, select(ours + later_name("", 2)).where(ours.in_(identifiers)))
    second, known = {log.session_identifier for log in seconds}, {log.session_identifier for log in logs}
    again = (family(transaction, name) for name in sorted(known) if later_name(name, 2) in second)
    return tuple({log.id_session_log: log for log in chain(*again) if log.session_identifier not in known}.values())


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
