"""A person corrects the logs of a session: one transaction, after which it is paired anew.

What the logs said before, and why they were corrected, is kept as findings, which the record repeats. Said again, the
same changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db import lives
from nexuslims_core.db.logbook import refuse_still_to_come
from nexuslims_core.db.repositories import amended_logs, findings, instruments, session_logs
from nexuslims_core.errors import SessionStateError
from nexuslims_core.sessions.amending import Amendment, changes, standing_without, was_taken_out
from nexuslims_core.sessions.models import EventType, FindingKind, SessionFinding, SessionLog
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.usage import is_usage_event


def amend(
    transaction: Transaction, session_identifier: str, amendment: Amendment, reason: str, now: datetime
) -> tuple[str, ...]:
    """Correct the logs of a session, put it back and pair it anew; return what was done, a sentence for each log.

    Raises
    ------
    ClaimedElsewhereError
        If somebody is building it.
    SessionStateError
        If one of the logs to take out is none of it, none would be left, a time is still to come, NEMO has the word on
        its times, or what was said would count for another session.
    UnknownInstrumentError
        If there is no such instrument.
    UnknownSessionError
        If it never started.
    """
    said, logs = amendment.in_utc(), session_logs.known(transaction, session_identifier)
    zone = _check(transaction, said, logs, now)
    wanted = changes(said, logs)
    if not wanted:
        return ()
    lives.release(transaction, session_identifier, now)
    in_order = sorted(wanted, key=lambda change: change.after is None)  # SQLite gives the last number away again
    done = tuple(amended_logs.apply(transaction, change) for change in in_order)
    sentences = tuple(change.told(zone, reason) for change in done)
    _keep(transaction, session_identifier, sentences, now)
    if standing_without(wanted, logs) is None:
        _pair_anew(transaction, session_identifier, now)
    _check_outcome(transaction, session_identifier, said)
    return sentences


def _check(transaction: Transaction, amendment: Amendment, logs: Sequence[SessionLog], now: datetime) -> tzinfo:
    """Refuse what cannot be, before anything is changed, and return the zone of the session's clock."""
    identifier = logs[0].session_identifier
    _check_dropped(transaction, amendment.dropped, logs)
    for what, time in (("start", amendment.start), ("end", amendment.end)):
        if time is not None:
            refuse_still_to_come(identifier, what, time, now)
    pid = amendment.instrument_pid or logs[0].instrument_pid
    if amendment == Amendment(dropped=amendment.dropped):  # also where the instrument is not known
        instrument = next((each for each in instruments.usable(transaction) if each.instrument_pid == pid), None)
    else:
        instrument = instruments.get(transaction, pid)
    if instrument and is_usage_event(identifier, instrument):
        raise SessionStateError(
            f"session {identifier} is a usage event of NEMO: correct it there, then requeue the session"
        )
    return instrument.zone if instrument else UTC


def _check_dropped(transaction: Transaction, dropped: Iterable[int], logs: Sequence[SessionLog]) -> None:
    identifier, own = logs[0].session_identifier, {log.id_session_log for log in logs}
    told = [each.reason for each in findings.of_session(transaction, identifier)]
    for number in sorted(dropped):
        if number not in own and not was_taken_out(number, told):
            numbers = " and ".join(str(log.id_session_log) for log in logs)
            raise SessionStateError(f"session {identifier} has no log {number}: it has {numbers}")
    if own <= set(dropped):
        raise SessionStateError(f"session {identifier} would have no log left, and be lost: one must stay")


def _keep(transaction: Transaction, session_identifier: str, sentences: Iterable[str], now: datetime) -> None:
    kept = SessionFinding(session_identifier=session_identifier, reason="", kind=FindingKind.HEALED, found_at=now)
    findings.add(transaction, *(replace(kept, reason=sentence) for sentence in sentences))
    findings.wait_no_more(transaction, session_identifier)


def _pair_anew(transaction: Transaction, session_identifier: str, now: datetime) -> None:
    """Put a session back to where its logs say that it stands."""
    session_logs.move(transaction, session_identifier, RecordStatus.TO_BE_BUILT)
    logs = session_logs.of_session(transaction, session_identifier)
    if all(log.event_type is EventType.START for log in logs):
        session_logs.join(transaction, session_identifier, RecordStatus.WAITING_FOR_END)
    lives.settle(transaction, session_identifier, now)


def _check_outcome(transaction: Transaction, session_identifier: str, amendment: Amendment) -> None:
    """Make sure that what was said counts for this session, and not for a later one under its identifier."""
    logs = session_logs.of_session(transaction, session_identifier)
    for event, time in ((EventType.START, amendment.start), (EventType.END, amendment.end)):
        if time is not None and not any(log.event_type is event and log.timestamp == time for log in logs):
            raise SessionStateError(
                f"session {session_identifier} cannot {event.lower()} at {time.isoformat()}: another session under its "
                "identifier had begun by then; correct that one first"
            )
