"""The books of building: who builds which session, how far it came, and what destinations hold of its record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from nexuslims_core.db import lives
from nexuslims_core.db.repositories import builds, deliveries, publications, session_logs, unpublished
from nexuslims_core.db.repositories.builds import Lease
from nexuslims_core.db.transactions import Transactions
from nexuslims_core.errors import NexusLimsError
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.publications import Publication, Unpublished
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.turnaround import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildBooks(Transactions):
    """Attempts and publications; each method is one transaction."""

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

    def claim_publication(self, built: Attempt, holder: str, now: datetime, lease: timedelta) -> Claim:
        """Open an attempt that publishes a record which is built, or give back the one that this holder has open.

        Parameters
        ----------
        built
            The attempt that built it.

        Raises
        ------
        ClaimedElsewhereError
            If another holder's attempt is open and its lease has not run out.
        SessionStateError
            If the session is not BUILT_NOT_EXPORTED.
        UnknownSessionError
            If it never started.
        """
        with self._writing() as transaction:
            held = Lease(holder=holder, now=now, length=lease)
            return lives.claim_publication(transaction, built.session_identifier, built, held)

    def unpublished(self) -> tuple[Unpublished, ...]:
        """Return the sessions that are BUILT_NOT_EXPORTED and whose record is known, the one sent longest ago first."""
        with self._reading() as transaction:
            return unpublished.every(transaction)

    def records(self) -> tuple[tuple[str, Path], ...]:
        """Return every record that was ever built, with its session, the oldest attempt first."""
        with self._reading() as transaction:
            return builds.records(transaction)

    def renew(self, claim: Claim, stage: str, now: datetime, lease: timedelta) -> None:
        """Begin a stage: keep the claim for longer, and forget what this stage failed with before.

        Raises
        ------
        ClaimLostError
            If the claim is not its holder's any more; so do all ``note_…`` of a claim.
        """
        with self._writing_once() as transaction:
            builds.enter(transaction, claim, stage, Lease(holder=claim.holder, now=now, length=lease))

    def note_failure(self, claim: Claim, stage: str, error_type: str, sentence: str) -> None:
        """Write down why a stage failed."""
        with self._writing_once() as transaction:
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
        with self._writing_once() as transaction:
            builds.count(transaction, claim, counts)

    def note_record(self, claim: Claim, path: Path, sha256: str) -> None:
        """Write down where the record is, and the digest of its XML."""
        with self._writing_once() as transaction:
            builds.keep_record(transaction, claim, path, sha256)

    def attempt(self, claim: Claim) -> Attempt:
        """Return the attempt that a claim stands for, open or not."""
        with self._reading_once() as transaction:
            return builds.of_claim(transaction, claim)

    def attempts(self, session_identifier: str) -> tuple[Attempt, ...]:
        """Return all attempts on a session, the first one first."""
        with self._reading_once() as transaction:
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

    def put_back(self, claim: Claim, reason: str, now: datetime) -> None:
        """End an attempt so that its session goes on waiting, and keep why."""
        with self._writing() as transaction:
            lives.put_back(transaction, claim, reason, now)

    def note_missing_reservation(self, claim: Claim, reason: str | None) -> None:
        """Write down why the record is built without asking the calendar; None where it was asked."""
        with self._writing_once() as transaction:
            builds.miss_reservation(transaction, claim, reason)

    def deliveries(self, ended_since: datetime) -> tuple[Delivery, ...]:
        """Return the sessions that ended since then and have a record online, or are to have one."""
        with self._reading() as transaction:
            return deliveries.since(transaction, ended_since)

    def lacking_reservation(self) -> tuple[Attempt, ...]:
        """Return the last attempt of each session whose record was built while its calendar was away."""
        with self._reading() as transaction:
            return builds.lacking_reservation(transaction)

    def awaiting_consent(self) -> int:
        """Return how many sessions wait since nobody can tell whether their users agreed to a record."""
        with self._reading() as transaction:
            return builds.awaiting_consent(transaction)

    # ---- publications

    def begin_publication(
        self, session_identifier: str, destination: str, title: str, sha256: str, now: datetime
    ) -> None:
        """Write down what a destination is about to be sent, before it is: whoever dies meanwhile is found by it."""
        with self._writing_books() as transaction:
            session_logs.lock(transaction, session_identifier)
            publications.begin(transaction, session_identifier, destination, title, sha256, now)

    def note_publication(self, session_identifier: str, receipt: Receipt, title: str, now: datetime) -> None:
        """Write down that a destination holds the record."""
        with self._writing_books() as transaction:
            session_logs.lock(transaction, session_identifier)
            publications.succeed(transaction, session_identifier, receipt, title, now)

    def note_publication_failed(
        self, session_identifier: str, destination: str, title: str, error: NexusLimsError, now: datetime
    ) -> None:
        """Write down why a destination did not take the record, and when it is sent again."""
        with self._writing_books() as transaction:
            session_logs.lock(transaction, session_identifier)
            publications.fail(transaction, session_identifier, destination, title, error, now)

    def publication(self, session_identifier: str, destination: str) -> Receipt | None:
        """Return the proof that a destination holds the record; None if the last try did not succeed."""
        with self._reading_once() as transaction:
            return publications.receipt(transaction, session_identifier, destination)

    def publications_of(self, session_identifier: str) -> tuple[Publication, ...]:
        """Return what each destination holds of a session's record, by the destination's name."""
        with self._reading_once() as transaction:
            return publications.of_session(transaction, session_identifier)

    def session_titled(self, title: str) -> str | None:
        """Return the session whose record has this title, by what was published or else by what was built."""
        with self._reading() as transaction:
            published = publications.session_titled(transaction, title)
            return published or builds.session_with_record(transaction, f"{title}.xml")

    def title_taken(self, title: str, session_identifier: str) -> bool:
        """Return whether another session than this one has a record of this title."""
        with self._reading_books() as transaction:
            return publications.has_title(transaction, title, beside=session_identifier) or builds.has_record_named(
                transaction, f"{title}.xml", beside=session_identifier
            )
