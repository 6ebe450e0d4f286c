"""The application below ``/nexuslims`` of Airflow's web server.

Every route is behind Airflow's login, since the application itself asks for it. FastAPI's own pages, which nobody would
ask for a login, are off. A new room of routes is a file with a router, and a line here. Pages for people are those of
:mod:`nexuslims_airflow.ui`.
"""

from functools import cache

from fastapi import APIRouter, Depends, FastAPI

from nexuslims_airflow.api import sessions
from nexuslims_airflow.api.answers import ANSWERS
from nexuslims_airflow.api.login import logged_in, may_read
from nexuslims_airflow.ui import acting, assets, checks, instruments, records, session
from nexuslims_airflow.ui import sessions as pages
from nexuslims_airflow.ui.answers import for_people

ROOMS: tuple[APIRouter, ...] = (
    assets.router,
    pages.router,
    session.router,
    acting.router,
    records.router,
    instruments.router,
    checks.router,
)


@cache
def create_app() -> FastAPI:
    """Return the application, one in each process of the web server."""
    app = FastAPI(
        title="NexusLIMS",
        dependencies=[Depends(logged_in)],
        exception_handlers=for_people(ANSWERS),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(sessions.router, prefix="/api/sessions")
    for room in ROOMS:
        app.include_router(room, dependencies=[Depends(may_read)])
    return app
