import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from nexuslims_airflow.api.app import create_app

pytestmark = pytest.mark.airflow


def test_every_route_asks_for_a_login() -> None:
    app = create_app()
    client = TestClient(app)
    called = [(method, route.path) for route in app.routes if isinstance(route, APIRoute) for method in route.methods]

    told = {(method, path): client.request(method, path).status_code for method, path in called}

    assert set(told) >= {("POST", "/api/sessions/start"), ("POST", "/api/sessions/end")}
    assert set(told.values()) == {401}


def test_there_is_nothing_but_routes_that_ask_for_a_login() -> None:
    assert all(isinstance(route, APIRoute) for route in create_app().routes)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/sessions/start", 405), ("GET", "/docs", 404)])
def test_what_is_not_served_is_refused_in_the_same_shape(method: str, path: str, status: int) -> None:
    answer = TestClient(create_app()).request(method, path)

    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"type", "sentence"}
