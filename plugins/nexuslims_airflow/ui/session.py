"""``/nexuslims/sessions/<id>``: all that is known of one session, and what may be done with it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from nexuslims_airflow.api.login import User
from nexuslims_airflow.api.sessions import books
from nexuslims_airflow.ui.addresses import Addresses
from nexuslims_airflow.ui.files import files_of
from nexuslims_airflow.ui.filters import number
from nexuslims_airflow.ui.rendering import render
from nexuslims_airflow.ui.timeline import published_at, timeline
from nexuslims_core.config import load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.errors import UnknownSessionError
from nexuslims_core.sessions.explaining import explain
from nexuslims_core.sessions.states import END_STATES, RecordStatus

router = APIRouter()
DONE: Mapping[str, str] = {
    "started": "The session is open. End it here when the work on the instrument is done.",
    "ended": "The session has ended. Its record is built as soon as its files have settled.",
    "requeued": "The session is put back and waits for the next run.",
    "rebuilding": "The session is put back, and a run that builds it was asked for.",
    "no run": "The session is put back; no run could be started now, so the next one builds it.",
}


@router.get("/sessions/{identifier:path}")
def by_path(request: Request, identifier: str, user: User) -> HTMLResponse:
    """Show a session whose identifier is a part of the address."""
    return show(request, identifier, user)


@router.get("/session")
def by_query(request: Request, user: User) -> HTMLResponse:
    """Show a session that is named by ``id``, or by the number of one of its logs."""
    return show(request, named(request), user)


def named(request: Request) -> str:
    """Return the identifier that an address names.

    Raises
    ------
    UnknownSessionError
        If it names none.
    """
    said = request.query_params
    if "log" not in said:
        return said.get("id", "")
    log = number(said["log"])
    with books.opened() as database:
        identifier = None if log is None else database.session_of_log(log)
    if identifier is None:
        raise UnknownSessionError(f"of log {said['log'][:40]}")
    return identifier


def show(
    request: Request, identifier: str, user: User, *, complaint: str | None = None, status_code: int = 200
) -> HTMLResponse:
    """Return the page of a session, with what could not be done where something was asked."""
    settings, now, at = load_settings(), datetime.now(UTC), Addresses.of(request)
    with books.opened() as database:
        held = database.books(identifier)
        zone = held.zone
    told = explain(held, now, timedelta(days=settings.file_delay_days))
    return render(
        request,
        "session.html",
        user,
        status_code=status_code,
        told=told,
        session=told.session,
        zone=zone,
        number=held.logs[0].id_session_log if held.logs else None,
        is_held=held.is_held(now),
        can_end=told.session.dt_to is None and told.session.status not in END_STATES - {RecordStatus.ERROR},
        can_requeue=not held.is_held(now) and told.session.status in END_STATES,
        events=timeline(told, at, now),
        files=files_of(settings, identifier),
        published=published_at(told),
        done=DONE.get(request.query_params.get("done", "")),
        complaint=complaint,
        now=now,
    )


def number_of(database: Database, identifier: str) -> int | None:
    """Return the number of one of a session's logs."""
    return next((log.id_session_log for log in database.logs(identifier)), None)
