"""What becomes of a usage event in the database of sessions: written rules, each one transaction.

For a session that

1. is not known: START, and END if the event has ended; nothing for an event that ended at its start;
2. waits for its end or to be built, and that nobody is building: its logs say what the calendar says now. If more than
   the missing END came, a HEALED finding keeps what they said before. An event that is opened again keeps its END until
   it has another;
3. is being built: nothing; whoever asks again after the attempt finds 2 or 4;
4. has been built, or is parked: nothing but a finding that says so, once for each change, and that requeueing the
   session brings the change in by 2;
5. the calendar does not know any more: as 2, parked once with the reason; a person who requeues it has the last word.

Times less than a second apart are one: rows that NexusLIMS wrote may be cut to seconds.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import builds, findings, instruments, session_logs, usage_logs
from nexuslims_core.db.types import any_text
from nexuslims_core.sessions.models import EventType, FindingKind, SessionFinding, SessionLog
from nexuslims_core.sessions.states import END_STATES, RecordStatus
from nexuslims_core.sessions.usage import Usage, UsageOutcome

ONE_TIME = timedelta(seconds=1)


def judge(transaction: Transaction, usage: Usage) -> UsageOutcome:
    """Return what is to become of a usage, and change nothing."""
    logs = session_logs.of_session(transaction, usage.session_identifier)
    if not logs:
        return _of_new(usage)
    changes = _changes(logs, usage)
    if not changes and not _ends_now(logs, usage):
        return UsageOutcome.UNCHANGED
    if session_logs.status(logs) in END_STATES:
        said = _is_said(transaction, usage.session_identifier, _too_late(logs, usage))
        return UsageOutcome.UNCHANGED if said else UsageOutcome.CHANGED_TOO_LATE
    if builds.open_attempt(transaction, usage.session_identifier) is not None:
        return UsageOutcome.BEING_BUILT
    return UsageOutcome.REVISED if changes else UsageOutcome.ENDED


def note(transaction: Transaction, usage: Usage, now: datetime) -> UsageOutcome:
    """Write down what becomes of a usage.

    Raises
    ------
    UnknownInstrumentError
        If there is no such instrument.
    """
    identifier = usage.session_identifier
    session_logs.lock(transaction, identifier)
    instruments.get(transaction, usage.instrument_pid)
    outcome, logs = judge(transaction, usage), session_logs.of_session(transaction, identifier)
    if outcome is UsageOutcome.CHANGED_TOO_LATE:
        _find(transaction, identifier, FindingKind.PARKED, _too_late(logs, usage), now)
    elif outcome is UsageOutcome.REVISED:
        _find(transaction, identifier, FindingKind.HEALED, _healed(logs, usage), now)
    if outcome in (UsageOutcome.STARTED, UsageOutcome.ENDED, UsageOutcome.REVISED):
        _write(transaction, logs, usage)
    return outcome


def lose(transaction: Transaction, session_identifier: str, reason: str, now: datetime) -> UsageOutcome:
    """Park a session that its calendar does not know any more, with the reason, unless that was done before."""
    session_logs.lock(transaction, session_identifier)
    logs = session_logs.of_session(transaction, session_identifier)
    if not logs or session_logs.status(logs) in END_STATES or _is_said(transaction, session_identifier, reason):
        return UsageOutcome.UNCHANGED
    if builds.open_attempt(transaction, session_identifier) is not None:
        return UsageOutcome.BEING_BUILT
    session_logs.park(transaction, session_identifier)
    _find(transaction, session_identifier, FindingKind.PARKED, reason, now)
    return UsageOutcome.GONE


def _of_new(usage: Usage) -> UsageOutcome:
    if usage.is_nothing:
        return UsageOutcome.NOTHING
    return UsageOutcome.ENDED if usage.end else UsageOutcome.STARTED


def _write(transaction: Transaction, logs: tuple[SessionLog, ...], usage: Usage) -> None:
    if not logs:
        usage_logs.insert(transaction, usage)
        return
    if usage.end is not None:
        session_logs.move(transaction, usage.session_identifier, RecordStatus.TO_BE_BUILT)
    status = RecordStatus.TO_BE_BUILT if usage.end is not None else session_logs.status(logs)
    usage_logs.revise(transaction, usage, status)


def _ends_now(logs: tuple[SessionLog, ...], usage: Usage) -> bool:
    return usage.end is not None and not any(log.event_type is EventType.END for log in logs)


def _changes(logs: tuple[SessionLog, ...], usage: Usage) -> tuple[str, ...]:
    """Return how the calendar's words differ from the logs', beside an END that is missing."""
    return (
        *_moved("start", logs, EventType.START, usage.start),
        *_moved("end", logs, EventType.END, usage.end),
        *_replaced("user", next((log.user for log in logs if log.user), None), any_text(usage.user)),
        *_replaced("instrument", logs[0].instrument_pid, usage.instrument_pid),
    )


def _moved(name: str, logs: tuple[SessionLog, ...], kind: EventType, time: datetime | None) -> Iterator[str]:
    """Yield a sentence where the logs of one kind say another time; in a built session one right one is enough."""
    own = [log for log in logs if log.event_type is kind]
    if time is None or (not own and kind is EventType.END):
        return
    if not own:
        yield f"its START was missing, {time.isoformat()}"
        return
    wrong = [log for log in own if abs(log.timestamp - time) >= ONE_TIME]
    is_built = all(log.record_status in END_STATES for log in own)
    if wrong and (wrong == own or not is_built):
        yield f"{name} {wrong[-1].timestamp.isoformat()} became {time.isoformat()}"


def _replaced(name: str, old: str | None, new: str | None) -> Iterator[str]:
    if new is not None and old != new:
        yield f"{name} {old or 'nobody'} became {new}"


def _healed(logs: tuple[SessionLog, ...], usage: Usage) -> str:
    return f"the calendar changed its usage event before the record was made, and so the logs: {_listed(logs, usage)}"


def _too_late(logs: tuple[SessionLog, ...], usage: Usage) -> str:
    return (
        f"the calendar changed its usage event after the session had been built or parked: {_listed(logs, usage)}; "
        "if the record shall say so, requeue the session, and the next harvest corrects it before it is built again"
    )


def _listed(logs: tuple[SessionLog, ...], usage: Usage) -> str:
    ends = (f"it ended at {usage.end.isoformat()}",) if usage.end and _ends_now(logs, usage) else ()
    return ", ".join((*_changes(logs, usage), *ends))


def _is_said(transaction: Transaction, session_identifier: str, reason: str) -> bool:
    return any(finding.reason == reason for finding in findings.of_session(transaction, session_identifier))


def _find(transaction: Transaction, session_identifier: str, kind: FindingKind, reason: str, now: datetime) -> None:
    finding = SessionFinding(session_identifier=session_identifier, reason=reason, kind=kind, found_at=now)
    findings.add(transaction, finding)
