"""The end of an attempt, read from the books alone: what was done decides the session's state, not what a run says."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from nexuslims_core.codec import AnyPath
from nexuslims_core.db.database import Attempt
from nexuslims_core.errors import (
    ConfigurationError,
    ConsentUnknownError,
    NoConsentError,
    NoFilesFoundError,
    PublishingError,
    StageUnfinishedError,
)
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility

log = logging.getLogger(__name__)

STATUS_AFTER = {
    NoFilesFoundError.__name__: RecordStatus.NO_FILES_FOUND,
    NoConsentError.__name__: RecordStatus.NO_CONSENT,
}
"""End state by the error that ended the attempt; anything else is ERROR."""

WAITS_AFTER = frozenset({ConsentUnknownError.__name__})
"""Errors after which a session goes on waiting to be built."""

PUBLISHES = "upload_record"
"""The stage that publishes; to import it from there would load lxml and numpy wherever a DAG is only read."""

NOT_PUBLISHED = (
    "it was built without a destination to publish to: set NEXUSLIMS_CDCS_URL or NEXUSLIMS_SITE_PATH, then run "
    "`nexuslims publish --pending`"
)
UNFINISHED = "its upload did not finish: housekeeping goes on with it, and so does `nexuslims publish --pending`"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """How an attempt ended.

    Attributes
    ----------
    record
        The valid record under DATA_PATH/records; None if there is none.
    receipt
        The first of ``receipts``; None if there is none.
    receipts
        Of the destinations that hold exactly this record.
    reason
        Why it is not COMPLETED, in a sentence; None if it is.
    seconds
        Stage to how long it took, where one process did them all; empty where nobody took the time.
    """

    session_identifier: str
    attempt: int
    status: RecordStatus
    activities: int = 0
    datasets: int = 0
    unreadable: int = 0
    record: AnyPath | None = None
    receipt: Receipt | None = None
    receipts: tuple[Receipt, ...] = ()
    reason: str | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


def finish(facility: Facility, claim: Claim) -> BuildReport:
    """Close the attempt with the state that the books prove, and return the report; a second call says the same."""
    attempt = facility.database.attempt(claim)
    reason: str | None
    receipts = _receipts(facility, attempt)
    if attempt.is_open and _waits(attempt):
        status, reason = RecordStatus.TO_BE_BUILT, str(attempt.error_sentence)
        facility.database.put_back(claim, reason, facility.now())
    elif attempt.is_open:
        status, reason = _verdict(facility, attempt, receipts)
        if reason and attempt.error_type is None:
            facility.database.note_failure(claim, *_unfinished(attempt, reason), reason)
        facility.database.close(claim, status, facility.now())
    else:
        status, reason = _standing(facility, attempt)
    log.info("session %s: %s%s", claim.session.session_identifier, status, f": {reason}" if reason else "")
    return BuildReport(
        session_identifier=claim.session.session_identifier,
        attempt=claim.attempt,
        status=status,
        activities=attempt.activities or 0,
        datasets=attempt.datasets or 0,
        unreadable=attempt.unreadable or 0,
        record=attempt.record_path,
        receipt=receipts[0] if receipts else None,
        receipts=receipts,
        reason=reason,
    )


def _waits(attempt: Attempt) -> bool:
    return attempt.record_path is None and attempt.error_type in WAITS_AFTER


def _unfinished(attempt: Attempt, reason: str) -> tuple[str, str]:
    """Return the stage that did not finish, and the error that tells of it."""
    if attempt.record_path is None:
        return attempt.stage or "claim", StageUnfinishedError.__name__
    return PUBLISHES, (ConfigurationError if reason == NOT_PUBLISHED else StageUnfinishedError).__name__


def _receipts(facility: Facility, attempt: Attempt) -> tuple[Receipt, ...]:
    """Return the receipts of the facility's destinations for exactly the record of this attempt."""
    found = (facility.database.publication(attempt.session_identifier, store.name) for store in facility.stores)
    return tuple(receipt for receipt in found if receipt and receipt.sha256 == attempt.record_sha256)


def _verdict(facility: Facility, attempt: Attempt, receipts: tuple[Receipt, ...]) -> tuple[RecordStatus, str | None]:
    if facility.stores and len(receipts) == len(facility.stores):
        return RecordStatus.COMPLETED, None
    if attempt.record_path is not None and attempt.error_type != PublishingError.__name__:
        return RecordStatus.BUILT_NOT_EXPORTED, attempt.error_sentence or _pending(facility, attempt)
    if attempt.error_type is None:
        return RecordStatus.ERROR, f"{attempt.stage or 'claim'} did not finish: see its task's log, then requeue"
    return STATUS_AFTER.get(attempt.error_type, RecordStatus.ERROR), attempt.error_sentence


def _pending(facility: Facility, attempt: Attempt) -> str:
    """Say why a record is not everywhere whose attempt does not know."""
    if not facility.stores:
        return NOT_PUBLISHED
    names = {store.name for store in facility.stores}
    known = facility.database.publications_of(attempt.session_identifier)
    said = (each.last_error for each in known if each.destination in names and not each.published)
    return "; ".join(filter(None, said)) or UNFINISHED


def _standing(facility: Facility, attempt: Attempt) -> tuple[RecordStatus, str | None]:
    """Return how an attempt ended that is closed already, or where the session stands that somebody else took over."""
    if isinstance(attempt.outcome, RecordStatus):
        completed = attempt.outcome is RecordStatus.COMPLETED
        return attempt.outcome, None if completed else attempt.error_sentence
    now = facility.database.summary(attempt.session_identifier).status
    if _waits(attempt):
        return now, attempt.error_sentence
    return now, f"attempt {attempt.number} was {attempt.outcome} when its claim had run out; its work counts no more"
