"""``/nexuslims/checks``: what `nexuslims doctor` says, on this machine and with its settings."""

from datetime import UTC, datetime
from threading import Lock

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from nexuslims_airflow.api.login import User, may_write, refuse_foreign_form
from nexuslims_airflow.ui.rendering import render
from nexuslims_core.doctor import examine
from nexuslims_core.doctor.checking import Patience

router = APIRouter()
PATIENCE = Patience(answer_s=25.0)
"""Less than the minute after which proxies give up."""
_one_at_a_time = Lock()


@router.get("/checks", dependencies=[Depends(may_write)])
def checks(request: Request, user: User) -> HTMLResponse:
    """Show the button that runs the checks."""
    return render(request, "checks.html", user, found=None, looked_at=None, busy=False)


@router.post("/checks", dependencies=[Depends(may_write), Depends(refuse_foreign_form)])
def look(request: Request, user: User) -> HTMLResponse:
    """Run the checks, one person at a time, and show what was found."""
    if not _one_at_a_time.acquire(blocking=False):
        return render(request, "checks.html", user, status_code=409, found=None, looked_at=None, busy=True)
    try:
        found = examine(PATIENCE)
    finally:
        _one_at_a_time.release()
    worst_first = sorted(found, key=lambda check: (check.ok, not check.warning))
    return render(request, "checks.html", user, found=worst_first, looked_at=datetime.now(UTC), busy=False)
