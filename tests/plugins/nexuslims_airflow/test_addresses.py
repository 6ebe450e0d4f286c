import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from datetime import UTC, datetime

from nexuslims_airflow.addresses import attempt_url
from nexuslims_core.sessions.attempts import Attempt

pytestmark = pytest.mark.airflow
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("holder", "url"),
    [
        (
            "nexuslims_build_records/asset/t+00:00/7",
            "dags/nexuslims_build_records/runs/asset%2Ft%2B00%3A00/tasks/session.find_files/mapped/7",
        ),
        ("nexuslims_housekeeping/run/publish_pending", "dags/nexuslims_housekeeping/runs/run"),
        ("host:17:2026", None),
    ],
    ids=["a mapped task", "another task", "no run"],
)
def test_the_log_of_an_attempt_is_where_its_holder_ran(
    monkeypatch: pytest.MonkeyPatch, holder: str, url: str | None
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org/")

    attempt = Attempt(
        session_identifier="s1", number=1, holder=holder, lease_until=AT, started_at=AT, stage="find_files"
    )

    assert attempt_url(attempt) == (url and f"https://airflow.example.org/{url}")


def test_an_airflow_that_does_not_say_where_it_is_gets_no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "")

    attempt = Attempt(
        session_identifier="s1", number=1, holder="nexuslims_build_records/r/0", lease_until=AT, started_at=AT
    )

    assert attempt_url(attempt) is None
