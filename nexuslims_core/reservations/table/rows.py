"""The rows of a table of reservations, whatever wrote it: CSV of a spreadsheet, or JSON of a program.

A row that cannot be read is said, and costs no other. Cells are text here; :mod:`.booking` makes sense of them.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexuslims_core.errors import UnexpectedAnswerError

MOST_LINES = 50
"""Lines of one row, whose cells may hold line breaks; a quote that is not closed would take all others along."""
_DELIMITERS = ";\t,"
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; ``place`` says where it stands, ``cells`` what it says by the name of the column."""

    place: str
    cells: Mapping[str, tuple[str, ...]]

    def first(self, column: str) -> str:
        """Return what a column says; empty where it says nothing."""
        return next(iter(self.cells.get(column, ())), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that cannot be read, and why."""

    place: str
    reason: str


def decoded(body: bytes) -> tuple[str, str | None]:
    """Return the text of a file, and a sentence where its encoding had to be guessed."""
    try:
        return body.decode(_BOMS.get(body[:2], "utf-8-sig")), None
    except UnicodeDecodeError:
        said = "it is no UTF-8, so it was read as Windows-1252: save it as CSV UTF-8"
        return body.decode("cp1252", "replace"), said


def rows(text: str, columns: Sequence[str], names: Mapping[str, str]) -> Iterator[Row | BadRow]:
    """Yield the rows of a table.

    Parameters
    ----------
    columns
        Those that are read; the first two must be there.
    names
        What the site calls some of them.

    Raises
    ------
    UnexpectedAnswerError
        If it is no table, or lacks a column that is needed.
    """
    known = {_plain(names.get(column, column)): column for column in columns}
    if text.lstrip()[:1] in ("[", "{"):
        yield from _of_json(text, known)
    else:
        yield from _of_csv(text, known, columns[:2])


def _plain(name: str) -> str:
    return "_".join(name.casefold().split())


def _of_csv(text: str, known: Mapping[str, str], needed: Sequence[str]) -> Iterator[Row | BadRow]:
    lines = [(number, line) for number, line in enumerate(io.StringIO(text, newline=""), 1) if line.strip()]
    head = lines[0][1] if lines else ""
    delimiter = max(_DELIMITERS, key=head.count)
    records = _records(lines, delimiter)
    _, first = next(records, (0, ()))
    header = [known.get(_plain(cell), "") for cell in first] if not isinstance(first, str) else []
    missing = [column for column in needed if column not in header]
    if missing:
        raise UnexpectedAnswerError(
            f"is no table of reservations, or its first line does not name the column {missing[0]!r}: correct it, or "
            "say by NEXUSLIMS_TABLE_COLUMNS what the column is called"
        )
    for number, record in records:
        place = f"line {number}"
        if isinstance(record, str):
            yield BadRow(place=place, reason=record)
        elif any(cell.strip() for cell in record[len(header) :]):
            yield BadRow(place=place, reason="it has more cells than there are columns")
        else:
            cells = zip(header, record, strict=False)
            yield Row(place=place, cells={name: (cell.strip(),) for name, cell in cells if name and cell.strip()})


def _records(lines: Sequence[tuple[int, str]], delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each record with the number of its line, or why it is none; a bad line costs that line alone."""
    at = 0
    while at < len(lines):
        reader = csv.reader((line for _, line in lines[at : at + MOST_LINES]), delimiter=delimiter, strict=True)
        number = lines[at][0]
        try:
            record = next(reader)
        except csv.Error as error:
            yield number, f"its quotes do not match ({error})"
            at += 1
        else:
            yield number, record
            at += max(1, reader.line_num)


def _of_json(text: str, known: Mapping[str, str]) -> Iterator[Row | BadRow]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswerError(f"is no JSON that can be read ({str(error)[:200]})") from error
    listed = document.get("reservations") if isinstance(document, Mapping) else document
    if not isinstance(listed, list):
        raise UnexpectedAnswerError('is no list of reservations, and no object with a list called "reservations"')
    for number, entry in enumerate(listed, 1):
        place = f"entry {number}"
        if isinstance(entry, Mapping):
            named = ((known.get(_plain(name)), _texts(value)) for name, value in entry.items())
            yield Row(place=place, cells={name: texts for name, texts in named if name and texts})
        else:
            yield BadRow(place=place, reason="it is no object")


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - any JSON
    """Return one value, or each of a list, as text; what is nested deeper is nothing that is read."""
    listed = value if isinstance(value, list) else [value]
    said = (("true" if each else "") if isinstance(each, bool) else each for each in listed)
    return tuple(text for each in said if isinstance(each, str | int | float) and (text := str(each).strip()))
