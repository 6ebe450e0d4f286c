"""The moves in a session's life that touch several tables: each function is one step, done whole or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import builds, findings, instruments, session_logs
from nexuslims_core.db.repositories.builds import Lease
from nexuslims_core.errors import ClaimedElsewhereError, ClaimLostError, SessionStateError, UnknownSessionError
from nexuslims_core.sessions.attempts import Abandonment, Attempt
from nexuslims_core.sessions.commands import on_session
from nexuslims_core.sessions.models import Claim, EventType, FindingKind, Session, SessionFinding, SessionLog
from nexuslims_core.sessions.overlaps import overlap_remarks
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
    paired = _paired(transaction, session_logs.family(transaction, session_identifier))
    reason = next((each.reason for each in paired.findings if each.session_identifier == session_identifier), None)
    if reason:
        raise SessionStateError(f"session {session_identifier}: {reason}")
    found = next((each for each in paired.sessions if each.session_identifier == session_identifier), None)
    if found is None:
        raise _not_ended(session_identifier)
    return found


def findings_about(transaction: Transaction, session_identifier: str) -> tuple[SessionFinding, ...]:
    """Return all findings about a session, less those about a log that somebody has corrected since."""
    kept = findings.of_session(transaction, session_identifier)
    if all(finding.id_session_log is None for finding in kept):
        return kept
    paired = _paired(transaction, session_logs.family(transaction, session_identifier))
    gone = findings.outdated(transaction, paired.healed, _open(paired) & {session_identifier})
    return findings.of_session(transaction, session_identifier, without=gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The sessions to be built, by start, and those whose rows do not say yet what the rules of pairing say."""

    sessions: tuple[Session, ...]
    unsettled: tuple[str, ...]


def waiting(transaction: Transaction, instrument_pid: str | None, now: datetime) -> Waiting:
    """Return what becomes of the logs that may be built."""
    paired = _paired(transaction, session_logs.ended(transaction, instrument_pid))
    untold = {each.session_identifier for each in findings.unknown(transaction, _healed_and_open(paired))}
    outdated = findings.outdated(transaction, paired.healed, _open(paired))
    return Waiting(
        sessions=tuple(
            each for each in paired.sessions if paired.standings[each.session_identifier] is RecordStatus.TO_BE_BUILT
        ),
        unsettled=tuple(
            sorted((untold | paired.unsettled | {*outdated.values()}) - builds.held_sessions(transaction, now))
        ),
    )


def settle(transaction: Transaction, session_identifier: str, now: datetime) -> Paired | None:
    """Make the rows of a session say what the rules of pairing say, and keep what was healed or why it is parked.

    Returns
    -------
    paired
        What the rows say, if they said so before; None if they were changed, or if somebody is building the session:
        that has to end first.
    """
    session_logs.lock(transaction, session_identifier)
    current = builds.open_attempt(transaction, session_identifier)
    if current is not None and current.lease_until > now:
        return None
    paired = _paired(transaction, session_logs.family(transaction, session_identifier))
    _rename(transaction, paired, now)
    held = builds.held_sessions(transaction, now)
    unsettled = (paired.unsettled & paired.standings.keys()) - held
    findings.forget(transaction, findings.outdated(transaction, paired.healed, _open(paired) - held))
    for identifier in sorted(unsettled):
        session_logs.join(transaction, identifier, paired.standings[identifier])
    for finding in paired.findings:
        if finding.session_identifier in unsettled:
            _park(transaction, replace(finding, found_at=now), now)
    return None if paired.unsettled or paired.renamed else paired


def note_waiting(transaction: Transaction, session_identifier: str, reason: str, now: datetime) -> None:
    """Keep why a session goes on waiting, unless it does not wait any more."""
    session_logs.lock(transaction, session_identifier)
    logs = session_logs.of_session(transaction, session_identifier)
    waits = bool(logs) and session_logs.status(logs) is RecordStatus.TO_BE_BUILT
    if waits and builds.open_attempt(transaction, session_identifier) is None:
        findings.wait(transaction, session_identifier, reason, now)


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
    settled = settle(transaction, session_identifier, lease.now)
    found = _waiting_in(settled, session_identifier) or _waiting(transaction, session_identifier)
    session = _with_remarks(transaction, found)
    findings.wait_no_more(transaction, session_identifier)
    own = _own_attempt(transaction, session_identifier, lease, Abandonment.TAKEN_OVER)
    return Claim(session=session, attempt=own or _begin(transaction, session, lease), holder=lease.holder)


