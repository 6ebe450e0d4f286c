"""``nexuslims sessions harvest`` against the real NEMO, and ``build --waiting``, which begins with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.instruments.models import Harvester

if TYPE_CHECKING:
    from tests.nexuslims_core.conftest import Lab, Nexuslims
    from tests.servers.nemo import NemoTool

HOUR = timedelta(hours=1)


@pytest.fixture
def tool(lab: "Lab", nemo_tool: "NemoTool", monkeypatch: pytest.MonkeyPatch) -> "NemoTool":
    """The tool in NEMO that is the facility's instrument."""
    lab.database.add_instrument(replace(lab.titan, harvester=Harvester.NEMO, api_url=nemo_tool.api_url))
    monkeypatch.setenv("NEXUSLIMS_NEMO_URL", nemo_tool.server.api)
    monkeypatch.setenv("NEXUSLIMS_NEMO_TOKEN", nemo_tool.server.token)
    return nemo_tool


@pytest.fixture
def begun() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - 3 * HOUR


def test_says_which_sessions_are_new(nexuslims: "Nexuslims", tool: "NemoTool", begun: datetime) -> None:
    identifier = tool.session(tool.used(begun, begun + HOUR))

    said = nexuslims("sessions", "harvest", "--json")

    new = {"session_identifier": identifier, "instrument_pid": "FEI-Titan-TEM-635816", "outcome": "ended"}
    assert (said.code, said.document, said.err) == (0, [new], "")


@pytest.mark.usefixtures("tool")
def test_says_that_nothing_is_new(nexuslims: "Nexuslims") -> None:
    assert nexuslims("sessions", "harvest").out == "Nothing new.\n"


def test_a_naive_time_is_the_instruments(nexuslims: "Nexuslims", tool: "NemoTool") -> None:
    tool.used(datetime(2020, 6, 1, 15, 0, tzinfo=UTC), datetime(2020, 6, 1, 16, 0, tzinfo=UTC))  # 12:00 in New York

    after = nexuslims(
        "sessions", "harvest", "--since", "2020-06-01T12:01", "--instrument", "FEI-Titan-TEM-635816", "--json"
    )
    before = nexuslims(
        "sessions", "harvest", "--since", "2020-06-01T11:59", "--instrument", "FEI-Titan-TEM-635816", "--json"
    )

    assert (len(after.document), len(before.document)) == (0, 1)


@pytest.mark.usefixtures("tool")
def test_a_nemo_that_is_down_is_said_and_fails(nexuslims: "Nexuslims", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_NEMO_TOKEN", "0" * 40)

    said = nexuslims("sessions", "harvest", "--json")

    assert (said.code, said.document) == (1, [])
    assert "Invalid token" in said.err


def test_build_waiting_harvests_first(nexuslims: "Nexuslims", lab: "Lab", tool: "NemoTool", begun: datetime) -> None:
    identifier = tool.session(tool.used(begun, begun + HOUR))

    nexuslims("build", "--waiting", "--no-upload", "--json")

    assert lab.database.summary(identifier).dt_to == begun + HOUR


@pytest.mark.usefixtures("tool")
def test_build_waiting_goes_on_without_nemo(
    nexuslims: "Nexuslims", lab: "Lab", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_NEMO_TOKEN", "0" * 40)
    quanta = replace(lab.titan, instrument_pid="Quanta-2")
    lab.database.add_instrument(quanta)
    lab.image("image.dm3", 1)
    identifier = lab.waits(pid="Quanta-2")

    said = nexuslims("build", "--waiting", "--no-upload", "--json")

    assert "Invalid token" in said.err
    assert [(each["session"], each["status"]) for each in said.document] == [(identifier, "BUILT_NOT_EXPORTED")]


def test_a_dry_run_asks_nobody(nexuslims: "Nexuslims", lab: "Lab", tool: "NemoTool", begun: datetime) -> None:
    tool.used(begun, begun + HOUR)

    nexuslims("build", "--waiting", "--dry-run")

    assert lab.database.sessions() == ()
