"""What an instrument's logger writes down: that a session started, and that it ended."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import instruments, session_logs
from nexuslims_core.errors import SessionStateError
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.states import RecordStatus

LONGEST_IDENTIFIER = 500
"""Characters; an index of PostgreSQL holds no more than about 2700 bytes."""


def start(transaction: Transaction, log: SessionLog) -> None:
    """Write down that a session started.

    Raises
    ------
    UnknownInstrumentError
        If there is no such instrument.
    SessionStateError
        If the identifier is taken, or is no text that people can read.
    """
    identifier = log.session_identifier
    if not identifier.strip() or not identifier.isprintable() or len(identifier) > LONGEST_IDENTIFIER:
        raise SessionStateError(
            f"a session cannot be called {identifier[:LONGEST_IDENTIFIER]!r}: "
            f"use up to {LONGEST_IDENTIFIER} letters, digits and signs"
        )
    session_logs.lock(transaction, identifier)
    instruments.get(transaction, log.instrument_pid)
    if session_logs.of_session(transaction, identifier):
        raise SessionStateError(f"session {identifier} has started already: give the new one another identifier")
    session_logs.add(transaction, log)


def end(transaction: Transaction, session_identifier: str, at: datetime) -> None:
    """Write down that a session ended, so that it waits to be built.

    Raises
    ------
    UnknownSessionError
        If it never started.
    SessionStateError
        If it has ended already, or would end before it started.
    """
    logs = session_logs.known(transaction, session_identifier)
    ended = next((log for log in logs if log.event_type is EventType.END), None)
    if ended is not None:
        raise SessionStateError(f"session {session_identifier} has ended already, at {ended.timestamp.isoformat()}")
    started = logs[0].timestamp
    if at <= started:
        raise SessionStateError(
            f"session {session_identifier} cannot end at {at.isoformat()}: it started at {started.isoformat()}"
        )
    session_logs.move(transaction, session_identifier, RecordStatus.TO_BE_BUILT)
    session_logs.add(
        transaction,
        replace(logs[0], timestamp=at, event_type=EventType.END, record_status=RecordStatus.TO_BE_BUILT),
    )
