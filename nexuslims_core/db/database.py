"""The database of sessions: the only truth about what was done.

Each method is one transaction. On SQLite and PostgreSQL alike any number of processes may call them at the same time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db import lives, logbook, upgrading
from nexuslims_core.db.engine import connect, in_sentences, writing
from nexuslims_core.db.repositories import builds, findings, instruments, publications, session_logs, summaries
from nexuslims_core.db.repositories.builds import Lease
from nexuslims_core.db.repositories.summaries import Wanted
from nexuslims_core.errors import UnknownSessionError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import (
    Claim,
    EventType,
    Session,
    SessionFinding,
    SessionLog,
    SessionSummary,
)
from nexuslims_core.sessions.states import RecordStatus

__all__ = ["Attempt", "Database"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The sessions of a facility.

    Attributes
    ----------
    clock
        Tells the time of what the database writes down by itself: findings and publications.
    """

    engine: Engine
    clock: Callable[[], datetime] = _utc_now

    @classmethod
    def open(cls, url: str) -> "Database":
        """Return the database at ``url``, which has the tables of this release.

        Raises
        ------
        ConfigurationError
            If ``url`` names no SQLite file and no PostgreSQL database.
        DatabaseError
            If there is none, or it is of another release; the sentence says what to do.
        """
        engine = connect(url)
        upgrading.check(engine)
        return cls(engine=engine)

    @classmethod
    def create(cls, url: str) -> "Database":
        """Return the database at ``url``, made or brought to this release first where needed."""
        engine = connect(url)
        upgrading.upgrade(engine)
        return cls(engine=engine)

    # ---- instruments

    def add_instrument(self, instrument: Instrument) -> None:
        """Insert an instrument, or replace what is kept of it."""
        with self._writing() as transaction:
            instruments.put(transaction, instrument)

    def instruments(self) -> tuple[Instrument, ...]:
        """Return all instruments by persistent id."""
        with self._reading() as transaction:
            return instruments.every(transaction)

    def instrument(self, instrument_pid: str) -> Instrument:
        """Return one instrument.

        Raises
        ------
        UnknownInstrumentError
            If there is none.
        """
        with self._reading() as transaction:
            return instruments.get(transaction, instrument_pid)

    # ---- sessions

    def start_session(
        self, instrument_pid: str, user: str | None, at: datetime, session_identifier: str | None = None
    ) -> str:
        """Write down that a session started, and return its identifier.

        Raises
        ------
        UnknownInstrumentError
            If there is no such instrument.
        SessionStateError
            If the identifier is taken or cannot be used.
        """
        log = SessionLog(
            session_identifier=session_identifier if session_identifier is not None else str(uuid4()),
            instrument_pid=instrument_pid,
            timestamp=at,
            event_type=EventType.START,
            record_status=RecordStatus.WAITING_FOR_END,
            user=user,
        )
        with self._writing() as transaction:
            logbook.start(transaction, log)
        return log.session_identifier

    def end_session(self, session_identifier: str, at: datetime) -> None:
        """Write down that a session ended, so that it waits to be built.

        Raises
        ------
        UnknownSessionError
            If it never started.
        SessionStateError
            If it has ended already, or would end before it started.
        """
        with self._writing() as transaction:
            logbook.end(transaction, session_identifier, at)

    def waiting_sessions(self, instrument_pid: str | None = None) -> tuple[Session, ...]:
        """Return the sessions to be built by start, and park those whose logs cannot be joined, each by itself."""
        with self._reading() as transaction:
            paired = lives.waiting(transaction, instrument_pid)
        for finding in paired.findings:
            with self._writing() as transaction:
                lives.park(transaction, finding.session_identifier, self.clock())
        return paired.sessions

    def session(self, session_identifier: str) -> Session:
        """Return one session, whatever its state.

        Raises
        ------
        UnknownSessionError
            If it never started.
        SessionStateError
            If it has not ended, or its logs cannot be joined.
        """
        with self._reading() as transaction:
            return lives.get(transaction, session_identifier)

    def sessions(
        self,
        status: RecordStatus | None = None,
        instrument: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[SessionSummary, ...]:
        """Return a line for each session by start; those in one state, of one instrument, with a log in a time."""
        with self._reading() as transaction:
            wanted = Wanted(status=status, instrument_pid=instrument, since=since, until=until)
            return summaries.listed(transaction, wanted)

    def summary(self, session_identifier: str) -> SessionSummary:
        """Return the line of one session.

        Raises
        ------
        UnknownSessionError
            If it never started.
        """
        with self._reading() as transaction:
            found = summaries.listed(transaction, Wanted(session_identifier=session_identifier))
        if not found:
            raise UnknownSessionError(session_identifier)
        return found[0]

    def findings(self, session_identifier: str) -> tuple[SessionFinding, ...]:
        """Return why a session was parked or put back, in order."""
        with self._reading() as transaction:
            return findings.of_session(transaction, session_identifier)

    def requeue(self, session_identifier: str, reason: str, now: datetime) -> None:
        """Put a session back to TO_BE_BUILT and keep why; one that waits already is left as it is.

        Raises
        ------
        ClaimedElsewhereError
            If somebody is building it.
        SessionStateError
            If it has not ended.
        UnknownSessionError
            If it never started.
        """
        with self._writing() as transaction:
            lives.requeue(transaction, session_identifier, reason, now)

    # ---- attempts

    def claim(self, session_identifier: str, holder: str, now: datetime, lease: timedelta) -> Claim:
        """Open an attempt on a waiting session, or give back the one that this holder has open.

        Raises
        ------
        ClaimedElsewhereError
            If another holder's attempt is open and its lease has not run out.
        SessionStateError
            If the session is not TO_BE_BUILT.
        UnknownSessionError
            If it never started.
        """
        with self._writing() as transaction:
            return lives.claim(transaction, session_identifier, Lease(holder=holder, now=now, length=lease))

    def renew(self, claim: Claim, stage: str, now: datetime, lease: timedelta) -> None:
        """Begin a stage: keep the claim for longer, and forget what this stage failed with before.

        Raises
        ------
        ClaimLostError
            If the claim is not its holder's any more; so do all ``note_…`` of a claim.
        """
        with self._writing() as transaction:
            builds.enter(transaction, claim, stage, Lease(holder=claim.holder, now=now, length=lease))

    def note_failure(self, claim: Claim, stage: str, error_type: str, sentence: str) -> None:
        """Write down why a stage failed."""
        with self._writing() as transaction:
            builds.fail(transaction, claim, stage, error_type, sentence)

    def note_counts(
        self,
        claim: Claim,
        *,
        files: int | None = None,
        activities: int | None = None,
        datasets: int | None = None,
        unreadable: int | None = None,
    ) -> None:
        """Write down how many were found; what is None stays as it is."""
        counts = {"files": files, "activities": activities, "datasets": datasets, "unreadable": unreadable}
        with self._writing() as transaction:
            builds.count(transaction, claim, counts)

    def note_record(self, claim: Claim, path: Path, sha256: str) -> None:
        """Write down where the record is, and the digest of its XML."""
        with self._writing() as transaction:
            builds.keep_record(transaction, claim, path, sha256)

    def attempt(self, claim: Claim) -> Attempt:
        """Return the attempt that a claim stands for, open or not."""
        with self._reading() as transaction:
            return builds.of_claim(transaction, claim)

    def attempts(self, session_identifier: str) -> tuple[Attempt, ...]:
        """Return all attempts on a session, the first one first."""
        with self._reading() as transaction:
            return builds.of_session(transaction, session_identifier)

    def close(self, claim: Claim, status: RecordStatus, now: datetime) -> None:
        """End an attempt and set the state of all rows of its session; a second time it changes nothing.

        Raises
        ------
        ClaimLostError
            If the attempt was taken over.
        SessionStateError
            If it ended otherwise, or the session may not go there.
        """
        with self._writing() as transaction:
            lives.close(transaction, claim, status, now)

    # ---- publications

    def note_publication(self, session_identifier: str, receipt: Receipt, title: str) -> None:
        """Write down that a destination holds the record."""
        with self._writing() as transaction:
            session_logs.lock(transaction, session_identifier)
            publications.succeed(transaction, session_identifier, receipt, title, self.clock())

    def note_publication_failed(self, session_identifier: str, destination: str, title: str, sentence: str) -> None:
        """Write down why a destination did not take the record."""
        with self._writing() as transaction:
            session_logs.lock(transaction, session_identifier)
            publications.fail(transaction, session_identifier, destination, title, sentence, self.clock())

    def publication(self, session_identifier: str, destination: str) -> Receipt | None:
        """Return the proof that a destination holds the record; None if the last try did not succeed."""
        with self._reading() as transaction:
            return publications.receipt(transaction, session_identifier, destination)

    def title_taken(self, title: str, session_identifier: str) -> bool:
        """Return whether another session than this one has a record of this title."""
        with self._reading() as transaction:
            return publications.has_title(transaction, title, beside=session_identifier) or builds.has_record_named(
                transaction, f"{title}.xml", beside=session_identifier
            )

    # ---- transactions

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        with in_sentences(self.engine), Transaction(self.engine) as transaction, transaction.begin():
            yield transaction

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        with in_sentences(self.engine), Transaction(writing(self.engine)) as transaction, transaction.begin():
            yield transaction
