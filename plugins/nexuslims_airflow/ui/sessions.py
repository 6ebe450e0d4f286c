"""``/nexuslims/sessions``: the list of sessions, the newest first, by state, instrument, user and day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from nexuslims_airflow.api.login import User
from nexuslims_airflow.api.sessions import books
from nexuslims_airflow.ui.addresses import Addresses
from nexuslims_airflow.ui.filters import Filters, number
from nexuslims_airflow.ui.rendering import render
from nexuslims_airflow.ui.session import number_of
from nexuslims_core.db.database import Database
from nexuslims_core.instruments.inventory import Inventory
from nexuslims_core.sessions.listing import ListPage, Place
from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.sessions.page_links import is_plain
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.turnaround import Turnaround, turnaround

router = APIRouter()
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the list.

    Attributes
    ----------
    number
        Of one of its logs, where its identifier is no part of an address.
    is_held
        Whether somebody builds it now.
    """

    session: SessionSummary
    instrument: str
    zone: tzinfo
    number: int | None
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """What the database holds of one page of the list, and how fast the sessions of the last days came online."""

    page: ListPage
    took: Turnaround
    lines: tuple[Line, ...]
    inventory: Inventory
    next: int | None


@router.get("/")
def entrance(request: Request) -> RedirectResponse:
    """Lead to the list."""
    return RedirectResponse(Addresses.of(request).page("sessions"), 303)


@router.get("/sessions")
def sessions(request: Request, user: User) -> HTMLResponse:
    """Show the list, or the part of it that is chosen."""
    chosen, after = Filters.of(request), number(request.query_params.get("after", ""))
    with books.opened() as database:
        sheet = _sheet(database, chosen, after)
    return render(
        request,
        "sessions.html",
        user,
        filters=chosen,
        sheet=sheet,
        tabs=_tabs(sheet.page.counts),
        total=sum(sheet.page.counts.values()),
        is_first=after is None,
    )


@router.get("/find")
def find(request: Request) -> Response:
    """Go to the session with an identifier, or whose record has a title."""
    said, at = request.query_params.get("session", "").strip(), Addresses.of(request)
    with books.opened() as database:
        found = said if database.logs(said) else database.session_titled(said)
    return RedirectResponse(at.session(said if found is None else found), 303)


def _sheet(database: Database, chosen: Filters, after: int | None) -> _Sheet:
    inventory, now = database.inventory(), datetime.now(UTC)
    zone = inventory.zone(chosen.instrument) if chosen.instrument else UTC
    page = database.page(chosen.wanted(zone), _place(database, after))
    lines = tuple(_lines(database, page, inventory, now))
    end = page.end
    return _Sheet(
        page=page,
        took=turnaround(database.deliveries(now - LATELY), now - LATELY),
        lines=lines,
        inventory=inventory,
        next=number_of(database, end.session_identifier) if end else None,
    )


def _lines(database: Database, page: ListPage, inventory: Inventory, now: datetime) -> Iterator[Line]:
    names = {each.instrument_pid: inventory.name(each.instrument_pid) for each in page.sessions}
    for each in page.sessions:
        identifier = each.session_identifier
        yield Line(
            session=each,
            instrument=names[each.instrument_pid],
            zone=inventory.zone(each.instrument_pid),
            number=None if is_plain(identifier) else number_of(database, identifier),
            is_held=each.lease_until is not None and each.lease_until > now,
        )


def _place(database: Database, after: int | None) -> Place | None:
    """Return where the page before ended: at the session of a log."""
    identifier = None if after is None else database.session_of_log(after)
    if identifier is None:
        return None
    return Place(start=database.summary(identifier).dt_from, session_identifier=identifier)


def _tabs(counts: Mapping[RecordStatus, int]) -> tuple[RecordStatus, ...]:
    """Return the states that a tab is for: those that each facility looks for, and those that hold a session."""
    always = {RecordStatus.TO_BE_BUILT, RecordStatus.COMPLETED, RecordStatus.ERROR}
    return tuple(status for status in RecordStatus if status in always or counts.get(status))
