"""Task ``claim``."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from nexuslims_airflow.operators.claim import ClaimOperator
from nexuslims_core import codec
from nexuslims_core.sessions.models import Claim

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

CONTEXT = {"ti": SimpleNamespace(dag_id="nexuslims_build_records", run_id="manual", map_index=3)}


def claim(identifier: str) -> Any:  # noqa: ANN401 - an XCom
    due = {"label": "Titan", "session_identifier": identifier, "scan": {"path": "/scan.json", "sha256": "0"}}
    return ClaimOperator(task_id="claim", due=due).execute(CONTEXT)


def test_opens_an_attempt_in_the_name_of_its_task(site: "Site") -> None:
    identifier = site.waits()

    claimed = claim(identifier)

    assert codec.decode(Claim, claimed["claim"]).holder == "nexuslims_build_records/manual/3"
    assert [attempt.holder for attempt in site.database.attempts(identifier)] == ["nexuslims_build_records/manual/3"]


def test_hands_on_what_the_next_tasks_need(site: "Site") -> None:
    claimed = claim(site.waits())

    assert claimed["label"] == "Titan"
    assert claimed["scan"] == {"path": "/scan.json", "sha256": "0"}


def test_a_task_that_runs_again_gets_the_same_claim(site: "Site") -> None:
    identifier = site.waits()

    assert claim(identifier) == claim(identifier)
    assert len(site.database.attempts(identifier)) == 1


def test_a_session_that_another_holder_builds_is_skipped(site: "Site") -> None:
    identifier = site.waits()
    site.database.claim(identifier, "another", datetime.now(UTC), timedelta(hours=1))

    with pytest.raises(AirflowSkipException, match="another"):
        claim(identifier)


def test_a_session_that_does_not_wait_fails(site: "Site") -> None:
    site.database.start_session(site.titan.instrument_pid, "ada", datetime(2026, 3, 2, tzinfo=UTC), "not ended")

    with pytest.raises(AirflowFailException):
        claim("not ended")
