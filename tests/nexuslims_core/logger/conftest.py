"""A facility that a logger can reach, with a proxy before it that fails on purpose, and a queue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nexuslims_core.logger.client import AirflowLogbook
from nexuslims_core.logger.queue import Queue
from nexuslims_core.testing.servers.logbook import LogbookServer
from tests.servers.faulty_proxy import FaultyProxy
from tests.servers.logbook_contract import INSTRUMENT, ZONE


@pytest.fixture
def server() -> Iterator[LogbookServer]:
    with LogbookServer(instruments={INSTRUMENT: ZONE}) as running:
        yield running


@pytest.fixture
def proxy(server: LogbookServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.url) as running:
        yield running


@pytest.fixture
def logbook(server: LogbookServer, proxy: FaultyProxy) -> AirflowLogbook:
    return AirflowLogbook(url=proxy.url, user=server.user, password=server.password, timeout_s=5)


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(folder=tmp_path / "queue", patience_s=0.2)
