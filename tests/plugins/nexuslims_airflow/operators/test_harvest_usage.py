"""Task ``harvest_usage``."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException

from nexuslims_airflow.operators.harvest_usage import HarvestUsageOperator
from nexuslims_core.instruments.models import Harvester

if TYPE_CHECKING:
    from tests.plugins.conftest import Site
    from tests.servers.nemo import NemoTool

pytestmark = pytest.mark.airflow
HOUR = timedelta(hours=1)


@pytest.fixture
def tool(site: "Site", nemo_tool: "NemoTool", monkeypatch: pytest.MonkeyPatch) -> "NemoTool":
    """The tool in NEMO that is the site's instrument."""
    site.database.add_instrument(replace(site.titan, harvester=Harvester.NEMO, api_url=nemo_tool.api_url))
    monkeypatch.setenv("NEXUSLIMS_NEMO_URL", nemo_tool.server.api)
    monkeypatch.setenv("NEXUSLIMS_NEMO_TOKEN", nemo_tool.server.token)
    return nemo_tool


@pytest.mark.usefixtures("site")
def test_does_nothing_where_nemo_keeps_no_instrument() -> None:
    assert HarvestUsageOperator(task_id="t").execute({}) == {}


def test_says_how_many_sessions_came(tool: "NemoTool") -> None:
    begun = datetime.now(UTC) - 5 * HOUR
    tool.used(begun, begun + HOUR)
    tool.used(begun + 2 * HOUR)

    assert HarvestUsageOperator(task_id="t").execute({}) == {"ended": 1, "started": 1}


def test_what_could_be_harvested_is_there_when_it_fails(site: "Site", tool: "NemoTool") -> None:
    begun = datetime.now(UTC) - 5 * HOUR
    tool.used(begun, begun + HOUR)
    lost = replace(site.titan, instrument_pid="A-1", harvester=Harvester.NEMO, api_url="https://elsewhere/tools/?id=1")
    site.database.add_instrument(lost)

    with pytest.raises(AirflowFailException, match="there is no token for the NEMO at https://elsewhere/"):
        HarvestUsageOperator(task_id="t").execute({})

    assert len(site.database.waiting_sessions()) == 1