def _waiting_in(settled: Paired | None, session_identifier: str) -> Session | None:
    """Return a session that waits to be built, from what its logs were found to say."""
    if settled is None or settled.standings.get(session_identifier) is not RecordStatus.TO_BE_BUILT:
        return None
    return next((each for each in settled.sessions if each.session_identifier == session_identifier), None)


def _waiting(transaction: Transaction, session_identifier: str) -> Session:
    status = session_logs.status(session_logs.known(transaction, session_identifier))
    if status is not RecordStatus.TO_BE_BUILT:
        back = f": put it back with `{on_session('sessions requeue', session_identifier)}`"
        advice = back if status in END_STATES else ""
        raise SessionStateError(f"session {session_identifier} is {status}, not waiting to be built{advice}")
    return get(transaction, session_identifier)


def claim_publication(transaction: Transaction, session_identifier: str, built: Attempt, lease: Lease) -> Claim:
    """Open an attempt that publishes the record which another has built, or give back the one this holder has open.

    The session stays BUILT_NOT_EXPORTED until the attempt is closed; should its holder go silent, it simply stays.

    Parameters
    ----------
    built
        The attempt whose record and counts this one has.

    Raises
    ------
    ClaimedElsewhereError
        If another holder's attempt is open and its lease has not run out.
    SessionStateError
        If the session is not BUILT_NOT_EXPORTED.
    UnknownSessionError
        If it never started.
    """
    status = session_logs.status(session_logs.known(transaction, session_identifier))
    if status is not RecordStatus.BUILT_NOT_EXPORTED:
        raise SessionStateError(
            f"session {session_identifier} is {status}: it has no record that waits to be published"
        )
    session = get(transaction, session_identifier)
    number = _own_attempt(transaction, session_identifier, lease, status)
    if number is None:
        number = _open_attempt(transaction, session_identifier, lease)
        builds.carry_over(transaction, session_identifier, number, built)
    return Claim(session=session, attempt=number, holder=lease.holder)


def _own_attempt(
    transaction: Transaction, session_identifier: str, lease: Lease, outcome: RecordStatus | Abandonment
) -> int | None:
    """Return the number of the attempt that this holder has open, held for longer; one of a silent holder is ended."""
    current = builds.open_attempt(transaction, session_identifier)
    if current is None:
        return None
    if current.holder == lease.holder:
        builds.extend(transaction, session_identifier, lease)
        return current.number
    if current.lease_until > lease.now:
        raise ClaimedElsewhereError(
            f"session {session_identifier} is being built by {current.holder}, "
            f"who holds it until {current.lease_until.isoformat()}"
        )
    builds.end(transaction, current, outcome, lease.now)
    return None


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
        if status not in END_STATES:
            raise SessionStateError(f"session {identifier}: what was built does not become {status}")
        builds.end(transaction, attempt, status, now)
        paired = _paired(transaction, session_logs.family(transaction, identifier))
        _rename(transaction, paired, now)
        session_logs.conclude(transaction, held.session, status, changed=not _says(paired, held.session))
    elif isinstance(attempt.outcome, Abandonment):
        raise ClaimLostError(
            f"session {identifier}: attempt {attempt.number} of {attempt.holder} was {attempt.outcome}"
        )
    elif attempt.outcome is not status:
        raise SessionStateError(f"session {identifier}: attempt {attempt.number} ended as {attempt.outcome} already")


