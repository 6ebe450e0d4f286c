"""One identifier used for several sessions: a START that comes after an END begins another session.

Some loggers use one identifier for ever. From the first START to the last END of all would swallow the days between,
so each later session gets a name of its own, ``<identifier>#reused-2`` and so on, and keeps it: a log that comes
afterwards under the old identifier goes to the session that had begun by then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from nexuslims_core.sessions.models import EventType, SessionLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A log that belongs to another session than its identifier says."""

    log: SessionLog
    session_identifier: str


def later_name(identifier: str, number: int) -> str:
    """Return what the n-th session under an identifier is called, for n from 2."""
    return f"{identifier}#reused-{number}"


def renamed(identifier: str, logs: Sequence[SessionLog], later: Mapping[str, Sequence[SessionLog]]) -> list[Renamed]:
    """Return which of the logs under an identifier belong to later sessions, and what these are called.

    Parameters
    ----------
    logs
        START and END logs under the identifier itself, by time.
    later
        Logs by time of those later sessions under it that have a name already.
    """
    chapters = [_Chapter(identifier), *(_Chapter.of(name, own) for name, own in later.items())]
    names = (later_name(identifier, number) for number in count(len(chapters) + 1))
    found: list[Renamed] = []
    for log in logs:
        chapter = _running(chapters, log)
        if chapter.is_over_before(log):
            chapter = _Chapter(next(names))
            chapters.append(chapter)
        chapter.take(log)
        if chapter.name != identifier:
            found.append(Renamed(log=log, session_identifier=chapter.name))
    return found


@dataclass(slots=True)
class _Chapter:
    """One of the sessions under an identifier."""

    name: str
    start: datetime | None = field(default=None)
    end: datetime | None = field(default=None)

    @classmethod
    def of(cls, name: str, logs: Sequence[SessionLog]) -> "_Chapter":
        chapter = cls(name)
        for log in logs:
            chapter.take(log)
        return chapter

    def take(self, log: SessionLog) -> None:
        if log.event_type is EventType.START:
            self.start = min(self.start or log.timestamp, log.timestamp)
        elif self.start is not None and log.timestamp > self.start:
            self.end = max(self.end or log.timestamp, log.timestamp)

    def is_over_before(self, log: SessionLog) -> bool:
        return log.event_type is EventType.START and self.end is not None and self.end < log.timestamp

    def had_begun_by(self, log: SessionLog) -> bool:
        if self.start is None:
            return False
        return self.start < log.timestamp or (self.start == log.timestamp and log.event_type is EventType.START)


def _running(chapters: Sequence[_Chapter], log: SessionLog) -> _Chapter:
    """Return the last session that had begun when the log was written, else the first of all."""
    begun = (chapter for chapter in chapters[1:] if chapter.had_begun_by(log))
    return max(begun, key=lambda chapter: chapter.start or datetime.min.replace(tzinfo=UTC), default=chapters[0])
