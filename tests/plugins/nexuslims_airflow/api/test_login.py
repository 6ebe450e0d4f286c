import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.api.login import is_foreign

pytestmark = pytest.mark.airflow

OWN = {"airflow.example.org", "10.0.0.1:8080"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "https://airflow.example.org"},
        {"sec-fetch-site": "none"},
        {"origin": "https://airflow.example.org"},
        {"origin": "http://10.0.0.1:8080"},
    ],
    ids=["no browser", "our page", "by hand", "our page in an older browser", "behind no proxy"],
)
def test_our_own_pages_and_programs_are_not_foreign(headers: dict[str, str]) -> None:
    assert not is_foreign(headers, OWN)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://airflow.example.org"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": ""},
        {"origin": "https://evil.example.org"},
        {"origin": "https://airflow.example.org.evil.org"},
        {"origin": "http://10.0.0.1:9090"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
    ],
    ids=repr,
)
def test_pages_of_other_sites_are_foreign(headers: dict[str, str]) -> None:
    assert is_foreign(headers, OWN)
