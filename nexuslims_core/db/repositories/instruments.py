"""The instruments of the facility."""

from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.rows import InstrumentRow
from nexuslims_core.errors import ConfigurationError, UnknownInstrumentError, UnusableInstrumentError
from nexuslims_core.instruments.inventory import Inventory, UnusableInstrument
from nexuslims_core.instruments.models import Instrument

_COLUMNS = tuple(field.name for field in fields(Instrument))


def put(transaction: Transaction, instrument: Instrument) -> None:
    """Insert an instrument, or replace what is kept of it."""
    transaction.merge(InstrumentRow(**{column: getattr(instrument, column) for column in _COLUMNS}))


def get(transaction: Transaction, instrument_pid: str) -> Instrument:
    """Return one instrument.

    Raises
    ------
    UnknownInstrumentError
        If there is none.
    UnusableInstrumentError
        If its row is broken.
    """
    row = transaction.get(InstrumentRow, instrument_pid)
    if row is None:
        raise UnknownInstrumentError(instrument_pid)
    try:
        return _instrument(row)
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
        try:
            found.append(_instrument(row))
        except ConfigurationError as error:
            wrong.append(UnusableInstrument(instrument_pid=_as_text(row.instrument_pid), reason=str(error)))
    return Inventory(usable=tuple(found), unusable=tuple(wrong))


def _rows(transaction: Transaction) -> list[InstrumentRow]:
    rows = transaction.scalars(select(InstrumentRow)).all()
    return sorted(rows, key=lambda row: _as_text(row.instrument_pid))


def _as_text(pid: object) -> str:
    """Return a persistent id that people can read; SQLite also keeps bytes in that column."""
    return pid if isinstance(pid, str) else str(pid)


def _instrument(row: InstrumentRow) -> Instrument:
    return Instrument(**{column: getattr(row, column) for column in _COLUMNS})
