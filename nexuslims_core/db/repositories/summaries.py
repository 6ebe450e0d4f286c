"""The list of sessions: where each stands, and what the last attempt on it left behind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import builds, findings, session_logs
from nexuslims_core.db.rows import PublicationRow, SessionBuildRow, SessionFindingRow, SessionLogRow
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import EventType, FindingKind, SessionFinding, SessionLog, SessionSummary
from nexuslims_core.sessions.states import RecordStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sessions to list; what is None does not matter.

    Attributes
    ----------
    since, until
        Aware times; a session is listed when a log of its lies in ``[since, until]``.
    """

    session_identifier: str | None = None
    status: RecordStatus | None = None
    instrument_pid: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def listed(transaction: Transaction, wanted: Wanted) -> tuple[SessionSummary, ...]:
    """Return a line for each session that is wanted, by start, then by identifier."""
    identifiers = _identifiers(wanted)
    kept = _kept(transaction, identifiers)
    logs = _by_session(session_logs.of_sessions(transaction, identifiers))
    lines = [_summary(own, kept.get(identifier, _Kept())) for identifier, own in logs.items()]
    chosen = (line for line in lines if wanted.status in (None, line.status))
    return tuple(sorted(chosen, key=lambda line: (line.dt_from, line.session_identifier)))


@dataclass(slots=True)
class _Kept:
    """What the other tables hold of one session."""

    attempts: list[Attempt] = field(default_factory=list)
    findings: list[SessionFinding] = field(default_factory=list)
    url: str | None = None

    @property
    def error_sentence(self) -> str | None:
        last = self.attempts[-1] if self.attempts else None
        parked = [finding for finding in self.findings if finding.kind is FindingKind.PARKED]
        if parked and (last is None or _at(parked[-1]) > last.started_at):
            return parked[-1].reason
        return last.error_sentence if last else None


def _at(finding: SessionFinding) -> datetime:
    return finding.found_at or datetime.min.replace(tzinfo=UTC)


def _identifiers(wanted: Wanted) -> Select[str]:
    query = select(SessionLogRow.session_identifier).where(SessionLogRow.event_type != EventType.RECORD_GENERATION)
    if wanted.session_identifier is not None:
        query = query.where(SessionLogRow.session_identifier == wanted.session_identifier)
    if wanted.instrument_pid is not None:
        query = query.where(SessionLogRow.instrument == wanted.instrument_pid)
    if wanted.since is not None:
        query = query.where(SessionLogRow.timestamp >= wanted.since)
    if wanted.until is not None:
        query = query.where(SessionLogRow.timestamp <= wanted.until)
    if wanted.status not in (None, RecordStatus.ERROR):  # rows that disagree make an ERROR, so look at all for that
        query = query.where(SessionLogRow.record_status == wanted.status)
    return query


def _kept(transaction: Transaction, identifiers: Select[str]) -> dict[str, _Kept]:
    kept: defaultdict[str, _Kept] = defaultdict(_Kept)
    attempts = select(SessionBuildRow).where(SessionBuildRow.session_identifier.in_(identifiers))
    for build in transaction.scalars(attempts.order_by(SessionBuildRow.attempt)):
        kept[build.session_identifier].attempts.append(builds.as_attempt(build))
    found = select(SessionFindingRow).where(SessionFindingRow.session_identifier.in_(identifiers))
    for finding in transaction.scalars(found.order_by(SessionFindingRow.id_session_finding)):
        kept[finding.session_identifier].findings.append(findings.as_finding(finding))
    published = select(PublicationRow).where(PublicationRow.session_identifier.in_(identifiers))
    for publication in transaction.scalars(published.order_by(PublicationRow.destination)):
        kept[publication.session_identifier].url = kept[publication.session_identifier].url or publication.url
    return kept


def _by_session(logs: Iterable[SessionLog]) -> dict[str, list[SessionLog]]:
    groups: defaultdict[str, list[SessionLog]] = defaultdict(list)
    for log in logs:
        groups[log.session_identifier].append(log)
    return groups


def _summary(logs: list[SessionLog], kept: _Kept) -> SessionSummary:
    starts = [log for log in logs if log.event_type is EventType.START]
    ends = [log for log in logs if log.event_type is EventType.END]
    first = (starts or logs)[0]
    return SessionSummary(
        session_identifier=first.session_identifier,
        instrument_pid=first.instrument_pid,
        dt_from=first.timestamp,
        dt_to=ends[-1].timestamp if ends else None,
        user=next((log.user for log in starts + ends if log.user), None),
        status=session_logs.status(logs),
        attempts=len(kept.attempts),
        error_sentence=kept.error_sentence,
        record_path=next((attempt.record_path for attempt in reversed(kept.attempts) if attempt.record_path), None),
        url=kept.url,
    )
