"""The session's name in the log of each of its tasks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from structlog.contextvars import clear_contextvars, get_contextvars

from nexuslims_airflow.operators.build_session import BuildSessionOperator
from nexuslims_airflow.operators.claim import ClaimOperator
from nexuslims_airflow.operators.finish import FinishOperator

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

DUE = {"label": "Titan", "session_identifier": "s1", "scan": None}


@pytest.fixture(autouse=True)
def no_names() -> Iterator[None]:
    clear_contextvars()
    yield
    clear_contextvars()


@pytest.mark.parametrize("kind", [ClaimOperator, BuildSessionOperator])
def test_a_session_that_is_due_is_named(kind: type[ClaimOperator] | type[BuildSessionOperator]) -> None:
    kind(task_id="t", due=DUE).pre_execute({})

    assert get_contextvars() == {"session_id": "s1"}


def test_a_session_that_is_claimed_is_named(site: "Site") -> None:
    FinishOperator(task_id="t", claim=site.claimed("s 1")).pre_execute({})

    assert get_contextvars() == {"session_id": "s 1"}


def test_a_task_whose_claim_never_came_names_nobody() -> None:
    FinishOperator(task_id="t", claim=None).pre_execute({})

    assert get_contextvars() == {}
