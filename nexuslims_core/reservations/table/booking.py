"""One row of a table as a reservation. docs/calendars.md describes the columns."""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta, tzinfo

from nexuslims_core.errors import UnexpectedAnswerError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.models import Project, Reservation, Sample
from nexuslims_core.reservations.rich_text import page_for_people, plain_text
from nexuslims_core.reservations.site_time import booked_from, booked_until, wall_clock
from nexuslims_core.reservations.table.rows import Row

COLUMNS = (
    "start", "end", "id", "instrument", "title", "user", "login", "collaborator", "motivation",
    "sample", "sample_id", "sample_description", "project", "project_id", "url", "cancelled",
)  # fmt: skip
"""Those that are read, the two first always."""
_NO = frozenset({"", "0", "no", "n", "false", "none"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def booking(row: Row, instrument: Instrument) -> Reservation | None:
    """Return a row as a reservation; None for one of another instrument, or that was cancelled.

    Raises
    ------
    UnexpectedAnswerError
        If its times are missing or cannot be understood.
    """
    if "cancelled" in row.cells and row.first("cancelled").casefold() not in _NO:
        return None
    start_text, end_text = row.first("start"), row.first("end")
    if not start_text or not end_text:
        raise UnexpectedAnswerError(f"it has no {'end' if start_text else 'start'}")
    zone: tzinfo = instrument.zone
    until = wall_clock(end_text)
    if _DATE.fullmatch(end_text):
        until += timedelta(days=1)  # people who write a day mean the whole of it
    start, end = booked_from(wall_clock(start_text), zone), booked_until(until, zone)
    try:
        return Reservation(
            reservation_id=plain_text(row.first("id")) or _digest(row),
            start=type(start).fromisoformat(start.isoformat()),
            end=type(end).fromisoformat(end.isoformat()),
            title=plain_text(row.first("title")) or None,
            experimenters=tuple(_names(row, "user")) or tuple(_names(row, "login")),
            logins=tuple(_names(row, "login")),
            collaborators=tuple(_names(row, "collaborator")),
            motivation=plain_text(row.first("motivation")) or None,
            samples=tuple(_samples(row)),
            projects=tuple(_projects(row)),
            url=page_for_people(row.first("url")) or page_for_people(instrument.calendar_url or ""),
        )
    except ValueError as error:
        raise UnexpectedAnswerError("it does not end after it starts") from error


def is_of(row: Row, instrument: Instrument) -> bool:
    """Tell whether a row is of an instrument: by one of its names, or because rows name none."""
    names = (instrument.calendar_name, instrument.instrument_pid, instrument.schema_name)
    return row.first("instrument").casefold() in {name.casefold() for name in names if name}


def _names(row: Row, column: str) -> Iterator[str]:
    for text in row.cells.get(column, ()):
        yield from filter(None, (plain_text(part) for part in text.split(";")))


def _samples(row: Row) -> Iterator[Sample]:
    names = [plain_text(each) for each in row.cells.get("sample", ())]
    refs, descriptions = row.cells.get("sample_id", ()), row.cells.get("sample_description", ())
    if names or refs or descriptions:
        yield Sample(
            name=names[0] if names else None,
            ref=plain_text(refs[0]) if refs else None,
            description=tuple(map(plain_text, descriptions)),
        )
    for name in names[1:]:
        yield Sample(name=name)


def _projects(row: Row) -> Iterator[Project]:
    project = Project(
        name=plain_text(row.first("project")) or None, project_id=plain_text(row.first("project_id")) or None
    )
    if project != Project():
        yield project


def _digest(row: Row) -> str:
    """Return a name for a row without one that stays the same when others come and go."""
    said = "\n".join(row.first(column) for column in ("instrument", "start", "end", "user", "login", "title"))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:12]
