"""Reservations in a table that somebody exports: CSV or JSON, a file in a folder or at an address."""

import logging
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from typing_extensions import override

from nexuslims_core.artefacts import confined
from nexuslims_core.errors import ConfigurationError, ServiceUnavailableError, UnexpectedAnswerError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.base import ReservationSystem
from nexuslims_core.reservations.models import Reservation
from nexuslims_core.reservations.table.booking import COLUMNS, booking, is_of
from nexuslims_core.reservations.table.rows import BadRow, Row, decoded, rows
from nexuslims_core.reservations.web import Question, WebReader, web_address

MOST_BYTES = 8 * 2**20
"""Some 80,000 rows."""
AROUND = timedelta(days=1)
_MOST_SAID = 20

log = logging.getLogger(__name__)


@dataclass(kw_only=True, eq=False)
class TableCalendar(ReservationSystem):
    """Reservations that are rows of a table.

    Attributes
    ----------
    reader
        Asks the servers that have tables.
    folder
        Where the others lie; None where there is no such folder.
    columns
        Names that the site has for the columns that are read, where they differ: ``{"start": "Beginn"}``.
    """

    reader: WebReader
    folder: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.columns:
            if name not in COLUMNS:
                raise ConfigurationError(
                    f"NEXUSLIMS_TABLE_COLUMNS: no column {name!r} is read; there are {', '.join(COLUMNS)}"
                )

    @override
    def reservations(self, instrument: Instrument, start: datetime, end: datetime) -> tuple[Reservation, ...]:
        """Return the rows of ``instrument`` that overlap ``[start, end]``, or lie a day around it."""
        name, body = self._read(instrument)
        text, guessed = decoded(body)
        left_out = [guessed] if guessed else []
        try:
            listed = list(rows(text, COLUMNS, self.columns))
        except UnexpectedAnswerError as error:
            raise UnexpectedAnswerError(f"{name} {error}") from error
        found = self._booked(listed, instrument, left_out)
        for sentence in left_out[:_MOST_SAID]:
            log.warning("%s: in %s, %s", instrument.instrument_pid, name, sentence)
        if len(left_out) > _MOST_SAID:
            log.warning("%s: %d more of the like", instrument.instrument_pid, len(left_out) - _MOST_SAID)
        return tuple(each for each in found if each.start <= end + AROUND and each.end >= start - AROUND)

    def _booked(self, listed: list[Row | BadRow], instrument: Instrument, left_out: list[str]) -> list[Reservation]:
        """Return what can be understood; ``left_out`` is given a sentence for every other row."""
        names_instruments = any(isinstance(row, Row) and "instrument" in row.cells for row in listed)
        found: list[Reservation] = []
        for row in listed:
            if isinstance(row, BadRow):
                left_out.append(f"{row.place} is left out: {row.reason}")
            elif row.cells and (not names_instruments or is_of(row, instrument)):
                try:
                    booked = booking(row, instrument)
                except UnexpectedAnswerError as error:
                    left_out.append(f"{row.place} is left out: {error}")
                else:
                    found += [booked] if booked else []
        return found

    def _read(self, instrument: Instrument) -> tuple[str, bytes]:
        """Return what people call an instrument's table, and its text."""
        address = (instrument.api_url or "").strip()
        if "://" in address:
            address = web_address(instrument, "table")
            answer = self.reader.ask(Question(address=address, accept="text/csv, application/json"))
            return f"the table at {urlsplit(address).netloc}", answer.body
        if self.folder is None or not address:
            raise ConfigurationError(
                f"instrument {instrument.instrument_pid}: set NEXUSLIMS_TABLE_PATH to the folder of its table, and its "
                "api_url to the file's path below it, or to an address that begins with https://"
            )
        return f"the table {address}", _file(self.folder, address)


def _file(folder: Path, name: str) -> bytes:
    """Return the text of a file below the folder of tables.

    Raises
    ------
    ServiceUnavailableError
        If the folder is not there, so probably not mounted, or cannot be read.
    UnexpectedAnswerError
        If it holds no such file, or one that nobody reads.
    """
    path = confined(folder, name)
    if not folder.is_dir():
        raise ServiceUnavailableError(f"the folder of tables, {folder}, is not there: mount it")
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise UnexpectedAnswerError(f"the table {name} is no file: correct the instrument's api_url")
        if about.st_size > MOST_BYTES:
            raise UnexpectedAnswerError(f"the table {name} has more than {MOST_BYTES >> 20} MiB: leave old rows out")
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except FileNotFoundError as error:
        raise UnexpectedAnswerError(
            f"there is no table {name} in {folder}: put it there, or correct the instrument's api_url"
        ) from error
    except OSError as error:
        raise ServiceUnavailableError(f"the table {name} cannot be read: {error.strerror}") from error
