"""What the books hold of one session, and what can be read from it."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import FindingKind, SessionFinding, SessionLog, SessionSummary
from nexuslims_core.sessions.publications import Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the books hold of one session.

    Attributes
    ----------
    instrument
        None where its row is not there or cannot be used.
    logs
        START and END logs in UTC, by time.
    attempts, findings
        The first one first.
    publications
        One for each destination.
    """

    summary: SessionSummary
    instrument: Instrument | None = None
    logs: tuple[SessionLog, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    findings: tuple[SessionFinding, ...] = ()
    publications: tuple[Publication, ...] = ()

    @property
    def zone(self) -> tzinfo:
        """The instrument's zone, UTC where it has none."""
        return self.instrument.zone if self.instrument else UTC

    @property
    def last_attempt(self) -> Attempt | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def open_attempt(self) -> Attempt | None:
        """The attempt that nobody ended."""
        return next((attempt for attempt in self.attempts if attempt.is_open), None)

    @property
    def parking(self) -> SessionFinding | None:
        """The finding that parked the session; None if it was never parked, or tried again since."""
        parked, last = self.newest(FindingKind.PARKED), self.last_attempt
        if parked is None or last is None or parked.found_at is None:
            return parked
        return parked if parked.found_at > last.started_at else None

    def newest(self, kind: FindingKind) -> SessionFinding | None:
        """Return the last finding of a kind."""
        return next((finding for finding in reversed(self.findings) if finding.kind is kind), None)

    def is_held(self, now: datetime) -> bool:
        """Return whether somebody builds the session and was heard of lately."""
        return self.open_attempt is not None and self.open_attempt.lease_until > now