def put_back(transaction: Transaction, held: Claim, reason: str, now: datetime) -> None:
    """End the attempt of a claim so that its session goes on waiting, and keep why; once."""
    session_logs.lock(transaction, held.session.session_identifier)
    attempt = builds.of_claim(transaction, held)
    if attempt.is_open:
        builds.end(transaction, attempt, Abandonment.PUT_BACK, now)
        findings.wait(transaction, held.session.session_identifier, reason, now)


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
    was_left = release(transaction, session_identifier, now)
    if status in END_STATES:
        session_logs.move(transaction, session_identifier, RecordStatus.TO_BE_BUILT)
    elif status is RecordStatus.WAITING_FOR_END:
        raise _not_ended(session_identifier)
    elif not was_left:
        return
    findings.add(
        transaction,
        SessionFinding(session_identifier=session_identifier, reason=reason, kind=FindingKind.REQUEUED, found_at=now),
    )


def release(transaction: Transaction, session_identifier: str, now: datetime) -> bool:
    """End the attempt of a holder that went silent, and tell whether there was one.

    Raises
    ------
    ClaimedElsewhereError
        If somebody is building the session.
    """
    current = builds.open_attempt(transaction, session_identifier)
    if current is None:
        return False
    if current.lease_until > now:
        raise ClaimedElsewhereError(
            f"session {session_identifier} is being built by {current.holder}: wait for its end, "
            f"or until {current.lease_until.isoformat()}"
        )
    status = session_logs.status(session_logs.of_session(transaction, session_identifier))
    publishes = status is RecordStatus.BUILT_NOT_EXPORTED  # to publish a record does not make a session wait again
    builds.end(transaction, current, status if publishes else Abandonment.PUT_BACK, now)
    return True


def _not_ended(session_identifier: str) -> SessionStateError:
    end = on_session("sessions end", session_identifier)
    return SessionStateError(f"session {session_identifier} has not ended: end it with `{end}`")


def _paired(transaction: Transaction, logs: Sequence[SessionLog]) -> Paired:
    insisted = findings.requeued(transaction, {log.session_identifier for log in logs})
    return pair(logs, instruments.usable(transaction), insisted)


def _open(paired: Paired) -> set[str]:
    """Return the sessions that have not come to an end state."""
    return {name for name, status in paired.standings.items() if status not in END_STATES}


def _healed_and_open(paired: Paired) -> Iterator[SessionFinding]:
    """Yield what was healed in sessions that have not come to an end state."""
    return (each for each in paired.healed if paired.standings.get(each.session_identifier) not in END_STATES)


def _park(transaction: Transaction, finding: SessionFinding, now: datetime) -> None:
    """Keep why a session cannot be built; a dead holder's attempt on it ends."""
    identifier = finding.session_identifier
    findings.add(transaction, finding)
    findings.wait_no_more(transaction, identifier)
    current = builds.open_attempt(transaction, identifier)
    if current is not None:
        builds.end(transaction, current, Abandonment.PUT_BACK, now)


def _with_remarks(transaction: Transaction, session: Session) -> Session:
    """Return a session with all that its record should say of its logs."""
    told = findings.healed(transaction, session.session_identifier)
    healed = (*told, *session.remarks)
    overlaps = overlap_remarks(session, session_logs.near(transaction, session))
    return replace(session, remarks=(*dict.fromkeys(healed), *overlaps))


def _rename(transaction: Transaction, paired: Paired, now: datetime) -> None:
    """Give logs to the sessions that they belong to, and keep what was healed."""
    for each in paired.renamed:
        session_logs.rename(transaction, each.log, each.session_identifier)
    told = findings.unknown(transaction, paired.healed)
    findings.add(transaction, *(replace(finding, found_at=now) for finding in told))


def _says(paired: Paired, built: Session) -> bool:
    """Tell whether the logs of a session still say what they said when it was claimed."""
    return _what_counts(built) in map(_what_counts, paired.sessions)


def _what_counts(session: Session) -> tuple[str, str, datetime, datetime]:
    return session.session_identifier, session.instrument.instrument_pid, session.dt_from, session.dt_to


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
    return _open_attempt(transaction, identifier, lease)


def _open_attempt(transaction: Transaction, session_identifier: str, lease: Lease) -> int:
    try:
        return builds.begin(transaction, session_identifier, lease)
    except IntegrityError as error:
        raise ClaimedElsewhereError(
            f"session {session_identifier} was claimed by another at the same moment"
        ) from error
