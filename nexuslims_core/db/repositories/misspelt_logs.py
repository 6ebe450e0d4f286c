"""Logs by another hand whose names or words are no text that can be looked for, spelt anew before anybody reads them.

SQLite keeps whatever it is given in a column of text: a BLOB, a NUL, bytes that are no UTF-8. Such a name is found by
no query and sorts beside nothing, so one row would stop the readers of all. A BLOB becomes the text that its bytes are.
In the names of sessions and instruments a NUL and bytes that are no UTF-8 are percent-encoded, so that two names never
become one and people can type them, and a session's name that is too long for a command line is cut; in a user's name
they become the replacement sign. A word that the table's checks refuse, which came in past them, parks its session.

Partial indexes tell which rows to look at, and cost nothing where there are none; only sessions that are called in
another alphabet are read each time, since SQLite cannot tell whether that is UTF-8. PostgreSQL takes none of all this.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import findings, session_logs
from nexuslims_core.db.rows import LONGEST_KEPT, MISSPELT_IN_SQLITE, OTHER_ALPHABETS_IN_SQLITE
from nexuslims_core.db.types import any_text
from nexuslims_core.sessions.models import EventType, FindingKind, SessionFinding
from nexuslims_core.sessions.states import RecordStatus

_QUOTED = 60
_CUT = 400
"""Characters that stay of a name that is too long, before its digest."""
_COLUMNS = ("session_identifier", "instrument", '"user"', "event_type", "record_status")
_CELLS = ", ".join(f"typeof({each}), CAST({each} AS BLOB)" for each in _COLUMNS)
_SOME = text(f"SELECT 1 FROM session_log WHERE {MISSPELT_IN_SQLITE} LIMIT 1")  # noqa: S608 - our own words
_OTHERS = text(
    f"SELECT CAST(group_concat(session_identifier, ' ') AS BLOB) FROM session_log WHERE {OTHER_ALPHABETS_IN_SQLITE}"  # noqa: S608 - our own words
)
_LOOK = text(
    f"SELECT id_session_log, {_CELLS} FROM session_log WHERE {MISSPELT_IN_SQLITE} "  # noqa: S608 - our own words
    f"UNION SELECT id_session_log, {_CELLS} FROM session_log WHERE {OTHER_ALPHABETS_IN_SQLITE} ORDER BY id_session_log"
)
_SPELL = text(
    'UPDATE session_log SET session_identifier = :session, instrument = :instrument, "user" = :user, '
    "event_type = :event, record_status = :status WHERE id_session_log = :number"
).bindparams(*map(bindparam, ("session", "instrument", "user", "event", "status", "number")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One cell: its bytes (None for NULL), whether SQLite holds them as text, and how they are to be kept."""

    written: bytes | None
    is_text: bool
    kept: str | None

    @property
    def is_well(self) -> bool:
        return self.written is None or (self.is_text and self.written == (self.kept or "").encode())

    @property
    def told(self) -> str:
        return f"{(self.written or b'')[:_QUOTED]!r}, which is kept as {(self.kept or '')[:_QUOTED]!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Misspelt:
    """A log with at least one such cell."""

    number: int
    session: _Cell
    instrument: _Cell
    user: _Cell
    event: _Cell
    status: _Cell

    @property
    def identifier(self) -> str:
        return self.session.kept or ""

    @property
    def is_well(self) -> bool:
        return all(cell.is_well for cell in self._cells.values())

    @property
    def says_no_word(self) -> bool:
        """Whether what happened, or where the session stands, is a guess."""
        return any(_known(cell.written or b"", kind) is None for cell, kind in self._words)

    @property
    def values(self) -> dict[str, int | str | None]:
        """What the row is to hold."""
        return {"number": self.number, **{name: cell.kept for name, cell in self._cells.items()}}

    @property
    def _cells(self) -> dict[str, _Cell]:
        names = {"session": self.session, "instrument": self.instrument, "user": self.user}
        return {**names, "event": self.event, "status": self.status}

    @property
    def _words(self) -> tuple[tuple[_Cell, type[EventType | RecordStatus]], ...]:
        return (self.event, EventType), (self.status, RecordStatus)

    def healed(self, now: datetime) -> SessionFinding:
        told = "; ".join(f"the {what} {cell.told}" for what, cell in self._cells.items() if not cell.is_well)
        return SessionFinding(
            session_identifier=self.identifier,
            reason=f"The {self.event.kept} log (row {self.number}) named {told}.",
            kind=FindingKind.HEALED,
            found_at=now,
        )

    def parked(self, now: datetime) -> SessionFinding:
        wrong = " and ".join(
            f"the {what} {(cell.written or b'')[:_QUOTED]!r}"
            for what, (cell, kind) in zip(("event", "state"), self._words, strict=True)
            if _known(cell.written or b"", kind) is None
        )
        return SessionFinding(
            session_identifier=self.identifier,
            reason=(
                f"its log in row {self.number} of session_log says {wrong}, which nobody knows: correct the log, "
                "then requeue the session"
            ),
            found_at=now,
        )


