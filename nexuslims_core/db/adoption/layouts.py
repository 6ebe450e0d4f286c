"""The tables of a NexusLIMS database, known by their columns, since a site may have changed them under any version.

Version 1 calls an instrument's name ``schema_name`` and keeps no receipts; version 2 calls it ``display_name`` and has
``upload_log``. A database on its way from one to the other has some of each. A column that is not there reads as NULL.
"""

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from nexuslims_core.db.adoption.snapshot import snapshot
from nexuslims_core.errors import DatabaseError

NEEDED = {
    "instruments": frozenset({"instrument_pid"}),
    "session_log": frozenset({"session_identifier", "instrument", "timestamp", "event_type", "record_status"}),
}
RECEIPTS = "upload_log"
OURS = "session_builds"

_BOOKKEEPING = frozenset({"alembic_version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRow:
    """One row, all its cells as text, whatever type SQLite happens to hold.

    Attributes
    ----------
    number
        SQLite's own number of the row.
    """

    number: int
    cells: Mapping[str, str | None]

    def text(self, column: str) -> str | None:
        """Return a cell without the blanks round it; None for one that is NULL, blank or not there."""
        return (self.cells.get(column) or "").strip() or None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldDatabase:
    """All that is read of an old database.

    Attributes
    ----------
    layout
        What was recognised, for people.
    logs, receipts
        In the order in which they were written.
    others
        How many rows each table has that nothing is taken from.
    """

    layout: str
    instruments: tuple[OldRow, ...]
    logs: tuple[OldRow, ...]
    receipts: tuple[OldRow, ...]
    others: Mapping[str, int]


def read(old: Path) -> OldDatabase:
    """Read an old database without writing to its file, or beside it.

    Raises
    ------
    DatabaseError
        If it is no database of NexusLIMS, or is damaged.
    ServiceUnavailableError
        If it changes all the time.
    StorageError
        If it cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="nexuslims-adopt-") as folder:
        copy = snapshot(old, Path(folder))
        try:
            with closing(sqlite3.connect(copy)) as connection:
                connection.text_factory = _decoded
                connection.execute("PRAGMA trusted_schema = OFF")
                return _contents(connection, old)
        except sqlite3.Error as error:
            raise DatabaseError(f"{old} is damaged: restore a backup of it ({error})") from error


def _contents(connection: sqlite3.Connection, old: Path) -> OldDatabase:
    tables = _tables(connection)
    _refuse_others(tables, old)
    return OldDatabase(
        layout=_layout(tables),
        instruments=_rows(connection, "instruments", tables),
        logs=_rows(connection, "session_log", tables),
        receipts=_rows(connection, RECEIPTS, tables) if RECEIPTS in tables else (),
        others={
            name: _size(connection, name) for name in sorted(tables.keys() - NEEDED.keys() - {RECEIPTS} - _BOOKKEEPING)
        },
    )


def _tables(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """Return the columns of each true table; views, and what SQLite keeps for itself, are none."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    names = [name for (name,) in connection.execute(query)]
    columns = "SELECT name FROM pragma_table_info(?)"
    return {name: frozenset(column for (column,) in connection.execute(columns, (name,))) for name in names}


def _refuse_others(tables: Mapping[str, frozenset[str]], old: Path) -> None:
    if OURS in tables:
        raise DatabaseError(f"{old} is a database of this program already: there is nothing to adopt from it")
    for table, needed in NEEDED.items():
        missing = sorted(needed - tables.get(table, frozenset()))
        if missing:
            raise DatabaseError(
                f"{old} is no database of NexusLIMS: "
                + (f"its table {table} has no {', '.join(missing)}" if table in tables else f"it has no table {table}")
            )


def _layout(tables: Mapping[str, frozenset[str]]) -> str:
    receipts = "with receipts of uploads" if RECEIPTS in tables else "without receipts of uploads"
    return f"NexusLIMS {2 if 'display_name' in tables['instruments'] or RECEIPTS in tables else 1}, {receipts}"


def _rows(connection: sqlite3.Connection, table: str, tables: Mapping[str, frozenset[str]]) -> tuple[OldRow, ...]:
    columns = sorted(tables[table])
    asked = ", ".join(f"CAST({_quoted(column)} AS TEXT)" for column in columns)
    found = connection.execute(f"SELECT rowid, {asked} FROM {_quoted(table)} ORDER BY rowid")  # noqa: S608 - quoted
    return tuple(OldRow(number=number, cells=dict(zip(columns, cells, strict=True))) for number, *cells in found)


def _size(connection: sqlite3.Connection, table: str) -> int:
    count = connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()  # noqa: S608 - quoted
    return int(count[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")
