"""What a person corrects in the logs of one session, and what that makes of each.

A session starts and ends at the times that a person states: the log that counts gets the time, or one is added, and
those that would count in its place, or have no time, are taken out. Nothing is forgotten: each change is a sentence that
holds all that the log said before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

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
            return f"Added by hand: {_told(self.after, zone)}" if self.after else "Nothing"
        if self.after is None:
            return f"{_taken_out(self.before.id_session_log)}{_told(self.before, zone)}"
        then = f"at {_iso(self.after.timestamp, zone)} on {self.after.instrument_pid}"
        return f"Corrected by hand: {_told(self.before, zone)} is {then} now"


def changes(amendment: Amendment, logs: Sequence[SessionLog]) -> tuple[Change, ...]:
    """Return what an amendment makes of the START and END logs of a session; nothing where they say so already."""
    left = [log for log in logs if log.id_session_log not in amendment.dropped]
    for event, time in ((EventType.START, amendment.start), (EventType.END, amendment.end)):
        if time is not None:
            left = [*_at(time, event, left, logs)]
    pid = amendment.instrument_pid
    after = {log.id_session_log: replace(log, instrument_pid=pid or log.instrument_pid) for log in left}
    added = after.pop(None, None), next((log for log in left if log.id_session_log is None), None)
    return (*_differences(logs, after), *_added(left, pid))


def is_done_with(done: Iterable[Change], logs: Sequence[SessionLog]) -> RecordStatus | None:
    """Return where a session stands once logs that only came too late are taken out; None if it is to be built anew."""
    dropped = {change.before for change in done if change.after is None}
    rest = {log.record_status for log in logs if log not in dropped}
    if len(rest) != 1 or any(change.after is not None for change in done):
        return None
    (status,) = rest
    was_built = status in END_STATES and status is not RecordStatus.ERROR
    return status if was_built and all(log and log.record_status is not status for log in dropped) else None


def was_taken_out(number: int, sentences: Iterable[str]) -> bool:
    """Tell whether one of the sentences says that the log of this number was taken out."""
    return any(sentence.startswith(_taken_out(number)) for sentence in sentences)
