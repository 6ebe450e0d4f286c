"""Logs by another hand whose names are no text that can be looked for, spelt anew before anybody reads them.

SQLite keeps whatever it is given in a column of text: a BLOB, a NUL, bytes that are no UTF-8. Such a name is found by
no query and sorts beside nothing, so one row would stop the readers of all. A BLOB becomes the text that its bytes are.
In the names of sessions and instruments a NUL and bytes that are no UTF-8 are percent-encoded, so that two names never
become one and people can type them; in a user's name they become the replacement sign. A partial index tells which rows
to look at. PostgreSQL takes none of these.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.repositories import findings
from nexuslims_core.db.rows import MISSPELT_IN_SQLITE
from nexuslims_core.db.types import any_text
from nexuslims_core.sessions.models import FindingKind, SessionFinding

_QUOTED = 60
_COLUMNS = ("session_identifier", "instrument", '"user"')
_LOOK = text(
    f"SELECT id_session_log, event_type, {', '.join(f'typeof({each}), CAST({each} AS BLOB)' for each in _COLUMNS)} "  # noqa: S608 - our own words
    f"FROM session_log WHERE {MISSPELT_IN_SQLITE} ORDER BY id_session_log"
)
_SPELL = text(
    'UPDATE session_log SET session_identifier = :session, instrument = :instrument, "user" = :user '
    "WHERE id_session_log = :number"
).bindparams(*map(bindparam, ("session", "instrument", "user", "number")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """One cell: its bytes (None for NULL), whether SQLite holds them as text, and how they are to be kept."""

    written: bytes | None
    is_text: bool
    spelt: str | None

    @property
    def is_well(self) -> bool:
        return self.written is None or (self.is_text and self.written == (self.spelt or "").encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Misspelt:
    """A log with at least one such name."""

    number: int
    event: str
    session: _Name
    instrument: _Name
    user: _Name

    def healed(self, now: datetime) -> SessionFinding:
        names = (("session", self.session), ("instrument", self.instrument), ("user", self.user))
        told = "; ".join(
            f"the {what} {(name.written or b'')[:_QUOTED]!r}, which is kept as {(name.spelt or '')[:_QUOTED]!r}"
            for what, name in names
            if not name.is_well
        )
        return SessionFinding(
            session_identifier=self.session.spelt or "",
            reason=f"The {self.event} log (row {self.number}) named {told}.",
            kind=FindingKind.HEALED,
            found_at=now,
        )


def spelt(written: bytes) -> str:
    """Return bytes as text: UTF-8 as it is, a NUL and whatever is no UTF-8 percent-encoded."""
    letters = written.decode("utf-8", "surrogateescape")
    return "".join(
        f"%{ord(each) & 0xFF:02X}" if each == "\0" or "\udc80" <= each <= "\udcff" else each for each in letters
    )


def _legible(written: bytes) -> str:
    return any_text(written.decode("utf-8", "replace")) or ""


def some(transaction: Transaction) -> bool:
    """Return whether there is a log with a name that cannot be looked for."""
    return next(_misspelt(transaction), None) is not None


def respell(transaction: Transaction, now: datetime) -> None:
    """Spell all such names anew and keep what was written.

    The transaction must not look at foreign keys: an instrument that nobody knows is not known under its text either.
    """
    wrong = tuple(_misspelt(transaction))
    for each in wrong:
        names = {"session": each.session.spelt, "instrument": each.instrument.spelt, "user": each.user.spelt}
        transaction.execute(_SPELL, {"number": each.number, **names})
    findings.add(transaction, *(each.healed(now) for each in wrong))


def _misspelt(transaction: Transaction) -> Iterator[_Misspelt]:
    """Yield the logs that the index names, less those whose names are text of another alphabet."""
    connection: Connection = transaction.connection()
    if connection.dialect.name != "sqlite":
        return
    for number, event, *cells in connection.execute(_LOOK).all():
        session, instrument, user = (
            _Name(written=written, is_text=kind == "text", spelt=None if written is None else how(written))
            for kind, written, how in zip(cells[::2], cells[1::2], (spelt, spelt, _legible), strict=True)
        )
        if not (session.is_well and instrument.is_well and user.is_well):
            yield _Misspelt(number=number, event=event, session=session, instrument=instrument, user=user)
