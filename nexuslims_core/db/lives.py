"""The moves in a session's life that touch several tables: each function is one step, done whole or not at all."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import builds, findings, instruments, session_logs
from nexuslims_core.db.repositories.builds import Lease
from nexuslims_core.errors import ClaimedElsewhereError, ClaimLostError, SessionStateError, UnknownSessionError
from nexuslims_core.sessions.attempts import Abandonment
from nexuslims_core.sessions.models import Claim, EventType, FindingKind, Session, SessionFinding, SessionLog
from nexuslims_core.sessions.pairing import Paired, pair
from nexuslims_core.sessions.states import END_STATES, RecordStatus


def get(transaction: Transaction, session_identifier: str) -> Session:
    """Return a session, whatever its state.

    Raises
    ------
    UnknownSessionError
        If it never started.
    SessionStateError
        If it has not ended, or its logs cannot be joined.
    """
    logs = session_logs.of_session(transaction, session_identifier)
    if not logs:
        raise UnknownSessionError(session_identifier)
    paired = pair(logs, instruments.usable(transaction))
    if paired.findings:
        raise SessionStateError(f"session {session_identifier}: {paired.findings[0].reason}")
    if paired.waiting:
        raise SessionStateError(f"session {session_identifier} has not ended: end it with `nexuslims sessions end`")
    return paired.sessions[0]


def waiting(transaction: Transaction, instrument_pid: str | None) -> Paired:
    """Return what becomes of the logs that are to be built."""
    return pair(session_logs.to_be_built(transaction, instrument_pid), instruments.usable(transaction))


def park(transaction: Transaction, session_identifier: str, now: datetime) -> None:
    """Set a session whose logs cannot be joined to ERROR, with the reason; do nothing if by now they can."""
    session_logs.lock(transaction, session_identifier)
    logs = session_logs.of_session(transaction, session_identifier)
    for finding in pair(logs, instruments.usable(transaction)).findings:
        findings.add(transaction, replace(finding, found_at=now))
        session_logs.park(transaction, session_identifier)


def claim(transaction: Transaction, session_identifier: str, lease: Lease) -> Claim:
    """Open an attempt on a waiting session for one holder, or give back the one that this holder has open.

    Raises
    ------
    ClaimedElsewhereError
        If another holder's attempt is open and its lease has not run out.
    SessionStateError
        If the session is not TO_BE_BUILT.
    UnknownSessionError
        If it never started.
    """
    logs = session_logs.known(transaction, session_identifier)
    status = session_logs.status(logs)
    if status is not RecordStatus.TO_BE_BUILT:
        raise SessionStateError(f"session {session_identifier} is {status}, not waiting to be built")
    session = get(transaction, session_identifier)
    current = builds.open_attempt(transaction, session_identifier)
    if current is not None and current.holder == lease.holder:
        builds.extend(transaction, session_identifier, lease)
        return Claim(session=session, attempt=current.number, holder=lease.holder)
    if current is not None:
        if current.lease_until > lease.now:
            raise ClaimedElsewhereError(
                f"session {session_identifier} is being built by {current.holder}, "
                f"who holds it until {current.lease_until.isoformat()}"
            )
        builds.end(transaction, current, Abandonment.TAKEN_OVER, lease.now)
    return Claim(session=session, attempt=_begin(transaction, session, lease), holder=lease.holder)


def close(transaction: Transaction, held: Claim, status: RecordStatus, now: datetime) -> None:
    """End the attempt of a claim and set the state of all rows of its session; a second time it changes nothing.

    Raises
    ------
    ClaimLostError
        If the attempt was taken over.
    SessionStateError
        If it ended otherwise, or the session may not go there.
    """
    identifier = held.session.session_identifier
    session_logs.lock(transaction, identifier)
    attempt = builds.of_claim(transaction, held)
    if attempt.is_open:
        builds.end(transaction, attempt, status, now)
        session_logs.move(transaction, identifier, status)
    elif isinstance(attempt.outcome, Abandonment):
        raise ClaimLostError(
            f"session {identifier}: attempt {attempt.number} of {attempt.holder} was {attempt.outcome}"
        )
    elif attempt.outcome is not status:
        raise SessionStateError(f"session {identifier}: attempt {attempt.number} ended as {attempt.outcome} already")


def requeue(transaction: Transaction, session_identifier: str, reason: str, now: datetime) -> None:
    """Put a session back to TO_BE_BUILT and keep why; one that waits already is left as it is.

    Raises
    ------
    ClaimedElsewhereError
        If somebody is building it.
    SessionStateError
        If it has not ended.
    UnknownSessionError
        If it never started.
    """
    status = session_logs.status(session_logs.known(transaction, session_identifier))
    current = builds.open_attempt(transaction, session_identifier)
    if current is not None and current.lease_until > now:
        raise ClaimedElsewhereError(
            f"session {session_identifier} is being built by {current.holder}: wait for its end, "
            f"or until {current.lease_until.isoformat()}"
        )
    if current is not None:
        builds.end(transaction, current, Abandonment.PUT_BACK, now)
    if status in END_STATES:
        session_logs.move(transaction, session_identifier, RecordStatus.TO_BE_BUILT)
    elif status is RecordStatus.WAITING_FOR_END:
        raise SessionStateError(f"session {session_identifier} has not ended: end it with `nexuslims sessions end`")
    elif current is None:
        return
    findings.add(
        transaction,
        SessionFinding(session_identifier=session_identifier, reason=reason, kind=FindingKind.REQUEUED, found_at=now),
    )


def _begin(transaction: Transaction, session: Session, lease: Lease) -> int:
    """Insert the event and the open attempt; the unique index is the net below the lock."""
    identifier = session.session_identifier
    session_logs.move(transaction, identifier, RecordStatus.TO_BE_BUILT)
    event = SessionLog(
        session_identifier=identifier,
        instrument_pid=session.instrument.instrument_pid,
        timestamp=lease.now,
        event_type=EventType.RECORD_GENERATION,
        record_status=RecordStatus.TO_BE_BUILT,
        user=session.user,
    )
    session_logs.add(transaction, event)
    try:
        return builds.begin(transaction, identifier, lease)
    except IntegrityError as error:
        raise ClaimedElsewhereError(f"session {identifier} was claimed by another at the same moment") from error
