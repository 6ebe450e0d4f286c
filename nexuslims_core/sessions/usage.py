"""What a calendar that also switches instruments on and off says of their use, and what becomes of that."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from nexuslims_core.instruments.models import Harvester, Instrument

_USAGE_EVENT = "usage_events/?id="


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One stretch of use of one instrument, as its calendar says now; it may say otherwise tomorrow.

    Attributes
    ----------
    session_identifier
        The session that this use is.
    start, end
        Aware times; ``end`` is None while the instrument is in use.
    user
        Login name of the person for whom the instrument was used.
    """

    session_identifier: str
    instrument_pid: str
    start: datetime
    end: datetime | None
    user: str | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or (self.end is not None and self.end.tzinfo is None):
            raise ValueError(f"session {self.session_identifier}: times need a zone")

    @property
    def is_nothing(self) -> bool:
        """Whether it ended at its start, or before: no file can belong to it, so it is no session."""
        return self.end is not None and self.end.astimezone(UTC) <= self.start.astimezone(UTC)


class UsageOutcome(StrEnum):
    """What became of a usage in the database of sessions.

    Attributes
    ----------
    STARTED, ENDED
        A session that waits for its end, or to be built, is new.
    REVISED
        A session that was not built yet has the calendar's new times, user or instrument.
    UNCHANGED
        All was known.
    CHANGED_TOO_LATE
        The calendar says otherwise now, and the session is built; a finding says so, once.
    BEING_BUILT
        The calendar says otherwise now; what becomes of that is decided when the attempt has ended.
    NOTHING
        It ended at its start, so there is no session.
    GONE
        The calendar does not know it any more; its session is parked.
    """

    STARTED = "started"
    ENDED = "ended"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    CHANGED_TOO_LATE = "changed too late"
    BEING_BUILT = "being built"
    NOTHING = "nothing"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUsage:
    """What the database of sessions holds already of one instrument's use.

    Attributes
    ----------
    latest_start
        Aware time of the last start; None before the first.
    unbuilt
        Identifiers of the sessions that have not been built, in order.
    """

    latest_start: datetime | None
    unbuilt: tuple[str, ...]


def is_usage_event(session_identifier: str, instrument: Instrument | None) -> bool:
    """Tell whether NEMO counts this session, so that it has the word on its times."""
    return bool(instrument and instrument.harvester is Harvester.NEMO and _USAGE_EVENT in session_identifier)
