"""The style, the script and the signs of the pages."""

from collections.abc import Mapping

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from nexuslims_airflow.ui.rendering import HERE

router = APIRouter()
KINDS: Mapping[str, str] = {
    "pages.css": "text/css; charset=utf-8",
    "pages.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "icon_dark.svg": "image/svg+xml",
}


@router.get("/assets/{name}")
def asset(name: str) -> Response:
    """Return one of the files that the pages need; their addresses change with what is in them."""
    if name not in KINDS:
        raise HTTPException(404)
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response((HERE / "static" / name).read_bytes(), media_type=KINDS[name], headers=headers)
