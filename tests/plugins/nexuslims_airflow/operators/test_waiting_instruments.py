"""Task ``waiting_instruments``."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException

from nexuslims_airflow.operators.waiting_instruments import WaitingInstrumentsOperator
from nexuslims_core.sessions.states import RecordStatus

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow


def waiting(**given: str) -> list[str]:
    chosen = {"instruments": "[]", "sessions": "[]", "rebuild": "false", **given}
    return WaitingInstrumentsOperator(task_id="t", **chosen).execute({})


def test_names_each_instrument_that_has_a_session_waiting_once(site: "Site") -> None:
    site.waits("s1")
    site.waits("s2")

    assert waiting() == ["Titan-1"]


@pytest.mark.usefixtures("site")
def test_names_none_where_nothing_waits() -> None:
    assert waiting() == []


@pytest.mark.usefixtures("site")
def test_a_misspelt_setting_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_FILE_STRATEGIE", "inclusive")

    with pytest.raises(AirflowFailException, match="do you mean NEXUSLIMS_FILE_STRATEGY"):
        waiting()


@pytest.mark.parametrize(("sessions", "named"), [('["s1"]', ["Titan-1"]), ('["s2"]', [])])
def test_only_the_instruments_of_named_sessions_that_wait(site: "Site", sessions: str, named: list[str]) -> None:
    site.waits("s1")
    site.waits("s2")
    _complete(site, "s2")

    assert waiting(sessions=sessions) == named


def test_rebuild_puts_the_named_sessions_back(site: "Site") -> None:
    site.waits("s1")
    _complete(site, "s1")

    assert waiting(sessions='["s1"]', rebuild="true") == ["Titan-1"]
    assert site.database.findings("s1")[-1].reason == "rebuild asked for in Airflow"


@pytest.mark.usefixtures("site")
def test_rebuild_of_everything_is_refused() -> None:
    with pytest.raises(AirflowFailException, match="nexuslims_backfill_records"):
        waiting(rebuild="true")


def _complete(site: "Site", identifier: str) -> None:
    now = datetime.now(UTC)
    site.database.close(site.database.claim(identifier, "tester", now, timedelta(hours=1)), RecordStatus.COMPLETED, now)