def spelt(written: bytes) -> str:
    """Return bytes as text: UTF-8 as it is, a NUL and whatever is no UTF-8 percent-encoded."""
    letters = written.decode("utf-8", "surrogateescape")
    if not any(map(_is_no_letter, letters)):
        return letters
    return "".join(f"%{ord(each) & 0xFF:02X}" if each == "%" or _is_no_letter(each) else each for each in letters)


def spelt_session(written: bytes) -> str:
    """Return the same for the name of a session, of which the digest stands for what is too long to be typed."""
    name = spelt(written)
    return name if len(name) <= LONGEST_KEPT else f"{name[:_CUT]}…{hashlib.sha256(written).hexdigest()}"


def _is_no_letter(sign: str) -> bool:
    return sign == "\0" or "\udc80" <= sign <= "\udcff"


def _legible(written: bytes) -> str:
    return any_text(written.decode("utf-8", "replace")) or ""


def _known(written: bytes, kind: type[EventType | RecordStatus]) -> str | None:
    """Return the word of a vocabulary that somebody wrote in his own way, or None."""
    word = _legible(written).strip().upper()
    return word if word in kind.__members__ else None


def _event(written: bytes) -> str:
    return _known(written, EventType) or EventType.START  # nothing else has its session listed in any case


def _status(written: bytes) -> str:
    return _known(written, RecordStatus) or RecordStatus.ERROR


def some(transaction: Transaction) -> bool:
    """Return whether there is a log that cannot be looked for."""
    connection: Connection = transaction.connection()
    if connection.dialect.name != "sqlite":
        return False
    if connection.scalar(_SOME) is not None:
        return True
    try:
        (connection.scalar(_OTHERS) or b"").decode()
    except UnicodeDecodeError:
        return True
    return False


def respell(transaction: Transaction, now: datetime) -> None:
    """Spell all such logs anew, keep what was written, and park the sessions of those that say no word.

    The transaction must not look at foreign keys: an instrument that nobody knows is not known under its text either.
    """
    wrong = tuple(_misspelt(transaction))
    for each in wrong:
        transaction.execute(_SPELL, each.values)
    findings.add(transaction, *(each.healed(now) for each in wrong))
    for each in wrong:
        if each.says_no_word:
            session_logs.park(transaction, each.identifier)
            findings.add(transaction, each.parked(now))


def _misspelt(transaction: Transaction) -> Iterator[_Misspelt]:
    """Yield the logs that the indexes name, less those whose names are text of another alphabet."""
    how = (spelt_session, spelt, _legible, _event, _status)
    for number, *cells in transaction.connection().execute(_LOOK).all():
        session, instrument, user, event, status = (
            _Cell(written=written, is_text=kind == "text", kept=None if written is None else keep(written))
            for kind, written, keep in zip(cells[::2], cells[1::2], how, strict=True)
        )
        log = _Misspelt(number=number, session=session, instrument=instrument, user=user, event=event, status=status)
        if not log.is_well:
            yield log
