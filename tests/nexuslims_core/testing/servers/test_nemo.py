"""The NEMO that tests run."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
import requests

from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.testing.servers.nemo import NemoServer

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture
def own(nemo_python: Path, prepared_nemo_home: Path, tmp_path: Path) -> Iterator[NemoServer]:
    """A NEMO that this test may stop and start."""
    server = NemoServer(home=copytree(prepared_nemo_home, tmp_path / "home"), python=nemo_python, zone="Europe/Berlin")
    yield server
    server.stop()


def events(server: NemoServer) -> list[dict[str, object]]:
    signed = {"Authorization": f"Token {server.token}"}
    found: list[dict[str, object]] = requests.get(f"{server.api}usage_events/", headers=signed, timeout=30).json()
    return found


def test_a_start_on_the_same_home_finds_the_same_events_and_tokens(own: NemoServer) -> None:
    own.start()
    before, token = events(own), own.token
    own.stop()

    own.start()

    assert (events(own), own.token) == (before, token)


def test_it_is_gone_when_it_was_stopped(own: NemoServer) -> None:
    own.start()
    api = own.api
    own.stop()

    with pytest.raises(requests.ConnectionError):
        requests.get(api, timeout=5)
    with pytest.raises(ServiceUnavailableError, match="start it first"):
        _ = own.api


def test_a_start_that_fails_says_why(own: NemoServer) -> None:
    own.zone = "Mars/Olympus"

    with pytest.raises(ServiceUnavailableError, match=r"NEMO did not start: [^$]*Mars/Olympus"):
        own.start()
