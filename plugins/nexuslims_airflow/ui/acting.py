"""What people do on the pages: start and end a session, put it back, build it at once.

Each is a form, sent with POST by a page of this server and by nobody else, from one who may trigger the DAG that builds
records. What cannot be done is said on the page that it was asked on.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from nexuslims_airflow.api.answers import STATUS, UnusableBodyError
from nexuslims_airflow.api.events import announce_end
from nexuslims_airflow.api.login import User, may_write, refuse_foreign_form
from nexuslims_airflow.api.sessions import books
from nexuslims_airflow.ui import forms
from nexuslims_airflow.ui.addresses import Addresses
from nexuslims_airflow.ui.forms import Fields
from nexuslims_airflow.ui.rendering import render
from nexuslims_airflow.ui.runs import build_now
from nexuslims_airflow.ui.session import number_of, show
from nexuslims_core.errors import ClaimedElsewhereError, SessionStateError, UnknownInstrumentError

log = logging.getLogger(__name__)
router = APIRouter()
acts = APIRouter(dependencies=[Depends(may_write), Depends(refuse_foreign_form)])
MENDABLE = (ClaimedElsewhereError, SessionStateError, UnknownInstrumentError, UnusableBodyError)
"""What the one who fills in a form can do something about."""


@router.get("/start", dependencies=[Depends(may_write)])
def start_form(request: Request, user: User) -> HTMLResponse:
    """Show the form that starts a session."""
    return _start_page(request, user, {"instrument": request.query_params.get("instrument", "")})


@acts.post("/act/start")
def start(request: Request, user: User, form: Fields) -> Response:
    """Write down that a session started."""
    try:
        with books.opened() as database:
            instrument = database.instrument(form.get("instrument", ""))
            at = forms.moment(form, instrument.zone)
            identifier = database.start_session(instrument.instrument_pid, forms.text(form, "user"), at)
    except MENDABLE as error:
        return _start_page(request, user, form, complaint=str(error), status_code=STATUS.get(type(error), 409))
    log.info("session %s: started on %s, says %s", identifier, instrument.instrument_pid, user.get_name())
    return RedirectResponse(Addresses.of(request).session(identifier, done="started"), 303)


@acts.post("/act/end")
def end(request: Request, user: User, form: Fields) -> Response:
    """Write down that a session ended, and let the scheduler know."""

    def ended(identifier: str) -> str:
        with books.opened() as database:
            known = database.summary(identifier)
            zone = database.instrument(known.instrument_pid).zone
            is_new = database.end_session(identifier, forms.moment(form, zone, after=known.dt_from))
        if is_new:
            announce_end(identifier, known.instrument_pid, user)
        return "ended"

    return _done(request, user, form, ended)


@acts.post("/act/requeue")
def requeue(request: Request, user: User, form: Fields) -> Response:
    """Put a session back, so that the next run builds it."""

    def requeued(identifier: str) -> str:
        _put_back(identifier, user, form)
        return "requeued"

    return _done(request, user, form, requeued)


@acts.post("/act/rebuild")
def rebuild(request: Request, user: User, form: Fields) -> Response:
    """Put a session back, and ask for a run that builds it now."""

    def rebuilt(identifier: str) -> str:
        _put_back(identifier, user, form)
        return "rebuilding" if build_now(identifier, user) else "no run"

    return _done(request, user, form, rebuilt)


def _put_back(identifier: str, user: User, form: Fields) -> None:
    why = forms.text(form, "reason")
    reason = f"put back in Airflow by {user.get_name()}" + (f": {why}" if why else "")
    with books.opened() as database:
        database.requeue(identifier, reason, datetime.now(UTC))


def _done(request: Request, user: User, form: Fields, act: Callable[[str], str]) -> Response:
    """Do something with the session of a form, and lead back to its page, or say there why it cannot be done."""
    identifier = forms.named(form)
    try:
        what = act(identifier)
    except MENDABLE as error:
        return show(request, identifier, user, complaint=str(error), status_code=STATUS.get(type(error), 409))
    log.info("session %s: %s, says %s", identifier, what, user.get_name())
    with books.opened() as database:
        number = number_of(database, identifier)
    return RedirectResponse(Addresses.of(request).session(identifier, number, done=what), 303)


def _start_page(
    request: Request, user: User, form: Fields, *, complaint: str | None = None, status_code: int = 200
) -> HTMLResponse:
    with books.opened() as database:
        inventory = database.inventory()
    return render(
        request,
        "start.html",
        user,
        status_code=status_code,
        instruments=inventory.usable,
        form={name: form.get(name, "") for name in ("instrument", "user", "at")},
        complaint=complaint,
    )


router.include_router(acts)
