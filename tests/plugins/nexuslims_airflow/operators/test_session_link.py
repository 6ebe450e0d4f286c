from types import SimpleNamespace
from typing import Any, cast

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.operators.session_link import SessionLink

pytestmark = pytest.mark.airflow


def link_of(claim: object, **fields: object) -> str:
    return SessionLink().get_link(cast("Any", SimpleNamespace(claim=claim, **fields)), ti_key=None)


def test_a_task_leads_to_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://airflow.example.org")

    link = link_of({"claim": {"session": {"session_identifier": "s1"}}})

    assert link == "http://airflow.example.org/plugin/nexuslims/nexuslims/sessions/s1"


@pytest.mark.parametrize("claim", [None, {}, {"claim": None}, "{{ not rendered }}"], ids=repr)
def test_a_task_without_a_claim_leads_nowhere(claim: object) -> None:
    assert link_of(claim) == ""


def test_a_task_that_was_given_a_due_session_leads_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "")

    assert link_of(None, due={"session_identifier": "s1"}) == "/plugin/nexuslims/nexuslims/sessions/s1"
