"""The START and END logs of one session, and what they say together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.states import END_STATES, RecordStatus, standing


def by_time(log: SessionLog) -> tuple[datetime, int]:
    """Return what logs in UTC are sorted by: their time, then their row."""
    return log.timestamp, log.id_session_log or 0


@dataclass(frozen=True, slots=True)
class OwnLogs:
    """The logs of one session by time, at least one."""

    identifier: str
    every: tuple[SessionLog, ...]
    starts: tuple[SessionLog, ...]
    ends: tuple[SessionLog, ...]

    @classmethod
    def of(cls, identifier: str, every: Iterable[SessionLog]) -> "OwnLogs":
        """Return logs in UTC, in any order, as those of one session."""
        ordered = tuple(sorted(every, key=by_time))
        starts = tuple(log for log in ordered if log.event_type is EventType.START)
        return cls(identifier, ordered, starts, tuple(log for log in ordered if log.event_type is EventType.END))

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """The first START and the last END; None where either is missing."""
        return (self.starts[0].timestamp, self.ends[-1].timestamp) if self.starts and self.ends else None

    @property
    def built(self) -> "OwnLogs":
        """Those that were there when the session came to an end state."""
        return OwnLogs.of(self.identifier, (log for log in self.every if log.record_status in END_STATES))

    @property
    def is_under_way(self) -> bool:
        """Whether one of them is not in an end state."""
        return any(log.record_status not in END_STATES for log in self.every)

    def standing(self, *, parked: bool) -> RecordStatus:
        """Return where the session stands by the rules of pairing."""
        if parked:
            return RecordStatus.ERROR
        if self.built.every:
            return standing(log.record_status for log in self.built.every)
        return RecordStatus.TO_BE_BUILT if self.ends else RecordStatus.WAITING_FOR_END

    def is_unsettled(self, by_the_rules: RecordStatus) -> bool:
        """Tell whether its rows say otherwise; a START left waiting beside rows that are to be built does not."""
        if by_the_rules in END_STATES:
            return self.is_under_way
        return standing(log.record_status for log in self.every) is not by_the_rules
