"""What an instrument's logger writes down: that a session started, and that it ended.

A logger that did not hear the answer says the same again: what is written already is left as it is.
"""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import instruments, session_logs
from nexuslims_core.db.types import any_text
from nexuslims_core.errors import SessionStateError
from nexuslims_core.sessions.clocks import CLOCKS_DIFFER
from nexuslims_core.sessions.commands import on_session
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.naming import reason_to_refuse
from nexuslims_core.sessions.states import END_STATES, RecordStatus


def start(transaction: Transaction, log: SessionLog, at: datetime | None, now: datetime) -> None:
    """Write down that a session started, unless it is written already.

    Parameters
    ----------
    log
        The row to write.
    at
        The time that the logger states; None takes the time that is written already for the same, while it is open.

    Raises
    ------
    UnknownInstrumentError
        If there is no such instrument.
    SessionStateError
        If the identifier belongs to another start, or is no text that people can read, or the time is still to come.
    """
    identifier = log.session_identifier
    unreadable = reason_to_refuse("a session", identifier)
    if unreadable:
        raise SessionStateError(unreadable)
    session_logs.lock(transaction, identifier)
    instruments.get(transaction, log.instrument_pid)
    written = session_logs.of_session(transaction, identifier)
    is_open = all(each.event_type is EventType.START for each in written)
    if not written:
        refuse_still_to_come(identifier, "start", log.timestamp, now)
        session_logs.add(transaction, log)
    elif not any(_is_repeated(each, log, any_time=at is None and is_open) for each in written):
        raise SessionStateError(
            f"session {identifier} is in the logbook already, {_told(written[0])}: give the new one another identifier"
        )


def end(
    transaction: Transaction, session_identifier: str, at: datetime | None, called_at: datetime, now: datetime
) -> bool:
    """Write down that a session ended, so that it waits to be built, unless it is written already.

    Parameters
    ----------
    at
        The time that the logger states; None stands for ``called_at``, or for the time that is written already.

    Returns
    -------
    written
        Whether it was written down by this call.

    Raises
    ------
    UnknownSessionError
        If it never started.
    UnknownInstrumentError
        If the START, by another hand, names an instrument that nobody knows.
    SessionStateError
        If it has ended at another time, or was done with before it had an end, or would end before it started, or the
        time is still to come.
    """
    logs = session_logs.known(transaction, session_identifier)
    ended = [log.timestamp for log in logs if log.event_type is EventType.END]
    if ended:
        if at is None or _utc(at) in ended:
            return False
        raise SessionStateError(f"session {session_identifier} has ended already, at {ended[-1].isoformat()}")
    _refuse_what_is_done_with(session_identifier, session_logs.status(logs))
    moment, started = _utc(called_at if at is None else at), logs[0].timestamp
    if moment <= started:
        mend = on_session("sessions amend", session_identifier, "--start", "TIME")
        wrong = f", which is still to come: correct that with `{mend}`" if started > now + CLOCKS_DIFFER else ""
        raise SessionStateError(
            f"session {session_identifier} cannot end at {moment.isoformat()}: "
            f"it started at {started.isoformat()}{wrong}"
        )
    refuse_still_to_come(session_identifier, "end", moment, now)
    instruments.get(transaction, logs[0].instrument_pid)
    session_logs.move(transaction, session_identifier, RecordStatus.TO_BE_BUILT)
    session_logs.add(
        transaction,
        replace(logs[0], timestamp=moment, event_type=EventType.END, record_status=RecordStatus.TO_BE_BUILT),
    )
    return True


def refuse_still_to_come(session_identifier: str, what: str, at: datetime, now: datetime) -> None:
    """Make sure that something has happened; an instrument's clock may be a little ahead.

    Raises
    ------
    SessionStateError
        If it is still to come.
    """
    if at > now + CLOCKS_DIFFER:
        raise SessionStateError(
            f"session {session_identifier} cannot {what} at {_utc(at).isoformat()}, which is still to come: it is "
            f"{_utc(now).isoformat(timespec='seconds')} now; correct the time, or the clock that told it"
        )


def _refuse_what_is_done_with(session_identifier: str, status: RecordStatus) -> None:
    """Make sure that an END does not put back a session that somebody has concluded by its START alone.

    In ERROR it is taken: a session is parked so while its instrument's row is broken, and its END may not be lost.
    """
    if status in END_STATES - {RecordStatus.ERROR}:
        mend = on_session("sessions amend", session_identifier, "--end", "TIME")
        raise SessionStateError(
            f"session {session_identifier} is {status} although it has no END, so it is left as it is: "
            f"if it is to be built anew, say when it ended with `{mend}`"
        )


def _is_repeated(written: SessionLog, log: SessionLog, *, any_time: bool) -> bool:
    """Tell whether a row says what a logger says now."""
    return (
        written.event_type is EventType.START
        and written.instrument_pid == log.instrument_pid
        and written.user == any_text(log.user)
        and (any_time or written.timestamp == _utc(log.timestamp))
    )


def _told(log: SessionLog) -> str:
    """Return who did what on which instrument, and when."""
    return f"by {log.user or 'nobody named'} on {log.instrument_pid} at {log.timestamp.isoformat()}"


def _utc(time: datetime) -> datetime:
    """Return the same moment in UTC, in which alone times of the autumn's doubled hour can be compared.

    Raises
    ------
    ValueError
        If it has no zone.
    """
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} needs a zone")
    return time.astimezone(UTC)
