"""``/nexuslims/instruments``: every instrument, how it is set up and how it is used."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from nexuslims_airflow.api.login import User
from nexuslims_airflow.api.sessions import books
from nexuslims_airflow.ui.rendering import render
from nexuslims_core.sessions.listing import InstrumentUse

router = APIRouter()


@router.get("/instruments")
def instruments(request: Request, user: User) -> HTMLResponse:
    """Show all instruments, those whose rows cannot be used first."""
    with books.opened() as database:
        inventory, uses = database.inventory(), database.uses()
    return render(request, "instruments.html", user, inventory=inventory, uses=uses, unused=InstrumentUse())
