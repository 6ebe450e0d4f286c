"""The application below ``/nexuslims`` of Airflow's web server.

Every route is behind Airflow's login, since the application itself asks for it. FastAPI's own pages, which nobody would
ask for a login, are off. A new room of routes is a file with a router, and a line here.
"""

from functools import cache

from fastapi import Depends, FastAPI

from nexuslims_airflow.api import sessions
from nexuslims_airflow.api.answers import ANSWERS
from nexuslims_airflow.api.login import logged_in


@cache
def create_app() -> FastAPI:
    """Return the application, one in each process of the web server."""
    app = FastAPI(
        title="NexusLIMS",
        dependencies=[Depends(logged_in)],
        exception_handlers=dict(ANSWERS),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(sessions.router, prefix="/api/sessions")
    return app
