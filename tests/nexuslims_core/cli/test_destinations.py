from dataclasses import replace

import pytest

from nexuslims_core.cli.destinations import DatabaseLogbook, opened
from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.logger.client import AirflowLogbook
from tests.nexuslims_core.conftest import Lab
from tests.servers.logbook_contract import INSTRUMENT, ZONE, LogbookContract, begins


@pytest.fixture
def logbook(lab: Lab) -> DatabaseLogbook:
    lab.database.add_instrument(replace(lab.titan, instrument_pid=INSTRUMENT, timezone=ZONE))
    return DatabaseLogbook(url=lab.settings().database_url)


class TestContract(LogbookContract):
    """The database itself keeps it."""


def test_a_database_that_cannot_be_reached_is_said() -> None:
    with pytest.raises(ServiceUnavailableError):
        DatabaseLogbook(url="postgresql://nobody@127.0.0.1:9/nexuslims").write(begins())


def test_the_database_keeps_its_queue_beside_all_that_is_written(lab: Lab) -> None:
    queue, logbook = opened()

    assert queue.folder == lab.data / "queue"
    assert isinstance(logbook, DatabaseLogbook)


def test_an_instruments_computer_needs_no_more_than_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_API_URL", "https://airflow.example.org/")

    queue, logbook = opened()

    assert queue.folder.name == "queue"
    assert isinstance(logbook, AirflowLogbook)
    assert logbook.url == "https://airflow.example.org"
