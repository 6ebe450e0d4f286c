"""Task ``waiting_instruments``."""

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException

from nexuslims_airflow.operators.waiting_instruments import WaitingInstrumentsOperator

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow


def test_names_each_instrument_that_has_a_session_waiting_once(site: "Site") -> None:
    site.waits("s1")
    site.waits("s2")

    assert WaitingInstrumentsOperator(task_id="t").execute({}) == ["Titan-1"]


@pytest.mark.usefixtures("site")
def test_names_none_where_nothing_waits() -> None:
    assert WaitingInstrumentsOperator(task_id="t").execute({}) == []


@pytest.mark.usefixtures("site")
def test_a_misspelt_setting_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_FILE_STRATEGIE", "inclusive")

    with pytest.raises(AirflowFailException, match="do you mean NEXUSLIMS_FILE_STRATEGY"):
        WaitingInstrumentsOperator(task_id="t").execute({})
