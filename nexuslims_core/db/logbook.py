"""What an instrument's logger writes down: that a session started, and that it ended.

A logger that did not hear the answer says the same again: what is written already is left as it is.
"""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import instruments, session_logs
from nexuslims_core.db.types import any_text
from nexuslims_core.errors import SessionStateError
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.states import RecordStatus

LONGEST_IDENTIFIER = 500
"""Characters; an index of PostgreSQL holds no more than about 2700 bytes."""


def start(transaction: Transaction, log: SessionLog, at: datetime | None) -> None:
    """Write down that a session started, unless it is written already.

    Parameters
    ----------
    log
        The row to write.
    at
        The time that the logger states; None takes the time that is written already for the same.

    Raises
    ------
    UnknownInstrumentError
        If there is no such instrument.
    SessionStateError
        If the identifier belongs to another start, or is no text that people can read.
    """
    identifier = log.session_identifier
    if not identifier.strip() or not identifier.isprintable() or len(identifier) > LONGEST_IDENTIFIER:
        raise SessionStateError(
            f"a session cannot be called {identifier[:LONGEST_IDENTIFIER]!r}: "
            f"use up to {LONGEST_IDENTIFIER} letters, digits and signs"
        )
    session_logs.lock(transaction, identifier)
    instruments.get(transaction, log.instrument_pid)
    written = session_logs.of_session(transaction, identifier)
    if not written:
        session_logs.add(transaction, log)
    elif not any(_is_repeated(each, log, at) for each in written):
        raise SessionStateError(
            f"session {identifier} is in the logbook already, {_told(written[0])}: give the new one another identifier"
        )


def end(transaction: Transaction, session_identifier: str, at: datetime | None, now: datetime) -> bool:
    """Write down that a session ended, so that it waits to be built, unless it is written already.

    Parameters
    ----------
    at
        The time that the logger states; None stands for ``now``, or for the time that is written already.

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
        If it has ended at another time, or would end before it started.
    """
    logs = session_logs.known(transaction, session_identifier)
    ended = [log.timestamp for log in logs if log.event_type is EventType.END]
    if ended:
        if at is None or _utc(at) in ended:
            return False
        raise SessionStateError(f"session {session_identifier} has ended already, at {ended[-1].isoformat()}")
    moment, started = _utc(now if at is None else at), logs[0].timestamp
    if moment <= started:
        raise SessionStateError(
            f"session {session_identifier} cannot end at {moment.isoformat()}: it started at {started.isoformat()}"
        )
    instruments.get(transaction, logs[0].instrument_pid)
    session_logs.move(transaction, session_identifier, RecordStatus.TO_BE_BUILT)
    session_logs.add(
        transaction,
        replace(logs[0], timestamp=moment, event_type=EventType.END, record_status=RecordStatus.TO_BE_BUILT),
    )
    return True


def _is_repeated(written: SessionLog, log: SessionLog, at: datetime | None) -> bool:
    """Tell whether a row says what a logger says now."""
    return (
        written.event_type is EventType.START
        and written.instrument_pid == log.instrument_pid
        and written.user == any_text(log.user)
        and (at is None or written.timestamp == _utc(at))
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
