import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

from nexuslims_airflow.api.events import announce_end

pytestmark = pytest.mark.airflow


def test_an_event_that_cannot_be_posted_is_logged_and_the_end_stands(caplog: pytest.LogCaptureFixture) -> None:
    nobody = SimpleAuthManagerUser(username="titan", role="user")

    announce_end("s1", "Titan-1", nobody)  # the Airflow of these tests has a database without tables

    assert "session s1: its end starts no build at once, the timer will" in caplog.text
