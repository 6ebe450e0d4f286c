"""What each destination holds of each session's record."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import PublicationRow, PublicationState
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.publications import Publication


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
    return tuple(map(_publication, transaction.scalars(query.order_by(PublicationRow.destination))))


def succeed(transaction: Transaction, session_identifier: str, receipt: Receipt, title: str, now: datetime) -> None:
    """Write down that a destination holds the record."""
    row = _row(transaction, session_identifier, receipt.destination, title, now)
    row.state, row.last_error = PublicationState.PUBLISHED, None
    row.sha256, row.remote_id, row.url = receipt.sha256, receipt.record_id, receipt.url
    row.title, row.last_tried_at, row.tries = title, now, row.tries + 1


def fail(
    transaction: Transaction, session_identifier: str, destination: str, title: str, sentence: str, now: datetime
) -> None:
    """Write down why a destination did not take the record; where, and as what, an earlier version is seen stays."""
    row = _row(transaction, session_identifier, destination, title, now)
    row.state, row.last_error = PublicationState.FAILED, sentence
    row.title = title if row.remote_id is None else row.title
    row.last_tried_at, row.tries = now, row.tries + 1


def has_title(transaction: Transaction, title: str, *, beside: str) -> bool:
    """Return whether a session other than ``beside`` was published, or tried to be, under this title."""
    query = select(PublicationRow).where(PublicationRow.title == title, PublicationRow.session_identifier != beside)
    return transaction.scalars(query.limit(1)).first() is not None


def _row(
    transaction: Transaction, session_identifier: str, destination: str, title: str, now: datetime
) -> PublicationRow:
    row = transaction.get(PublicationRow, (session_identifier, destination))
    if row is None:
        row = PublicationRow(
            session_identifier=session_identifier,
            destination=destination,
            title=title,
            state=PublicationState.FAILED,
            first_tried_at=now,
            last_tried_at=now,
        )
        transaction.add(row)
    return row


def _publication(row: PublicationRow) -> Publication:
    return Publication(
        destination=row.destination,
        title=row.title,
        published=row.state is PublicationState.PUBLISHED,
        tries=row.tries,
        first_tried_at=row.first_tried_at,
        last_tried_at=row.last_tried_at,
        record_id=row.remote_id,
        url=row.url,
        sha256=row.sha256,
        last_error=row.last_error,
    )
