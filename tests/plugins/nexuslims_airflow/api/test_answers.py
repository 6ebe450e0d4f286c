from collections.abc import Callable

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import exc

from nexuslims_airflow.api.answers import ANSWERS, UnusableBodyError
from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    DatabaseError,
    ServiceUnavailableError,
    SessionStateError,
    UnknownInstrumentError,
    UnknownSessionError,
    UnusableInstrumentError,
)

pytestmark = pytest.mark.airflow

Answered = Callable[[Exception], Response]
HIDDEN = "host=10.0.0.7 user=nexuslims"


@pytest.fixture
def answered() -> Answered:
    """Return the answer to a call in which something is raised."""

    def ask(error: Exception) -> Response:
        app = FastAPI(exception_handlers=dict(ANSWERS))

        @app.get("/")
        def call() -> None:
            raise error

        return TestClient(app, raise_server_exceptions=False).get("/")

    return ask


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownSessionError("s1"), 404),
        (UnknownInstrumentError("Titan-1"), 404),
        (SessionStateError("session s1 has ended already"), 409),
        (UnusableBodyError("id: Field required"), 422),
        (UnusableInstrumentError("instrument Titan: 'x' is no time zone"), 500),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_a_person_can_mend_is_told_with_its_name_and_sentence(
    answered: Answered, error: Exception, status: int
) -> None:
    answer = answered(error)

    assert answer.status_code == status
    assert answer.json() == {"error": {"type": type(error).__name__, "sentence": str(error)}}


@pytest.mark.parametrize(
    "error",
    [
        ServiceUnavailableError(HIDDEN),
        DatabaseError(HIDDEN),
        AuthenticationError(HIDDEN),
        ConfigurationError(HIDDEN),
        exc.OperationalError(HIDDEN, None, Exception(HIDDEN)),
        exc.TimeoutError(HIDDEN),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_is_wrong_with_our_database_is_said_again_later_and_told_to_the_log_alone(
    answered: Answered, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    answer = answered(error)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.json()["error"]["type"] == "ServiceUnavailableError"
    assert HIDDEN not in answer.text
    assert HIDDEN in caplog.text


def test_a_fault_of_ours_tells_nothing_of_itself(answered: Answered) -> None:
    answer = answered(KeyError(HIDDEN))

    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "InternalError")
    assert HIDDEN not in answer.text


@pytest.mark.parametrize(("status", "kind"), [(403, "NotAllowedError"), (404, "HTTPException")])
def test_what_the_framework_refuses_has_the_same_shape(answered: Answered, status: int, kind: str) -> None:
    answer = answered(HTTPException(status, HIDDEN))

    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert HIDDEN not in answer.text
