"""The sessions whose records are built and not published, found in three queries however many there are."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import builds, publications, session_logs
from nexuslims_core.db.rows import PublicationRow, SessionBuildRow, SessionLogRow
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.publications import Publication, Unpublished
from nexuslims_core.sessions.states import RecordStatus

_STATUS = RecordStatus.BUILT_NOT_EXPORTED


def every(transaction: Transaction) -> tuple[Unpublished, ...]:
    """Return them all, the one that was sent longest ago first."""
    chosen = select(SessionLogRow.session_identifier).where(
        SessionLogRow.record_status == _STATUS, SessionLogRow.event_type == EventType.START
    )
    logs: defaultdict[str, list[SessionLog]] = defaultdict(list)
    for log in session_logs.of_sessions(transaction, chosen):
        logs[log.session_identifier].append(log)
    attempts: defaultdict[str, list[Attempt]] = defaultdict(list)
    rows = select(SessionBuildRow).where(SessionBuildRow.session_identifier.in_(chosen))
    for row in transaction.scalars(rows.order_by(SessionBuildRow.attempt)):
        attempts[row.session_identifier].append(builds.as_attempt(row))
    known: defaultdict[str, list[Publication]] = defaultdict(list)
    sent = select(PublicationRow).where(PublicationRow.session_identifier.in_(chosen))
    for each in transaction.scalars(sent.order_by(PublicationRow.destination)):
        known[each.session_identifier].append(publications.as_publication(each))
    standing = (name for name, said in logs.items() if session_logs.status(said) is _STATUS)
    found = (_unpublished(attempts[name], known[name]) for name in standing)
    return tuple(sorted(filter(None, found), key=lambda each: (each.last_tried_at, each.session_identifier)))


def _unpublished(attempts: list[Attempt], known: list[Publication]) -> Unpublished | None:
    """Return what waits to be published of one session; None where nobody has built a record, or kept where it is."""
    ended = (each for each in reversed(attempts) if each.outcome is _STATUS)
    built = next(ended, None)
    if built is None or built.record_path is None or built.record_sha256 is None:
        return None
    return Unpublished(
        built=built,
        publications=tuple(known),
        lease_until=next((each.lease_until for each in attempts if each.is_open), None),
    )
