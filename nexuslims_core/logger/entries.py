"""What a logger says of a session, and who writes it down."""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from enum import StrEnum
from typing import Protocol

from nexuslims_core.errors import (
    NexusLimsError,
    ServiceUnavailableError,
    SessionStateError,
    UnknownInstrumentError,
    UnknownSessionError,
)


class Event(StrEnum):
    """What happened to a session."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A session started or ended. Said twice, it is the same: its id and time are made before it is said at all.

    Attributes
    ----------
    at
        When; a naive time is in the zone of the instrument, which only the facility knows.
    stated
        Whether somebody said when. Otherwise it is when the command was called, and where the same is written down
        already, it is the same whatever time stands there.
    instrument, user
        Where, and who; an end says neither.
    """

    event: Event
    session: str
    at: datetime
    instrument: str | None = None
    user: str | None = None
    stated: bool = True

    def __post_init__(self) -> None:
        if not MINYEAR < self.at.year < MAXYEAR:
            raise ValueError(f"no session was ever in the year {self.at.year}")
        if (self.instrument is not None) is not (self.event is Event.START):
            raise ValueError("a start names its instrument, an end does not")

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"the {self.event} of session {self.session}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How a session stands once an entry is written down.

    Attributes
    ----------
    status
        A word of ``RecordStatus``; text, since the facility may be of a later release.
    start, end
        Aware times; the answer to a start knows no end.
    """

    session: str
    status: str
    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if any(time is not None and time.tzinfo is None for time in (self.start, self.end)):
            raise ValueError(f"session {self.session}: times need a zone")


class RefusedError(NexusLimsError):
    """What an entry says is not accepted, and never will be."""


class StumbledError(ServiceUnavailableError):
    """The facility has a fault that this entry brought to light, and that others may not."""


REFUSALS = (RefusedError, UnknownSessionError, UnknownInstrumentError, SessionStateError)
"""After every other error of :meth:`Logbook.write` the same entry may be accepted later."""


class Logbook(Protocol):
    """Where entries are written down: the database of sessions, or an Airflow that has it."""

    def write(self, entry: Entry) -> Written:
        """Write an entry down, or find that it is written already.

        Raises
        ------
        RefusedError, UnknownSessionError, UnknownInstrumentError, SessionStateError
            If it is refused for good.
        UnexpectedAnswerError, StumbledError, UnusableInstrumentError
            If this entry got an answer that means nothing, or its instrument's row is broken; another one may fare
            better.
        NexusLimsError
            If nothing can be written now: nobody answers, or a setting is wrong.
        """
