"""The attempts to build sessions. The open one of a session is the claim; a unique index allows no second."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Executable, Subquery, and_, bindparam, case, cast, func, or_, select, update
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import SessionBuildRow, SessionLogRow
from nexuslims_core.db.types import AnyText
from nexuslims_core.errors import ClaimLostError, ConsentUnknownError
from nexuslims_core.sessions.attempts import Abandonment, Attempt
from nexuslims_core.sessions.models import Claim, EventType
from nexuslims_core.sessions.states import RecordStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """For whom, from when and for how long an attempt is held."""

    holder: str
    now: datetime
    length: timedelta

    @property
    def until(self) -> datetime:
        """When it runs out."""
        return self.now + self.length


def of_session(transaction: Transaction, session_identifier: str) -> tuple[Attempt, ...]:
    """Return all attempts on a session, the first one first."""
    query = select(SessionBuildRow).where(SessionBuildRow.session_identifier == session_identifier)
    return tuple(map(as_attempt, transaction.scalars(query.order_by(SessionBuildRow.attempt))))


def of_claim(transaction: Transaction, claim: Claim) -> Attempt:
    """Return the attempt that a claim stands for, open or not.

    Raises
    ------
    ClaimLostError
        If there is none.
    """
    return as_attempt(_row(transaction, claim))


def open_attempt(transaction: Transaction, session_identifier: str) -> Attempt | None:
    """Return the open attempt on a session."""
    found = (attempt for attempt in of_session(transaction, session_identifier) if attempt.is_open)
    return next(found, None)


def held_sessions(transaction: Transaction, now: datetime) -> frozenset[str]:
    """Return the sessions that somebody is building, whose lease has not run out."""
    query = select(SessionBuildRow.session_identifier).where(
        SessionBuildRow.ended_at.is_(None), SessionBuildRow.lease_until > now
    )
    return frozenset(transaction.scalars(query))


def begin(transaction: Transaction, session_identifier: str, lease: Lease) -> int:
    """Open an attempt and return its number."""
    numbers = select(func.max(SessionBuildRow.attempt)).where(SessionBuildRow.session_identifier == session_identifier)
    number = (transaction.scalar(numbers) or 0) + 1
    row = SessionBuildRow(
        session_identifier=session_identifier,
        attempt=number,
        holder=lease.holder,
        lease_until=lease.until,
        started_at=lease.now,
    )
    transaction.add(row)
    transaction.flush()
    return number


def carry_over(transaction: Transaction, session_identifier: str, number: int, built: Attempt) -> None:
    """Give an attempt the record of an earlier one, and what that has counted."""
    query = select(SessionBuildRow).where(
        SessionBuildRow.session_identifier == session_identifier, SessionBuildRow.attempt == number
    )
    row = transaction.scalars(query).one()
    row.record_path, row.record_sha256 = built.record_path, built.record_sha256
    row.n_files, row.n_activities = built.files, built.activities
    row.n_datasets, row.n_unreadable = built.datasets, built.unreadable
    row.missing_reservation = built.missing_reservation


def end(transaction: Transaction, attempt: Attempt, outcome: RecordStatus | Abandonment, now: datetime) -> None:
    """Close an open attempt."""
    row = SessionBuildRow
    ended = update(row).where(row.session_identifier == attempt.session_identifier, row.attempt == attempt.number)
    transaction.execute(ended.values(outcome=outcome.value, ended_at=now))


def extend(transaction: Transaction, session_identifier: str, lease: Lease) -> None:
    """Make the open attempt on a session last from now on, never shorter than it did."""
    query = select(SessionBuildRow).where(
        SessionBuildRow.session_identifier == session_identifier, SessionBuildRow.ended_at.is_(None)
    )
    row = transaction.scalars(query).one()
    row.lease_until = max(row.lease_until, lease.until)


def enter(transaction: Transaction, claim: Claim, stage: str, lease: Lease) -> None:
    """Write down that a stage begins; what it failed with before no longer counts.

    Raises
    ------
    ClaimLostError
        If the claim is not its holder's any more; so do all functions below.
    """
    values = {"entered": stage, "until": lease.until}
    _write(transaction, claim, _ENTERED, values)


def fail(transaction: Transaction, claim: Claim, stage: str, error_type: str, sentence: str) -> None:
    """Write down why a stage failed."""
    told = {"stage": stage, "error_stage": stage, "error_type": error_type, "error_sentence": sentence}
    _note(transaction, claim, told)


def keep_record(transaction: Transaction, claim: Claim, path: Path, sha256: str) -> None:
    """Write down where the record is, and the digest of its XML."""
    _note(transaction, claim, {"record_path": path, "record_sha256": sha256})


def miss_reservation(transaction: Transaction, claim: Claim, reason: str | None) -> None:
    """Write down why the calendar could not be asked; None where it was."""
    _note(transaction, claim, {"missing_reservation": reason})


def awaiting_consent(transaction: Transaction) -> int:
    """Return how many waiting sessions wait since nobody can tell whether their users agreed to a record."""
    waiting = select(SessionLogRow.session_identifier).where(
        SessionLogRow.event_type == EventType.START, SessionLogRow.record_status == RecordStatus.TO_BE_BUILT
    )
    newest = _newest()
    query = (
        select(func.count())
        .select_from(SessionBuildRow)
        .join(newest, _is_newest(newest))
        .where(
            SessionBuildRow.error_type == ConsentUnknownError.__name__,
            SessionBuildRow.session_identifier.in_(waiting),
        )
    )
    return transaction.scalar(query) or 0


def lacking_reservation(transaction: Transaction) -> tuple[Attempt, ...]:
    """Return the last attempt on each session whose record stands and was built without asking the calendar."""
    standing = select(SessionLogRow.session_identifier).where(
        SessionLogRow.event_type == EventType.START,
        SessionLogRow.record_status.in_((RecordStatus.COMPLETED, RecordStatus.BUILT_NOT_EXPORTED)),
    )
    newest = _newest()
    query = (
        select(SessionBuildRow)
        .join(newest, _is_newest(newest))
        .where(
            SessionBuildRow.missing_reservation.is_not(None),
            SessionBuildRow.session_identifier.in_(standing),
            SessionBuildRow.record_path.is_not(None),
            SessionBuildRow.ended_at.is_not(None),
        )
        .order_by(SessionBuildRow.id_session_build)
    )
    return tuple(as_attempt(row) for row in transaction.scalars(query))


def ended_badly(transaction: Transaction, since: datetime, now: datetime) -> tuple[Attempt, ...]:
    """Return the attempts that ended since then and not COMPLETED, and the open ones whose lease ran out since then."""
    row = SessionBuildRow
    query = select(row).where(
        or_(
            and_(row.ended_at > since, row.outcome != RecordStatus.COMPLETED.value),
            and_(row.ended_at.is_(None), row.lease_until > since, row.lease_until <= now),
        )
    )
    return tuple(map(as_attempt, transaction.scalars(query.order_by(row.id_session_build))))


def _newest() -> Subquery:
    """Return the number of the last attempt on each session."""
    last = select(SessionBuildRow.session_identifier, func.max(SessionBuildRow.attempt).label("number"))
    return last.group_by(SessionBuildRow.session_identifier).subquery()


def _is_newest(newest: Subquery) -> ColumnElement[bool]:
    same = newest.c.session_identifier == SessionBuildRow.session_identifier
    return and_(same, newest.c.number == SessionBuildRow.attempt)


def count(transaction: Transaction, claim: Claim, counts: dict[str, int | None]) -> None:
    """Write down numbers by name (files, activities, datasets, unreadable); None leaves one as it is."""
    known = {f"n_{name}": number for name, number in counts.items() if number is not None}
    if known:
        _note(transaction, claim, known)


def records(transaction: Transaction) -> tuple[tuple[str, Path], ...]:
    """Return every record that was ever built, with its session, the oldest attempt first."""
    row = SessionBuildRow
    query = select(row.session_identifier, row.record_path).where(row.record_path.is_not(None))
    return tuple((name, path) for name, path in transaction.execute(query.order_by(row.id_session_build)) if path)


def has_record_named(transaction: Transaction, name: str, *, beside: str) -> bool:
    """Return whether a session other than ``beside`` has a record in a file of this name."""
    query = select(SessionBuildRow.id_session_build).where(
        SessionBuildRow.session_identifier != beside, _record_is_named(name)
    )
    return transaction.scalars(query.limit(1)).first() is not None


def session_with_record(transaction: Transaction, name: str) -> str | None:
    """Return the session whose newest attempt with a record in a file of this name is the newest of all."""
    query = select(SessionBuildRow.session_identifier).where(_record_is_named(name))
    return transaction.scalars(query.order_by(SessionBuildRow.id_session_build.desc()).limit(1)).first()


def _record_is_named(name: str) -> ColumnElement[bool]:
    path = cast(SessionBuildRow.record_path, AnyText)
    return or_(path == name, path.endswith(f"/{name}", autoescape=True))


def _note(transaction: Transaction, claim: Claim, values: Mapping[str, object]) -> None:
    """Change columns of the row of a claim that is its holder's."""
    _write(transaction, claim, _OPEN.values(values), {})


