"""What a person sees when something is wrong: a page with the same sentence that a program would hear."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from nexuslims_airflow.ui.addresses import Addresses
from nexuslims_airflow.ui.rendering import render

Answer = Callable[[Request, Exception], JSONResponse]
HEADINGS: Mapping[int, str] = {
    401: "You are not logged in",
    403: "This is not allowed",
    404: "There is no such page",
    409: "This cannot be done",
    422: "This cannot be done",
    503: "The database does not answer",
}


def for_people(answers: Mapping[Any, Answer]) -> dict[Any, Any]:
    """Return handlers of errors that answer browsers with pages, and all others as before."""
    return {kind: _seen(answer) for kind, answer in answers.items()}


def _seen(answer: Answer) -> Callable[[Request, Exception], Response]:
    def told(request: Request, error: Exception) -> Response:
        said = answer(request, error)
        if "text/html" not in request.headers.get("accept", "") or _is_for_programs(request):
            return said
        if said.status_code == 401 and request.method == "GET":
            return _to_login(request)
        return _page(request, said)

    return told


def _is_for_programs(request: Request) -> bool:
    own = Addresses.of(request).own
    return str(request.url.path).removeprefix(own).startswith("/api/")


def _to_login(request: Request) -> Response:
    """Send a person to Airflow's login, which sends them back."""
    back = urlencode({"next": str(request.url)})
    return RedirectResponse(f"{Addresses.of(request).airflow}/api/v2/auth/login?{back}", 303)


def _page(request: Request, said: JSONResponse) -> Response:
    sentence = json.loads(bytes(said.body))["error"]["sentence"]
    heading = HEADINGS.get(said.status_code, "Something went wrong")
    page = render(request, "message.html", None, status_code=said.status_code, heading=heading, sentence=sentence)
    for name in ("retry-after", "www-authenticate"):
        if name in said.headers:
            page.headers[name] = said.headers[name]
    return page
