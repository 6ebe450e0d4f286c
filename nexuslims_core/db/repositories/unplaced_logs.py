"""Logs by another hand whose time is not whole UTC, turned into UTC before anybody reads them.

SQLite keeps any text as a time, and looks at foreign keys only where a program asks for it. A partial index names the
rows that need this, so looking for them costs nothing where there are none.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Text, TextClause, bindparam, cast, func, select, text, update
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import findings, instruments, session_logs
from nexuslims_core.db.rows import UNPLACED_IN_POSTGRESQL, UNPLACED_IN_SQLITE, SessionLogRow
from nexuslims_core.sessions.clocks import NO_TIME, ReadTime, read_time
from nexuslims_core.sessions.commands import on_session
from nexuslims_core.sessions.models import EventType, FindingKind, SessionFinding
from nexuslims_core.sessions.states import RecordStatus

_UNPLACED = {"sqlite": UNPLACED_IN_SQLITE, "postgresql": UNPLACED_IN_POSTGRESQL}
_QUOTED = 60
_UTC = ZoneInfo("UTC")


def some(transaction: Transaction) -> bool:
    """Return whether there is a log whose time is not whole UTC."""
    query = select(SessionLogRow.id_session_log).where(_unplaced(transaction)).limit(1)
    return transaction.scalar(query) is not None


def place(transaction: Transaction, now: datetime) -> None:
    """Turn all such times into UTC and keep what was written; park the sessions of those that cannot be turned.

    A time with an offset is what it says, a naive one is the clock beside the instrument (see sessions/clocks.py).
    What cannot be read becomes :data:`NO_TIME`; naive times of an instrument that is not known are taken as UTC.
    """
    zones = {each.instrument_pid: each.zone for each in instruments.usable(transaction)}
    placed: list[_Placed] = []
    for identifier, logs in _by_session(transaction).items():
        placed += _place(transaction, identifier, logs, zones)
    _keep(transaction, placed)
    findings.add(transaction, *(each.healed(now) for each in placed if not each.is_plain))
    reasons = {each.log.session_identifier: each.reason for each in reversed(placed) if each.reason}
    for identifier, reason in sorted(reasons.items()):
        if session_logs.join(transaction, identifier, RecordStatus.ERROR):
            findings.add(transaction, SessionFinding(session_identifier=identifier, reason=reason, found_at=now))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unplaced:
    """A log as it was written."""

    number: int
    session_identifier: str
    instrument_pid: str
    event: EventType
    said: str

    @property
    def quoted(self) -> str:
        return ascii(self.said[:_QUOTED])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """The time that a log got.

    Attributes
    ----------
    reason
        Why its session cannot be built, where the time is a guess.
    is_plain
        Whether the text said that very time with its offset, so that there was nothing to heal.
    """

    log: _Unplaced
    time: datetime
    told: str
    reason: str | None
    is_plain: bool = False

    def healed(self, now: datetime) -> SessionFinding:
        return SessionFinding(
            session_identifier=self.log.session_identifier,
            reason=f"The {self.log.event} log said {self.log.quoted}, {self.told}.",
            kind=FindingKind.HEALED,
            found_at=now,
            id_session_log=self.log.number,
            log_time=self.time,
        )


def _unplaced(transaction: Transaction, *, truly: bool = True) -> TextClause:
    """Return the condition in the very words of the index, without which it would not be used, or its contrary."""
    words = _UNPLACED[transaction.get_bind().dialect.name]
    return text(words if truly else f"NOT ({words})")


def _by_session(transaction: Transaction) -> Mapping[str, list[_Unplaced]]:
    """Return the logs of each session, STARTs first: they tell which of two hours an END names."""
    row = SessionLogRow
    columns = (row.id_session_log, row.session_identifier, row.instrument, row.event_type, cast(row.timestamp, Text))
    query = select(*columns).where(_unplaced(transaction)).order_by(row.id_session_log)
    groups: defaultdict[str, list[_Unplaced]] = defaultdict(list)
    for number, identifier, pid, event, said in transaction.execute(query.with_for_update()):
        groups[identifier].append(
            _Unplaced(number=number, session_identifier=identifier, instrument_pid=pid, event=event, said=str(said))
        )
    for logs in groups.values():
        logs.sort(key=lambda log: (log.event is not EventType.START, log.number))
    return groups


def _first_start(transaction: Transaction, identifier: str) -> datetime | None:
    """Return the first START of a session that is placed already, or None."""
    row = SessionLogRow
    starts = select(func.min(row.timestamp)).where(
        row.session_identifier == identifier, row.event_type == EventType.START
    )
    return transaction.scalar(starts.where(_unplaced(transaction, truly=False)))


def _place(
    transaction: Transaction, identifier: str, logs: Iterable[_Unplaced], zones: Mapping[str, ZoneInfo]
) -> Iterator[_Placed]:
    """Yield the time of each log of one session."""
    start: datetime | None = None
    for log in logs:
        if log.event is EventType.END and start is None:
            start = _first_start(transaction, identifier)
        zone = zones.get(log.instrument_pid)
        read = read_time(log.said, zone or _UTC, after=start if log.event is EventType.END else None)
        time, told = (
            (read.time, read.how) if read else (NO_TIME, f"which is no time: it is kept as {NO_TIME.isoformat()}")
        )
        if read and log.event is EventType.START:
            start = min(start or read.time, read.time)
        yield _Placed(
            log=log,
            time=time,
            told=told,
            reason=_reason_to_park(log, read, zone),
            is_plain=read is not None and read.by_offset,
        )


def _keep(transaction: Transaction, placed: Iterable[_Placed]) -> None:
    rows = [{"row": each.log.number, "time": each.time} for each in placed]
    table = SessionLogRow.metadata.tables[SessionLogRow.__tablename__]
    statement = update(table).where(table.c.id_session_log == bindparam("row")).values(timestamp=bindparam("time"))
    if rows:
        transaction.connection().execute(statement, rows)


def _reason_to_park(log: _Unplaced, read: ReadTime | None, zone: ZoneInfo | None) -> str | None:
    """Return why a session with this log cannot be built; None where its time is sure, or says nothing of it."""
    if log.event is EventType.RECORD_GENERATION:
        return None
    if read is None:
        return (
            f"its {log.event} said {log.quoted}, which is no time, and is kept as {NO_TIME.isoformat()}: "
            f"correct that with `{_amend(log, f'--{log.event.lower()}', 'TIME')}`"
        )
    if zone is None and not read.by_offset:
        return (
            f"its {log.event} said {log.quoted} without a zone, and instrument {log.instrument_pid!r} is not in the "
            "instruments table, or its row there cannot be used, so the time was taken as UTC: once it is "
            f"there, correct all with `{_amend(log, '--instrument', 'PID', '--start', 'TIME', '--end', 'TIME')}`"
        )
    return None


def _amend(log: _Unplaced, *options: str) -> str:
    return on_session("sessions amend", log.session_identifier, *options)
