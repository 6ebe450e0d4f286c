"""The list of sessions: where each stands, and what the last attempt on it left behind.

The database itself sorts out which sessions are wanted; only of these everything is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import builds, findings, session_logs
from nexuslims_core.db.rows import PublicationRow, SessionBuildRow, SessionFindingRow, SessionLogRow
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.listing import Backlog, InstrumentUse, Listing, ListPage, Place, Wanted
from nexuslims_core.sessions.models import EventType, FindingKind, SessionFinding, SessionLog, SessionSummary
from nexuslims_core.sessions.states import END_STATES, RecordStatus

_TOGETHER = 500
"""How many sessions are read at once; databases take only so many values in one statement."""


def listing(transaction: Transaction, wanted: Wanted) -> Listing:
    """Return a line for each session that is wanted, by start, then by identifier, and how many stand where."""
    spans = _spans(wanted).cte("spans")
    identifiers, counts = _newest_and_counts(transaction, spans, wanted.limit)
    return Listing(sessions=_sorted_lines(transaction, identifiers), counts=counts)


def page(transaction: Transaction, wanted: Wanted, after: Place | None) -> ListPage:
    """Return a page of the sessions that are wanted, the newest first; statuses and place do not change the counts.

    Parameters
    ----------
    wanted
        Its limit is the length of the page.
    after
        Where the page before ended; None for the first.
    """
    spans = _spans(replace(wanted, statuses=frozenset(), limit=None)).cte("spans")
    of_page = [*_older(transaction, spans, after)]
    if wanted.statuses:
        of_page.append(spans.c.status.in_(sorted(wanted.statuses)))
    limit = None if wanted.limit is None else wanted.limit + 1
    identifiers, counts = _newest_and_counts(transaction, spans, limit, *of_page)
    lines = _sorted_lines(transaction, identifiers)[::-1]
    return ListPage(sessions=lines[: wanted.limit], counts=counts, has_more=len(lines) == limit)


def uses(transaction: Transaction) -> dict[str, InstrumentUse]:
    """Return what is known of the use of each instrument that a log names, by persistent id."""
    log = SessionLogRow
    own = log.session_identifier
    waiting = case((log.record_status == RecordStatus.TO_BE_BUILT, own))
    failed = case((log.record_status == RecordStatus.ERROR, own))
    query = select(
        log.instrument,
        func.count(own.distinct()),
        func.count(waiting.distinct()),
        func.count(failed.distinct()),
        func.max(log.timestamp),
    ).group_by(log.instrument)
    rows = transaction.execute(query.where(log.event_type != EventType.RECORD_GENERATION))
    return {
        pid: InstrumentUse(sessions=sessions, waiting=waits, failed=fails, last_heard=last)
        for pid, sessions, waits, fails, last in rows
    }


def _newest_and_counts(
    transaction: Transaction, spans: CTE, limit: int | None, *of_newest: ColumnElement[bool]
) -> tuple[list[str], dict[RecordStatus, int]]:
    """Return the newest sessions for which all of ``of_newest`` holds, and how many of all stand where."""
    nothing = cast(null(), Text)
    newest = (
        select(spans.c.session_identifier, nothing.label("status"), literal(0).label("count"))
        .where(*of_newest)
        .order_by(spans.c.start.desc(), _by_character(transaction, spans).desc())
    )
    counted = select(nothing, cast(spans.c.status, Text), func.count()).group_by(spans.c.status)
    answer = transaction.execute(union_all(select(newest.limit(limit).subquery()), counted)).all()
    counts = {RecordStatus(status): count for _, status, count in answer if status is not None}
    identifiers = [identifier for identifier, status, _ in answer if status is None]
    return identifiers, {status: counts[status] for status in RecordStatus if status in counts}


def _older(transaction: Transaction, spans: CTE, after: Place | None) -> Iterator[ColumnElement[bool]]:
    if after is not None:
        before = _by_character(transaction, spans) < after.session_identifier
        yield or_(spans.c.start < after.start, and_(spans.c.start == after.start, before))


def _by_character(transaction: Transaction, spans: CTE) -> ColumnElement[str]:
    """Return the identifier in the order in which Python sorts it, whatever language the database speaks."""
    is_sqlite = transaction.get_bind().dialect.name == "sqlite"
    return spans.c.session_identifier.collate("BINARY" if is_sqlite else "C")


def _sorted_lines(transaction: Transaction, identifiers: Sequence[str]) -> tuple[SessionSummary, ...]:
    """Return the lines of sessions by start, then by identifier."""
    lines = [line for some in _portions(identifiers) for line in _lines(transaction, some)]
    return tuple(sorted(lines, key=lambda line: (line.dt_from, line.session_identifier)))


def listed(transaction: Transaction, wanted: Wanted) -> tuple[SessionSummary, ...]:
    """Return a line for each session that is wanted, by start, then by identifier."""
    return listing(transaction, wanted).sessions


def backlog(transaction: Transaction, now: datetime, long_ago: datetime) -> Backlog:
    """Return how many sessions need a person; open for long is what began before ``long_ago``."""
    spans = _spans(Wanted()).cte("spans")
    of_old = func.sum(case((spans.c.start < long_ago, 1), else_=0))
    counted = transaction.execute(select(spans.c.status, func.count(), of_old).group_by(spans.c.status))
    counts = {RecordStatus(status): (count, old) for status, count, old in counted}
    silent = select(func.count()).where(SessionBuildRow.ended_at.is_(None), SessionBuildRow.lease_until <= now)
    return Backlog(
        failed=counts.get(RecordStatus.ERROR, (0, 0))[0],
        parked=transaction.scalar(_parked(spans)) or 0,
        unpublished=counts.get(RecordStatus.BUILT_NOT_EXPORTED, (0, 0))[0],
        open_for_long=counts.get(RecordStatus.WAITING_FOR_END, (0, 0))[1],
        silent=transaction.scalar(silent) or 0,
    )


def _parked(spans: CTE) -> Select[int]:
    """Return a query of how many failed sessions were parked after the last attempt on them."""
    finding, build = SessionFindingRow, SessionBuildRow
    tried = exists().where(build.session_identifier == finding.session_identifier, build.started_at >= finding.found_at)
    failed = select(spans.c.session_identifier).where(spans.c.status == RecordStatus.ERROR)
    return select(func.count(finding.session_identifier.distinct())).where(
        finding.kind == FindingKind.PARKED, finding.session_identifier.in_(failed), ~tried
    )


def _spans(wanted: Wanted) -> Select[str, datetime, RecordStatus]:
    """Return a query of identifier, start and status: what :func:`_summary` says, reckoned by the database."""
    log = SessionLogRow
    start = func.coalesce(func.min(case((log.event_type == EventType.START, log.timestamp))), func.min(log.timestamp))
    query = (
        select(log.session_identifier, start.label("start"), _standing().label("status"))
        .where(log.event_type != EventType.RECORD_GENERATION, *_of_logs(wanted))
        .group_by(log.session_identifier)
    )
    end = func.max(case((log.event_type == EventType.END, log.timestamp)))
    if wanted.statuses:
        query = query.having(_standing().in_(sorted(wanted.statuses)))
    if wanted.until is not None:
        query = query.having(start <= wanted.until)
    if wanted.since is not None:
        query = query.having(or_(end.is_(None), end >= wanted.since))
    return query


def _standing() -> ColumnElement[RecordStatus]:
    """Return :func:`~nexuslims_core.sessions.states.standing` for the rows of a group."""
    status = SessionLogRow.record_status
    lowest, highest = func.min(status), func.max(status)
    has_ended = func.max(case((status.in_(sorted(END_STATES)), 1), else_=0))
    return case(
        (lowest == highest, lowest),
        (has_ended == 0, literal(RecordStatus.TO_BE_BUILT, status.type)),
        else_=literal(RecordStatus.ERROR, status.type),
    )


def _of_logs(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Yield what a session must be by what one of its logs says; the others of its logs count all the same."""
    log = SessionLogRow
    if wanted.session_identifier is not None:
        yield log.session_identifier == wanted.session_identifier
    if wanted.instrument_pid is not None:
        yield log.session_identifier.in_(_named(SessionLogRow.instrument == wanted.instrument_pid))
    if wanted.user is not None:
        yield log.session_identifier.in_(_named(SessionLogRow.user == wanted.user))


def _named(condition: ColumnElement[bool]) -> Select[str]:
    query = select(SessionLogRow.session_identifier).where(condition)
    return query.where(SessionLogRow.event_type != EventType.RECORD_GENERATION)


def _portions(identifiers: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(identifiers)
    while some := list(islice(rest, _TOGETHER)):
        yield some


def _lines(transaction: Transaction, identifiers: list[str]) -> Iterator[SessionSummary]:
    kept = _kept(transaction, identifiers)
    chosen = select(SessionLogRow.session_identifier).where(SessionLogRow.session_identifier.in_(identifiers))
    for identifier, logs in _by_session(session_logs.of_sessions(transaction, chosen)).items():
        yield _summary(logs, kept.get(identifier, _Kept()))


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


def _kept(transaction: Transaction, identifiers: list[str]) -> dict[str, _Kept]:
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
        lease_until=next((attempt.lease_until for attempt in kept.attempts if attempt.is_open), None),
    )
