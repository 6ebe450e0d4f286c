"""A session of the old database held against what the new one has of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from nexuslims_core.db.adoption.sessions import OldLog, OldSession
from nexuslims_core.sessions.models import EventType
from nexuslims_core.sessions.states import END_STATES, RecordStatus, standing

Key = tuple[EventType, datetime]
"""What makes a log of a session the same in both databases: its event and its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLog:
    """One log that the new database has."""

    number: int
    key: Key
    status: RecordStatus


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One session in both databases.

    Attributes
    ----------
    held
        What the new database has of it; nothing for one that is new here.
    is_worked_on
        Whether somebody built, parked or requeued it here.
    """

    session: OldSession
    held: Sequence[HeldLog] = ()
    is_worked_on: bool = False

    @cached_property
    def is_ours(self) -> bool:
        """Whether the new database went on with it by itself, so that the old one has no more say."""
        return self.is_worked_on or any(len(held) > len(old) for old, held in self._both)

    @property
    def is_new(self) -> bool:
        """Whether it comes over now."""
        return not self.held and not self.is_ours

    @property
    def is_behind(self) -> bool:
        """Whether it is here already and the old system wrote more since."""
        return bool(self.held) and not self.is_ours and bool(self.missing or self.moved)

    @cached_property
    def missing(self) -> tuple[OldLog, ...]:
        """The logs that the new database does not have."""
        return tuple(log for old, held in self._both for log in old[len(held) :])

    @cached_property
    def moved(self) -> Mapping[int, RecordStatus]:
        """The logs whose state the old system has changed since, by number, with the state it is in there.

        An open state there says something only if the session went on, since pairing may have set it right here.
        """
        pairs = [pair for old, held in self._both for pair in zip(old, held, strict=False)]
        states = {held.number: old.log.record_status for old, held in pairs if old.log.record_status is not held.status}
        return {number: state for number, state in states.items() if self.missing or state in END_STATES}

    @property
    def healed(self) -> tuple[str, ...]:
        """How the logs were healed that come over now."""
        return () if self.is_ours else tuple(log.healed for log in self.missing if log.healed)

    @property
    def status(self) -> RecordStatus | None:
        """Where the session stands after the adoption; None for logs of builds alone."""
        if self.is_ours:
            rows = [(held.key[0], held.status) for held in self.held]
        else:
            rows = [(log.key[0], log.log.record_status) for log in self.session.logs]
        found = [status for event, status in rows if event is not EventType.RECORD_GENERATION]
        return standing(found) if found else None

    @cached_property
    def _both(self) -> tuple[tuple[list[OldLog], list[HeldLog]], ...]:
        """What each database has of each log; a log that was sent twice is there twice."""
        both: defaultdict[Key, tuple[list[OldLog], list[HeldLog]]] = defaultdict(lambda: ([], []))
        for log in self.session.logs:
            both[log.key][0].append(log)
        for held in self.held:
            both[held.key][1].append(held)
        return tuple(both.values())