def _write(transaction: Transaction, claim: Claim, written: Executable, values: Mapping[str, object]) -> None:
    """Change the row of a claim that is its holder's.

    One statement looks and writes, so that it needs no lock: whoever ends the attempt at the same moment does so before
    or after it.
    """
    own = {"of": claim.session.session_identifier, "number": claim.attempt, "by": claim.holder}
    if transaction.execute(written, {**own, **values}).first() is None:
        row = _row(transaction, claim)
        raise ClaimLostError(
            f"session {claim.session.session_identifier}: attempt {claim.attempt} of {claim.holder} "
            f"ended as {row.outcome} at {row.ended_at}, so its work counts no more"
        )


_TABLE = SessionBuildRow.metadata.tables[SessionBuildRow.__tablename__]
_ROW = _TABLE.c
_OPEN = (
    update(_TABLE)
    .where(
        _ROW.session_identifier == bindparam("of"),
        _ROW.attempt == bindparam("number"),
        _ROW.holder == bindparam("by"),
        _ROW.ended_at.is_(None),
    )
    .returning(_ROW.id_session_build)
)
_UNTIL = bindparam("until", type_=_ROW.lease_until.type)
_ENTERED = _OPEN.values(
    stage=bindparam("entered"),
    lease_until=case((_ROW.lease_until < _UNTIL, _UNTIL), else_=_ROW.lease_until),
    **{
        name: case((_ROW.error_stage == bindparam("entered"), None), else_=_ROW[name])
        for name in ("error_stage", "error_type", "error_sentence")
    },
)
"""Made once: it is written with every stage, and making it takes longer than sending it."""


