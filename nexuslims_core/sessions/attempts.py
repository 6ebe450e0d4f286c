"""One attempt to build a session: who made it, how far it came and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nexuslims_core.codec import AnyPath
from nexuslims_core.sessions.states import RecordStatus


class Abandonment(StrEnum):
    """How an attempt ends that gives the session no state: its holder went silent, or had to wait for a calendar."""

    TAKEN_OVER = "taken over"
    PUT_BACK = "put back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One row of ``session_builds``.

    Attributes
    ----------
    number
        Counts the attempts on this session from 1.
    holder
        Run id and map index, or host, process and start time.
    lease_until
        Aware time after which another holder may take the session over.
    stage
        The last stage that was begun; None before the first.
    outcome
        How it ended; None while it is open.
    error_stage, error_type, error_sentence
        The stage that failed, its error's class and sentence; cleared when that stage is begun again.
    files, activities, datasets, unreadable
        How many it has found so far; None where it has not counted yet.
    record_sha256
        Digest of the record's XML at ``record_path``.
    missing_reservation
        Why the record was built without asking the calendar; None where it was asked.
    started_at, ended_at
        Aware times.
    """

    session_identifier: str
    number: int
    holder: str
    lease_until: datetime
    started_at: datetime
    ended_at: datetime | None = None
    stage: str | None = None
    outcome: RecordStatus | Abandonment | None = None
    error_stage: str | None = None
    error_type: str | None = None
    error_sentence: str | None = None
    files: int | None = None
    activities: int | None = None
    datasets: int | None = None
    unreadable: int | None = None
    record_path: AnyPath | None = None
    record_sha256: str | None = None
    missing_reservation: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on it, or went silent without ending it."""
        return self.ended_at is None

    @property
    def counted(self) -> tuple[str, ...]:
        """What it has found so far, in words such as ``1 file``; what was not counted is left out."""
        counts = (
            (self.files, "file", "files"),
            (self.activities, "activity", "activities"),
            (self.datasets, "dataset", "datasets"),
            (self.unreadable or None, "unreadable", "unreadable"),
        )
        return tuple(f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count is not None)
