"""A session, the logs that it is paired from, and the claim of the one who builds it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from nexuslims_core.codec import AnyPath
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
    remarks
        Sentences for the record: what in the logs was healed, and which sessions on the instrument overlap this one.
    """

    session_identifier: str
    instrument: Instrument
    dt_from: datetime
    dt_to: datetime
    user: str | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.dt_from.tzinfo is None or self.dt_to.tzinfo is None:
            raise ValueError(f"session {self.session_identifier}: times need a zone")
        if self.dt_to.astimezone(UTC) <= self.dt_from.astimezone(UTC):  # clocks on the wall go back in autumn
            raise ValueError(f"session {self.session_identifier}: ends before it starts")

    @property
    def label(self) -> str:
        """What the session is called in lists and in Airflow's grid, such as ``Titan 2019-11-13 10:00 (ada)``."""
        start = self.dt_from.astimezone(self.instrument.zone)
        who = f" ({self.user})" if self.user else ""
        return f"{self.instrument.schema_name} {start:%Y-%m-%d %H:%M}{who}"


class FindingKind(StrEnum):
    """What a finding is about: why a session cannot be built, was put back, or waits; what in its logs was mended."""

    PARKED = "parked"
    REQUEUED = "requeued"
    HEALED = "healed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFinding:
    """Something about a session that a person should know, in a sentence.

    Attributes
    ----------
    found_at
        Aware time; None for a finding that is not in the database yet.
    id_session_log
        The log that it is about; such a finding goes when it holds no more. None for what holds for ever.
    log_time
        Aware time that this log has as long as the finding holds; None where it holds as long as pairing finds it.
    """

    session_identifier: str
    reason: str
    kind: FindingKind = FindingKind.PARKED
    found_at: datetime | None = None
    id_session_log: int | None = None
    log_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """One line of the list of sessions; unlike a Session it also stands for logs that cannot be built.

    Attributes
    ----------
    dt_from
        Aware time of the first START, or of the first log where there is no START.
    dt_to
        Aware time of the last END; None while there is none.
    attempts
        How often somebody began to build it.
    error_sentence
        What went wrong last: the last attempt's failure, or the finding that parked it.
    record_path
        Where the last attempt that got so far put the record.
    url
        Where people see the published record.
    lease_until
        When the claim of the one who builds it runs out; None while nobody does.
    """

    session_identifier: str
    instrument_pid: str
    dt_from: datetime
    dt_to: datetime | None
    user: str | None
    status: RecordStatus
    attempts: int = 0
    error_sentence: str | None = None
    record_path: AnyPath | None = None
    url: str | None = None
    lease_until: datetime | None = None


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
