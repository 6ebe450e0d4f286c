"""Sessions of an old database from its logs: each comes over whole, or is left whole with its reason, alone.

What is odd but says something (a START without an END, a log that is there twice) comes over as it is: pairing heals
or parks it here as it does with new logs. A log that says nothing (no time of any calendar, an unknown word, an
instrument that is not known) leaves its session, since half a session would give half a record; only the log of an
earlier build, which says nothing of the session, may stay behind by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from nexuslims_core.db.adoption.layouts import OldRow
from nexuslims_core.db.adoption.report import Adoption, Kind, LeftBehindError
from nexuslims_core.db.adoption.times import Told, told_time
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.naming import LONGEST_NAME
from nexuslims_core.sessions.states import RecordStatus

Word = TypeVar("Word", bound=StrEnum)

_MEND = "correct it in the old database, then adopt again"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldLog:
    """One log, as it comes over.

    Attributes
    ----------
    number
        Of its row in the old database.
    told
        How its time was read.
    """

    number: int
    log: SessionLog
    told: Told

    @property
    def key(self) -> tuple[EventType, datetime]:
        """What makes it the same log in both databases."""
        return self.log.event_type, self.told.time

    @property
    def healed(self) -> str | None:
        """What was done to its time, in a sentence."""
        return self.told.healed and f"The {self.log.event_type} log {self.told.healed}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OldSession:
    """One session that comes over.

    Attributes
    ----------
    logs
        At least one, by time, then by row.
    """

    identifier: str
    logs: tuple[OldLog, ...]

    @property
    def first(self) -> OldLog:
        """The START that counts, or the first log where there is none."""
        return next((log for log in self.logs if log.log.event_type is EventType.START), self.logs[0])


def read_sessions(
    rows: Iterable[OldRow], instruments: Mapping[str, Instrument], adoption: Adoption
) -> tuple[OldSession, ...]:
    """Return the sessions that can come over, and note why the others cannot.

    Parameters
    ----------
    instruments
        Those that the new database knows, by persistent id, as the old one described them.
    """
    found: list[OldSession] = []
    for identifier, own in _by_session(rows, adoption).items():
        try:
            logs = (*_of_the_session(own, instruments), *_of_builds(own, instruments, adoption))
        except LeftBehindError as error:
            adoption.leave(Kind.SESSIONS, identifier, str(error))
            adoption.counts[Kind.LOGS].left += len(own)
        else:
            if logs:
                ordered = sorted(logs, key=lambda log: (log.told.time, log.number))
                found.append(OldSession(identifier=identifier, logs=tuple(ordered)))
    return tuple(found)


def _by_session(rows: Iterable[OldRow], adoption: Adoption) -> dict[str, list[OldRow]]:
    groups: defaultdict[str, list[OldRow]] = defaultdict(list)
    for row in rows:
        identifier = row.cells.get("session_identifier") or ""
        if identifier.strip() and identifier.isprintable() and len(identifier) <= LONGEST_NAME:
            groups[identifier].append(row)
        else:
            said = f"a session cannot be called {identifier[:LONGEST_NAME]!r}: {_MEND}"
            adoption.leave(Kind.LOGS, f"session_log row {row.number}", said)
    return groups


def _of_the_session(rows: list[OldRow], instruments: Mapping[str, Instrument]) -> list[OldLog]:
    """Return STARTs and ENDs; when the first START was tells which of two hours an END names."""
    own = [row for row in rows if row.text("event_type") != EventType.RECORD_GENERATION]
    starts = [_log(row, instruments) for row in own if row.text("event_type") == EventType.START]
    first = min((start.told.time for start in starts), default=None)
    return starts + [_log(row, instruments, after=first) for row in own if row.text("event_type") != EventType.START]


def _of_builds(rows: list[OldRow], instruments: Mapping[str, Instrument], adoption: Adoption) -> list[OldLog]:
    found: list[OldLog] = []
    for row in rows:
        if row.text("event_type") == EventType.RECORD_GENERATION:
            try:
                found.append(_log(row, instruments))
            except LeftBehindError as error:
                adoption.leave(Kind.LOGS, f"session_log row {row.number}", str(error))
    return found


def _log(row: OldRow, instruments: Mapping[str, Instrument], *, after: datetime | None = None) -> OldLog:
    pid = row.cells.get("instrument") or ""
    if pid not in instruments:
        raise LeftBehindError(
            f"its instrument {pid!r} is not in the new database: "
            "add it with `nexuslims instruments add`, then adopt again"
        )
    told = told_time(row.text("timestamp"), instruments[pid].zone, after=after)
    if told is None:
        raise LeftBehindError(_fault(row, f"has the time {row.cells.get('timestamp')!r}, which does not exist"))
    log = SessionLog(
        session_identifier=row.cells.get("session_identifier") or "",
        instrument_pid=pid,
        timestamp=told.time,
        event_type=_word(EventType, row, "event_type"),
        record_status=_word(RecordStatus, row, "record_status"),
        user=row.cells.get("user"),
    )
    return OldLog(number=row.number, log=log, told=told)


def _word(kind: type[Word], row: OldRow, column: str) -> Word:
    told = row.text(column)
    try:
        return kind(told or "")
    except ValueError as error:
        raise LeftBehindError(_fault(row, f"has the unknown {column} {told!r}")) from error


def _fault(row: OldRow, what: str) -> str:
    return f"its {row.text('event_type')} log in row {row.number} {what}: {_MEND}"
