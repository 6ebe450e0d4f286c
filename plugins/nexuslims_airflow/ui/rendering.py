"""Templates to answers: every text escaped, times in the instrument's zone, and nothing from elsewhere."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from urllib.parse import quote

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nexuslims_airflow.api.login import may_act
from nexuslims_airflow.ui.addresses import Addresses
from nexuslims_core.sessions.spans import lasting
from nexuslims_core.sessions.states import RecordStatus

HERE = Path(__file__).parent
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
WORDS: Mapping[RecordStatus, str] = {
    RecordStatus.WAITING_FOR_END: "Open",
    RecordStatus.TO_BE_BUILT: "Waiting",
    RecordStatus.COMPLETED: "Completed",
    RecordStatus.BUILT_NOT_EXPORTED: "Not published",
    RecordStatus.ERROR: "Failed",
    RecordStatus.NO_FILES_FOUND: "No files",
    RecordStatus.NO_CONSENT: "No consent",
    RecordStatus.NO_RESERVATION: "No reservation",
}
"""What people call the states; the word of the database is in the tooltip."""


def render(
    request: Request, template: str, user: BaseUser | None, *, status_code: int = 200, **told: object
) -> HTMLResponse:
    """Return a page; ``told`` is what its template needs beside the addresses and what the user may do."""
    page = _templates().get_template(template)
    html = page.render(
        at=Addresses.of(request),
        may_act=user is not None and may_act(request, user),
        user=user.get_name() if user else None,
        **told,
    )
    return HTMLResponse(html, status_code, HEADERS)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"shown": shown, "moment": moment, "clock": clock, "lasting": lasting, "encoded": encoded}
    made.globals |= {"words": WORDS, "statuses": tuple(RecordStatus), "version": version}
    return made


def shown(text: object, most: int = 0) -> str:
    """Return text on one line whose every sign can be seen; a longer one than ``most`` is cut."""
    said = "".join(sign if sign.isprintable() else _code(sign) for sign in str(text))
    return f"{said[: most - 1]}…" if 0 < most < len(said) else said


def moment(time: datetime, zone: tzinfo = UTC, *, seconds: bool = False) -> Markup:
    """Return a time as people read it beside the instrument, with its UTC as tooltip."""
    local, utc = time.astimezone(zone), time.astimezone(UTC)
    form = "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    return Markup('<time datetime="{}" title="{} UTC">{} <small>{}</small></time>').format(
        utc.isoformat(), utc.strftime("%Y-%m-%d %H:%M:%S"), local.strftime(form), local.strftime("%Z")
    )


def clock(time: datetime, zone: tzinfo = UTC) -> str:
    """Return a time as a field of a form takes it."""
    return time.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def encoded(text: str) -> str:
    """Return text that a form sends back as it was; browsers change the line breaks of any other."""
    return quote(text, safe="")


@cache
def version(name: str) -> str:
    """Return a mark of a static file that changes with what is in it."""
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


def _code(sign: str) -> str:
    return {"\n": "↵", "\t": "⇥"}.get(sign, f"\\u{ord(sign):04x}")