def as_attempt(row: SessionBuildRow) -> Attempt:
    """Return a row as the noun of the core."""
    return Attempt(
        session_identifier=row.session_identifier,
        number=row.attempt,
        holder=row.holder,
        lease_until=row.lease_until,
        started_at=row.started_at,
        ended_at=row.ended_at,
        stage=row.stage,
        outcome=_outcome(row.outcome),
        error_stage=row.error_stage,
        error_type=row.error_type,
        error_sentence=row.error_sentence,
        files=row.n_files,
        activities=row.n_activities,
        datasets=row.n_datasets,
        unreadable=row.n_unreadable,
        record_path=row.record_path,
        record_sha256=row.record_sha256,
        missing_reservation=row.missing_reservation,
    )


def _row(transaction: Transaction, claim: Claim) -> SessionBuildRow:
    query = select(SessionBuildRow).where(
        SessionBuildRow.session_identifier == claim.session.session_identifier,
        SessionBuildRow.attempt == claim.attempt,
        SessionBuildRow.holder == claim.holder,
    )
    row = transaction.scalars(query).first()
    if row is None:
        raise ClaimLostError(
            f"session {claim.session.session_identifier}: {claim.holder} has no attempt {claim.attempt} on it"
        )
    return row


def _outcome(text: str | None) -> RecordStatus | Abandonment | None:
    if text is None:
        return None
    if text in RecordStatus.__members__:
        return RecordStatus(text)
    return Abandonment(text) if text in [*Abandonment] else Abandonment.PUT_BACK  # ended by another hand
