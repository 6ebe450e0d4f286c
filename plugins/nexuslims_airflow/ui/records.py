"""The page of a record, and what it shows: files that the record builder wrote under DATA_PATH, and no others."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse

from nexuslims_airflow.api.login import User
from nexuslims_airflow.api.sessions import books
from nexuslims_airflow.ui.rendering import render
from nexuslims_airflow.ui.session import named
from nexuslims_core.artefacts import confined
from nexuslims_core.config import load_settings
from nexuslims_core.errors import UnsafePathError

router = APIRouter()
RECORDS = "records"
OURS_ALONE = frozenset({"work"})
"""Folders under DATA_PATH that hold nothing for people."""
OF_RECORDS: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".xml": "application/xml",
    ".json": "application/json",
}
OF_FILES: Mapping[str, str] = {".thumb.png": "image/png", ".json": "application/json"}
AS_PICTURE = "default-src 'none'; sandbox"


@router.get("/record")
def record(request: Request, user: User) -> HTMLResponse:
    """Show the record of a session in a frame below its name."""
    identifier = named(request)
    with books.opened() as database:
        session = database.summary(identifier)
        name = database.inventory().name(session.instrument_pid)
        logs = database.logs(identifier)
    return render(
        request,
        "record.html",
        user,
        session=session,
        instrument=name,
        number=logs[0].id_session_log if logs else None,
        framed=address_of(session.record_path, load_settings().data_path),
    )


def address_of(record: Path | None, data_path: Path) -> str | None:
    """Return where the page of a record is below our own address; None where there is none to show."""
    if record is None:
        return None
    page = record.with_suffix(".html")
    if not page.is_relative_to(data_path / RECORDS) or not page.is_file():
        return None
    return f"data/{quote(os.fsencode(page.relative_to(data_path)))}"


@router.get("/data/{path:path}")
def data(request: Request, path: str) -> FileResponse:
    """Return a record, its page or its crate, or a preview or the metadata of a file."""
    said = request.scope.get("raw_path", b"").partition(b"/data/")[2] or path.encode()
    parts = os.fsdecode(unquote_to_bytes(said)).split("/")
    kind = media_type(parts)
    try:
        file = confined(load_settings().data_path, *parts) if kind else None
        is_there = file is not None and file.is_file()
    except (UnsafePathError, OSError, ValueError):  # ValueError: a name with a NUL
        file, is_there = None, False
    if file is None or kind is None or not is_there:
        raise HTTPException(404)
    return FileResponse(file, media_type=kind, headers=_headers(kind))


def media_type(parts: list[str]) -> str | None:
    """Return the media type of a file that may be seen, by its path under DATA_PATH; None for all others."""
    if any(part in ("", ".", "..") or part.startswith(".") for part in parts) or parts[0] in OURS_ALONE:
        return None
    if parts[0] == RECORDS:
        return OF_RECORDS.get(Path(parts[-1]).suffix)
    return next((kind for ending, kind in OF_FILES.items() if parts[-1].endswith(ending)), None)


def _headers(kind: str) -> dict[str, str]:
    """Return what keeps a browser from running anything but the one script of a record's page."""
    policy = AS_PICTURE
    if kind.startswith("text/html"):
        from nexuslims_core.records.page import script_hash

        policy = (
            f"default-src 'none'; script-src '{script_hash()}'; style-src 'unsafe-inline'; "
            "img-src 'self' http: https: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
        )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
