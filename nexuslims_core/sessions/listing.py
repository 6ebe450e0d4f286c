"""Which sessions somebody asks for, and the list that answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.sessions.states import RecordStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sessions to list; what is None or empty does not matter.

    Attributes
    ----------
    statuses
        Where the session stands: any of these.
    instrument_pid, user
        What one of its logs names.
    since, until
        Aware times; wanted is a session that ran at some time in ``[since, until]``. One without an END still runs.
    limit
        How many at most, >= 1; the newest are kept.
    """

    session_identifier: str | None = None
    statuses: frozenset[RecordStatus] = frozenset()
    instrument_pid: str | None = None
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        if any(time is not None and time.tzinfo is None for time in (self.since, self.until)):
            raise ValueError("since and until need a zone")
        if self.limit is not None and self.limit < 1:
            raise ValueError("a list holds at least one session")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The sessions that are wanted.

    Attributes
    ----------
    sessions
        By start, then by identifier; with a limit the newest.
    counts
        How many sessions stand where, the limit left aside; a state without a session is left out.
    """

    sessions: tuple[SessionSummary, ...]
    counts: Mapping[RecordStatus, int]

    @property
    def total(self) -> int:
        """How many sessions are wanted, the limit left aside."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of the list ends: the start of its last session, an aware time, and that session's identifier."""

    start: datetime
    session_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of the list of sessions, the newest first.

    Attributes
    ----------
    counts
        How many sessions stand where, whatever statuses and page are wanted; a state without a session is left out.
    has_more
        Whether older ones follow.
    """

    sessions: tuple[SessionSummary, ...]
    counts: Mapping[RecordStatus, int]
    has_more: bool

    @property
    def end(self) -> Place | None:
        """Where the next page begins; None where there is none."""
        if not self.has_more or not self.sessions:
            return None
        last = self.sessions[-1]
        return Place(start=last.dt_from, session_identifier=last.session_identifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentUse:
    """How many sessions an instrument has, how many of them wait and failed, and when it was last heard of."""

    sessions: int = 0
    waiting: int = 0
    failed: int = 0
    last_heard: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many sessions need a person, by what they need one for.

    Attributes
    ----------
    failed
        Those that ended in ERROR.
    parked
        Those of them whose logs make no session.
    unpublished
        Those whose record is built and not published.
    open_for_long
        Those without an END whose START is long ago.
    silent
        Those whose builder went silent and that nobody took over yet.
    """

    failed: int = 0
    parked: int = 0
    unpublished: int = 0
    open_for_long: int = 0
    silent: int = 0
