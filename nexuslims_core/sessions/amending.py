"""What a person corrects in the logs of one session, and what that makes of each.

A session starts and ends at the times that a person states: the log that counts gets the time, or one is added, and
those that would count in its place, or have no time, are taken out. Nothing is forgotten: each change is a sentence
that holds all that the log said before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from nexuslims_core.sessions.clocks import NO_TIME
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.own_logs import by_time
from nexuslims_core.sessions.states import END_STATES, RecordStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What a person says of a session; what is None or empty stays as it is.

    Attributes
    ----------
    start, end
        Aware times at which it started and ended.
    instrument_pid
        The instrument that all its logs are of.
    dropped
        Numbers of logs that are none of it.
    """

    start: datetime | None = None
    end: datetime | None = None
    instrument_pid: str | None = None
    dropped: frozenset[int] = frozenset()

    def in_utc(self) -> "Amendment":
        """Return the same with times that can be compared: Python holds two times of the doubled hour unequal."""
        start, end = (time and time.astimezone(UTC) for time in (self.start, self.end))
        return replace(self, start=start, end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of one log.

    Attributes
    ----------
    before, after
        None before for a log that is added, None after for one that is taken out.
    """

    before: SessionLog | None
    after: SessionLog | None

    def told(self, zone: tzinfo, reason: str) -> str:
        """Return a sentence that says what was done and what the log said before."""
        return f"{self._done(zone)}: {reason.strip().rstrip('.') or 'no reason was given'}."

    def _done(self, zone: tzinfo) -> str:
        if self.before is None:
            return f"{_ADDED}{_told(self.after, zone)}" if self.after else "Nothing"
        if self.after is None:
            return f"{_TAKEN_OUT}{_told(self.before, zone)}"
        then = f"at {self.after.timestamp.astimezone(zone).isoformat()} on {self.after.instrument_pid}"
        return f"{_CORRECTED}{_told(self.before, zone)}, is {then} now"


_ADDED, _CORRECTED, _TAKEN_OUT = "Added by hand: ", "Corrected by hand: ", "Taken out by hand: "


def changes(amendment: Amendment, logs: Sequence[SessionLog]) -> tuple[Change, ...]:
    """Return what an amendment makes of the START and END logs of a session; nothing where they say so already.

    Parameters
    ----------
    logs
        At least one.
    """
    left = [log for log in logs if log.id_session_log not in amendment.dropped]
    for event, time in ((EventType.START, amendment.start), (EventType.END, amendment.end)):
        if time is not None:
            left = _at(time, event, left, logs[0])
    pid = amendment.instrument_pid
    after = [replace(log, instrument_pid=pid or log.instrument_pid) for log in left]
    by_number = {log.id_session_log: log for log in after}
    told = (Change(before=log, after=by_number.get(log.id_session_log)) for log in logs)
    added = (Change(before=None, after=log) for log in after if log.id_session_log is None)
    return (*(change for change in told if change.before != change.after), *added)


def _at(time: datetime, event: EventType, logs: Iterable[SessionLog], pattern: SessionLog) -> list[SessionLog]:
    """Return the logs with those of one event so that this time counts: the first START does, and the last END.

    Parameters
    ----------
    pattern
        A log that says of whom and where one is that must be added.
    """
    own = [log for log in logs if log.event_type is event]
    others = [log for log in logs if log.event_type is not event]
    if not own:
        added = replace(pattern, id_session_log=None, event_type=event, timestamp=time)
        return [*others, replace(added, record_status=RecordStatus.TO_BE_BUILT)]
    counting = next((log for log in own if log.timestamp == time), None) or _counting(event, own)
    passed_over = [log for log in own if log is not counting and _is_passed_over(log, time)]
    return [*others, *passed_over, replace(counting, timestamp=time)]


def _counting(event: EventType, own: Sequence[SessionLog]) -> SessionLog:
    ordered = sorted([log for log in own if log.timestamp != NO_TIME] or own, key=by_time)
    return ordered[0] if event is EventType.START else ordered[-1]


def _is_passed_over(log: SessionLog, time: datetime) -> bool:
    """Tell whether a log need not go, since it does not count beside one at ``time``."""
    if log.timestamp == NO_TIME:
        return False
    return log.timestamp >= time if log.event_type is EventType.START else log.timestamp <= time


def standing_without(done: Iterable[Change], logs: Iterable[SessionLog]) -> RecordStatus | None:
    """Return where a session stays after logs that only came too late are taken out; None if it is to be built anew."""
    changed = tuple(done)
    gone = {change.before for change in changed}
    said = {log.record_status for log in logs if log not in gone}
    if len(said) != 1 or any(change.after for change in changed):
        return None
    (status,) = said
    was_built = status in END_STATES - {RecordStatus.ERROR}
    return status if was_built and all(log and log.record_status is not status for log in gone) else None


def was_taken_out(number: int, sentences: Iterable[str]) -> bool:
    """Tell whether one of the sentences says that the log of this number was taken out."""
    return any(sentence.startswith(f"{_TAKEN_OUT}{_numbered(number)}") for sentence in sentences)


def _told(log: SessionLog, zone: tzinfo) -> str:
    who = log.user or "nobody named"
    when = f"{log.event_type} at {log.timestamp.astimezone(zone).isoformat()}"
    return f"{_numbered(log.id_session_log)}{when} by {who} on {log.instrument_pid}, {log.record_status}"


def _numbered(number: int | None) -> str:
    return f"log {number}, the "
