"""The instruments of the facility.

People write this table by hand, and SQLite keeps whatever it is given; so the cells are read as they are, and a row
that makes no instrument is told beside the others.
"""

from dataclasses import fields
from typing import Any

from sqlalchemy import insert, select, type_coerce, update
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.types import NullType

from nexuslims_core.db.rows import InstrumentRow
from nexuslims_core.errors import ConfigurationError, UnknownInstrumentError, UnusableInstrumentError
from nexuslims_core.instruments.inventory import Inventory, UnusableInstrument
from nexuslims_core.instruments.models import Harvester, Instrument

_COLUMNS = tuple(field.name for field in fields(Instrument))
_CELLS = tuple(type_coerce(getattr(InstrumentRow, column), NullType()).label(column) for column in _COLUMNS)
_Cells = dict[str, Any]
_REPLACED = "\ufffd"
"""Stands where a letter was in no encoding."""

_ANEW = "add it anew with `nexuslims instruments add FILE.toml`, and delete this row from the instruments table"


def put(transaction: Transaction, instrument: Instrument) -> None:
    """Insert an instrument, or replace what is kept of it."""
    cells = {column: getattr(instrument, column) for column in _COLUMNS}
    own = InstrumentRow.instrument_pid == instrument.instrument_pid
    if transaction.scalar(select(InstrumentRow.instrument_pid).where(own)) is None:
        transaction.execute(insert(InstrumentRow).values(cells))
    else:
        transaction.execute(update(InstrumentRow).where(own).values(cells))


def get(transaction: Transaction, instrument_pid: str) -> Instrument:
    """Return one instrument.

    Raises
    ------
    UnknownInstrumentError
        If there is none.
    UnusableInstrumentError
        If its row is broken.
    """
    query = select(*_CELLS).where(InstrumentRow.instrument_pid == instrument_pid)
    row = transaction.execute(query).mappings().first()
    if row is None:
        raise UnknownInstrumentError(instrument_pid)
    try:
        return _instrument(dict(row))
    except ConfigurationError as error:
        mend = "correct its row with `nexuslims instruments add FILE.toml`"
        raise UnusableInstrumentError(f"{error}; {mend}") from error


def every(transaction: Transaction) -> tuple[Instrument, ...]:
    """Return all instruments by persistent id."""
    return tuple(_instrument(row) for row in _rows(transaction))


def usable(transaction: Transaction) -> tuple[Instrument, ...]:
    """Return those instruments whose rows can be used, so that a wrong one stops its own sessions alone."""
    return inventory(transaction).usable


def inventory(transaction: Transaction) -> Inventory:
    """Return all instruments, those whose rows cannot be used with the reason."""
    found: list[Instrument] = []
    wrong: list[UnusableInstrument] = []
    for row in _rows(transaction):
        pid = row["instrument_pid"]
        if not _is_found(transaction, pid):
            reason = f"instrument {pid!r}: its instrument_pid is no text, so nothing finds the row"
            wrong.append(UnusableInstrument(instrument_pid=_as_text(pid), reason=reason, mend=_ANEW))
            continue
        try:
            found.append(_instrument(row))
        except ConfigurationError as error:
            wrong.append(UnusableInstrument(instrument_pid=pid, reason=str(error)))
    return Inventory(usable=tuple(found), unusable=tuple(wrong))


def _rows(transaction: Transaction) -> list[_Cells]:
    found = transaction.execute(select(*_CELLS)).mappings()
    return sorted(map(dict[str, Any], found), key=lambda cells: _as_text(cells["instrument_pid"]))


def _as_text(pid: object) -> str:
    """Return a persistent id that people can read; SQLite also keeps bytes in that column."""
    return pid if isinstance(pid, str) else str(pid)


def _is_found(transaction: Transaction, pid: object) -> bool:
    """Tell whether a query for what was read of a persistent id finds its row; two in no encoding may read alike."""
    if not isinstance(pid, str) or "\0" in pid:
        return False
    own = InstrumentRow.instrument_pid == pid
    return _REPLACED not in pid or transaction.scalar(select(InstrumentRow.instrument_pid).where(own)) is not None


def _instrument(cells: _Cells) -> Instrument:
    try:
        harvester = Harvester(cells["harvester"])
    except ValueError as error:
        raise ConfigurationError(
            f"instrument {cells['instrument_pid']!r}: its harvester is {str(cells['harvester'])[:60]!r}, "
            f"and can be {', '.join(Harvester)}"
        ) from error
    return Instrument(**{**cells, "harvester": harvester})
