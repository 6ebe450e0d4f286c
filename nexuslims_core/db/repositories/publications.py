"""What each destination holds of each session's record, and what is on its way there."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import PublicationRow
from nexuslims_core.errors import NexusLimsError, PublishingError
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.publications import Publication, PublicationState, next_try


def receipt(transaction: Transaction, session_identifier: str, destination: str) -> Receipt | None:
    """Return the proof that the destination holds the record; None if the last try did not succeed."""
    row = transaction.get(PublicationRow, (session_identifier, destination))
    if row is None or row.state is not PublicationState.PUBLISHED:
        return None
    if row.remote_id is None or row.url is None or row.sha256 is None:
        return None
    return Receipt(destination=destination, record_id=row.remote_id, url=row.url, sha256=row.sha256)


def of_session(transaction: Transaction, session_identifier: str) -> tuple[Publication, ...]:
    """Return what each destination holds of a session's record, by the destination's name."""
    query = select(PublicationRow).where(PublicationRow.session_identifier == session_identifier)
    return tuple(map(as_publication, transaction.scalars(query.order_by(PublicationRow.destination))))


def begin(
    transaction: Transaction, session_identifier: str, destination: str, title: str, sha256: str, now: datetime
) -> None:
    """Write down what is about to be sent; where, and as what, an earlier version is seen stays."""
    row = _row(transaction, session_identifier, destination, title, now)
    if row.state is PublicationState.PUBLISHED or row.pending_sha256 != sha256:
        row.tries = 0
    row.state, row.tries, row.last_tried_at = PublicationState.PENDING, row.tries + 1, now
    row.pending_title, row.pending_sha256 = title, sha256
    row.last_error = row.error_type = None
    row.next_try_at = next_try(now, row.tries)
    row.title = title if row.remote_id is None else row.title


def succeed(transaction: Transaction, session_identifier: str, receipt: Receipt, title: str, now: datetime) -> None:
    """Write down that a destination holds the record; another version that is under way since stays so.

    One that is published since stays too: who sent this lost the claim to whoever sent that.
    """
    row = _row(transaction, session_identifier, receipt.destination, title, now)
    if row.state is PublicationState.PUBLISHED and row.sha256 not in (None, receipt.sha256):
        return
    row.sha256, row.remote_id, row.url = receipt.sha256, receipt.record_id, receipt.url
    row.title = title
    if (row.pending_title, row.pending_sha256) not in ((None, None), (title, receipt.sha256)):
        return
    row.state, row.last_tried_at = PublicationState.PUBLISHED, now
    row.pending_title = row.pending_sha256 = row.last_error = row.error_type = row.next_try_at = None


def fail(
    transaction: Transaction,
    session_identifier: str,
    destination: str,
    title: str,
    error: NexusLimsError,
    now: datetime,
) -> None:
    """Write down why a destination did not take the record, and when it is sent again.

    Where it is published by now, another did that who took the claim over meanwhile, and nothing is to be sent again.
    """
    row = _row(transaction, session_identifier, destination, title, now)
    if row.state is PublicationState.PUBLISHED:
        return
    refused = isinstance(error, PublishingError)
    row.state = PublicationState.REFUSED if refused else PublicationState.FAILED
    row.error_type, row.last_error, row.last_tried_at = type(error).__name__, str(error), now
    row.next_try_at = None if refused else next_try(now, max(row.tries, 1), row.error_type)


def has_title(transaction: Transaction, title: str, *, beside: str) -> bool:
    """Return whether a session other than ``beside`` was published, or tried to be, under this title."""
    query = select(PublicationRow).where(
        or_(PublicationRow.title == title, PublicationRow.pending_title == title),
        PublicationRow.session_identifier != beside,
    )
    return transaction.scalars(query.limit(1)).first() is not None


def session_titled(transaction: Transaction, title: str) -> str | None:
    """Return the session that was published, or tried to be, under this title."""
    query = select(PublicationRow.session_identifier).where(
        or_(PublicationRow.title == title, PublicationRow.pending_title == title)
    )
    return transaction.scalars(query.order_by(PublicationRow.session_identifier).limit(1)).first()


def as_publication(row: PublicationRow) -> Publication:
    """Return a row as the noun of the core."""
    return Publication(
        destination=row.destination,
        title=row.title,
        state=row.state,
        tries=row.tries,
        first_tried_at=row.first_tried_at,
        last_tried_at=row.last_tried_at,
        record_id=row.remote_id,
        url=row.url,
        sha256=row.sha256,
        last_error=row.last_error,
        pending_title=row.pending_title,
        pending_sha256=row.pending_sha256,
        error_type=row.error_type,
        next_try_at=row.next_try_at,
    )


def _row(
    transaction: Transaction, session_identifier: str, destination: str, title: str, now: datetime
) -> PublicationRow:
    row = transaction.get(PublicationRow, (session_identifier, destination))
    if row is None:
        row = PublicationRow(
            session_identifier=session_identifier,
            destination=destination,
            title=title,
            state=PublicationState.PENDING,
            first_tried_at=now,
            last_tried_at=now,
        )
        transaction.add(row)
    return row
