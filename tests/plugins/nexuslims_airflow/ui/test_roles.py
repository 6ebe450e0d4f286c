"""Who may see and do what, asked of a real Airflow with each of its roles."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from nexuslims_core.sessions.states import RecordStatus

if TYPE_CHECKING:
    from tests.plugins.nexuslims_airflow.conftest import Served

pytest.importorskip("airflow", reason="Airflow is not installed")

from fastapi.routing import APIRoute

from nexuslims_airflow.api.app import create_app

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]

HTML = {"Accept": "text/html"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BEGUN = datetime(2026, 3, 2, 10, tzinfo=UTC)
SEEN = {
    "/": "/",
    "/sessions": "/sessions",
    "/sessions/{identifier:path}": "/sessions/failed",
    "/session": "/session?id=failed",
    "/find": "/find?session=failed",
    "/record": "/record?id=failed",
    "/data/{path:path}": "/data/records/none.xml",
    "/instruments": "/instruments",
    "/assets/{name}": "/assets/pages.css",
}
"""Each route that everybody sees who may look at the DAG, and a call of it."""
FOR_ACTORS = {("GET", "/start"), ("GET", "/checks"), ("POST", "/checks")} | {
    ("POST", f"/act/{name}") for name in ("start", "end", "requeue", "rebuild")
}


@pytest.fixture
def failed(served: "Served") -> str:
    """A session that ended in ERROR."""
    database = served.database
    if not database.logs("failed"):
        database.start_session("Titan-1", "ada", BEGUN, "failed")
        database.end_session("failed", BEGUN + timedelta(hours=1))
    if database.summary("failed").status is RecordStatus.TO_BE_BUILT:
        claim = database.claim("failed", "lab-pc/1/1", datetime.now(UTC), timedelta(minutes=5))
        database.note_failure(claim, "find_files", "StorageError", "the share is not there")
        database.close(claim, RecordStatus.ERROR, datetime.now(UTC))
    return "failed"


def cookie(served: "Served", role: str) -> dict[str, str]:
    return {"_token": served.token(role)}


def call(served: "Served", method: str, path: str, role: str) -> int:
    headers = HTML | FORM | {"Origin": served.url}
    answer = requests.request(
        method,
        f"{served.url}/nexuslims{path}",
        headers=headers,
        cookies=cookie(served, role),
        allow_redirects=False,
        timeout=90,
    )
    return answer.status_code


def test_each_route_has_its_test_here() -> None:
    routes = {
        (method, each.path) for each in create_app().routes if isinstance(each, APIRoute) for method in each.methods
    }

    pages = {route for route in routes if not route[1].startswith("/api/")}

    assert pages == {("GET", path) for path in SEEN} | FOR_ACTORS


@pytest.mark.parametrize("role", ["viewer", "user", "op", "admin"])
@pytest.mark.parametrize("path", SEEN.values())
def test_every_role_looks(served: "Served", failed: str, role: str, path: str) -> None:
    assert failed
    assert call(served, "GET", path, role) == (404 if "none" in path else 303 if path in ("/", SEEN["/find"]) else 200)


@pytest.mark.parametrize(("method", "path"), sorted(FOR_ACTORS))
def test_a_viewer_does_nothing(served: "Served", method: str, path: str) -> None:
    assert call(served, method, path, "viewer") == 403


@pytest.mark.parametrize("role", ["user", "op", "admin"])
@pytest.mark.parametrize(("method", "path"), sorted(FOR_ACTORS))
def test_who_may_trigger_the_dag_acts(served: "Served", role: str, method: str, path: str) -> None:
    assert call(served, method, path, role) in {200, 404}  # 404: the form names no session


@pytest.mark.parametrize(("method", "path"), [*(("GET", path) for path in SEEN.values()), *sorted(FOR_ACTORS)])
def test_without_a_login_there_is_nothing_to_see(served: "Served", method: str, path: str) -> None:
    answer = requests.request(method, f"{served.url}/nexuslims{path}", timeout=30)

    assert answer.status_code == 401


def test_a_browser_without_a_login_is_sent_to_airflows_and_back(served: "Served") -> None:
    address = f"{served.url}/nexuslims/sessions/s%201"

    answer = requests.get(address, headers=HTML, allow_redirects=False, timeout=30)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/api/v2/auth/login?next=http%3A%2F%2F127.0.0.1")
    login = requests.get(served.url + answer.headers["location"], allow_redirects=False, timeout=30)
    assert login.status_code == 307


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_form_of_another_site_changes_nothing(served: "Served", failed: str, headers: dict[str, str]) -> None:
    answer = requests.post(
        f"{served.url}/nexuslims/act/requeue",
        data={"session": failed},
        headers=HTML | headers,
        cookies=cookie(served, "op"),
        allow_redirects=False,
        timeout=30,
    )

    assert answer.status_code == 403
    assert served.database.summary(failed).status is RecordStatus.ERROR


def test_a_session_is_put_back_with_who_and_why(served: "Served", failed: str) -> None:
    answer = requests.post(
        f"{served.url}/nexuslims/act/requeue",
        data={"session": failed, "reason": "the share is back"},
        headers=HTML | {"Sec-Fetch-Site": "same-origin"},
        cookies=cookie(served, "op"),
        allow_redirects=False,
        timeout=30,
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/nexuslims/sessions/failed?done=requeued")
    assert served.database.summary(failed).status is RecordStatus.TO_BE_BUILT
    assert served.database.findings(failed)[-1].reason == "put back in Airflow by op: the share is back"


def test_what_cannot_be_done_is_said_on_the_page(served: "Served") -> None:
    if not served.database.logs("open"):
        served.database.start_session("Titan-1", "ada", BEGUN, "open")

    answer = requests.post(
        f"{served.url}/nexuslims/act/end",
        data={"session": "open", "at": "2026-03-02T08:00"},
        headers=HTML | {"Sec-Fetch-Site": "same-origin"},
        cookies=cookie(served, "op"),
        timeout=30,
    )

    assert answer.status_code == 409
    assert "cannot end at" in answer.text
    assert served.database.summary("open").dt_to is None


@pytest.mark.parametrize("name", ["a/b", "c?d#e", "50%25", "x\ny", "<script>alert(1)</script>", "é" * 9000], ids=len)
def test_a_session_of_any_name_has_a_page(served: "Served", name: str) -> None:
    _insert(served, name)
    cookies = cookie(served, "viewer")

    listed = requests.get(f"{served.url}/nexuslims/sessions?user=hostile", headers=HTML, cookies=cookies, timeout=30)
    number = served.database.logs(name)[0].id_session_log
    page = requests.get(_address(served, name, number), headers=HTML, cookies=cookies, timeout=30)

    assert (listed.status_code, page.status_code) == (200, 200)
    assert "<script>alert" not in listed.text + page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")


def _insert(served: "Served", name: str) -> None:
    """Write a START as another program would, which takes any name."""
    from sqlalchemy import text

    if served.database.logs(name):
        return
    with served.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO session_log (session_identifier, instrument, timestamp, event_type, record_status, user) "
                "VALUES (:name, 'Titan-1', '2026-03-02T10:00:00.000000+00:00', 'START', 'WAITING_FOR_END', 'hostile')"
            ),
            {"name": name},
        )


def _address(served: "Served", name: str, number: int | None) -> str:
    from nexuslims_core.sessions.page_links import session_path

    return f"{served.url}/nexuslims/{session_path(name, number)}"
