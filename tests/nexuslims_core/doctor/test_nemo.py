"""An instrument that NEMO keeps is asked for as a harvest does."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.doctor.examining import examine
from nexuslims_core.instruments.models import Harvester

if TYPE_CHECKING:
    from nexuslims_core.publishing.base import Check
    from tests.nexuslims_core.conftest import Lab
    from tests.servers.nemo import NemoTool


@pytest.fixture
def tool(lab: "Lab", nemo_tool: "NemoTool", monkeypatch: pytest.MonkeyPatch) -> "NemoTool":
    """The tool in NEMO that is the facility's instrument."""
    lab.database.add_instrument(replace(lab.titan, harvester=Harvester.NEMO, api_url=nemo_tool.api_url))
    monkeypatch.setenv("NEXUSLIMS_NEMO_URL", nemo_tool.server.api)
    monkeypatch.setenv("NEXUSLIMS_NEMO_TOKEN", nemo_tool.server.token)
    return nemo_tool


def calendar() -> "Check":
    return next(check for check in examine() if check.subject == "calendar")


@pytest.mark.usefixtures("tool")
def test_a_nemo_that_lets_us_in_is_well() -> None:
    assert (calendar().ok, calendar().sentence) == (
        True,
        "NEMO answers: it is not in use; 0 reservations around today, users are asked for consent",
    )


def test_a_nemo_that_does_not_is_not(tool: "NemoTool", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_NEMO_TOKEN", tool.server.access.nobody_token)

    assert not calendar().ok
    assert "let the token's user view this table in NEMO" in calendar().sentence
