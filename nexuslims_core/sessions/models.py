"""A session, the logs that it is paired from, and the claim of the one who builds it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.states import RecordStatus


class EventType(StrEnum):
    """What a row of ``session_log`` tells."""

    START = "START"
    END = "END"
    RECORD_GENERATION = "RECORD_GENERATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLog:
    """One row of ``session_log``.

    Attributes
    ----------
    id_session_log
        The row's number; None for a row that is not in the database yet.
    timestamp
        Aware time of the event.
    user
        Login name on the instrument; not trustworthy, since not every instrument asks for it.
    """

    session_identifier: str
    instrument_pid: str
    timestamp: datetime
    event_type: EventType
    record_status: RecordStatus
    user: str | None = None
    id_session_log: int | None = None

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is None:
            raise ValueError(f"session {self.session_identifier}: the {self.event_type} log needs a zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One user's stretch of time on one instrument.

    Attributes
    ----------
    dt_from, dt_to
        Aware times, ``dt_from < dt_to``; files are searched in ``[dt_from, dt_to]``, both ends included.
    user
        Login name on the instrument; not trustworthy, since not every instrument asks for it.
    """

    session_identifier: str
    instrument: Instrument
    dt_from: datetime
    dt_to: datetime
    user: str | None = None

    def __post_init__(self) -> None:
        if self.dt_from.tzinfo is None or self.dt_to.tzinfo is None:
            raise ValueError(f"session {self.session_identifier}: times need a zone")
        if self.dt_to <= self.dt_from:
            raise ValueError(f"session {self.session_identifier}: ends before it starts")

    @property
    def label(self) -> str:
        """What the session is called in lists and in Airflow's grid, such as ``Titan 2019-11-13 10:00 (ada)``."""
        start = self.dt_from.astimezone(self.instrument.zone)
        who = f" ({self.user})" if self.user else ""
        return f"{self.instrument.schema_name} {start:%Y-%m-%d %H:%M}{who}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFinding:
    """Why a log, or a session made from logs, cannot be built, in a sentence for a person."""

    session_identifier: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right of one holder to build one session: its open attempt.

    Attributes
    ----------
    attempt
        Counts the attempts on this session from 1.
    holder
        Run id and map index, or host, process and start time: who the claim belongs to.
    """

    session: Session
    attempt: int
    holder: str
