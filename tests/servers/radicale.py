"""Fixtures that give a test a real Radicale: installed once per checkout, started once per run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nexuslims_core.testing.servers.radicale import RadicaleServer
from nexuslims_core.testing.servers.radicale.installing import make_venv

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "radicale"


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RadicaleServer]:
    """A Radicale that runs; what is written into it outlives a test, so every test takes calendars of its own."""
    python = make_venv(CACHE, lambda _: None)
    with RadicaleServer(home=tmp_path_factory.mktemp("radicale"), python=python) as server:
        yield server
