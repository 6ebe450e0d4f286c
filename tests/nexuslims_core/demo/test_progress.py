"""What `make demo` says while the DAG runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.demo.expectations import Expectation
from nexuslims_core.demo.layout import Layout
from nexuslims_core.demo.progress import DOING, Progress
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.states import RecordStatus

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A facility with two sessions that wait."""
    sessions = tuple(Expectation(session_identifier=s, about=s, status=RecordStatus.COMPLETED) for s in ("s1", "s2"))
    layout = Layout(folder=tmp_path, filestore=tmp_path, expectations=sessions)
    database = Database.create(layout.database_url)
    database.add_instrument(
        Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")
    )
    for session in sessions:
        database.start_session("Titan-1", "ada", TEN, session.session_identifier)
        database.end_session(session.session_identifier, TEN + HOUR)
    return layout


def test_says_each_step_once_as_the_first_session_comes_to_it(layout: Layout) -> None:
    said: list[str] = []
    progress, database = Progress(layout, said.append), Database.open(layout.database_url)
    progress()
    for session in ("s1", "s2"):
        claim = database.claim(session, "tester", TEN, HOUR)
        for stage in ("harvest_reservation", "find_files"):
            database.renew(claim, stage, TEN, HOUR)
            progress()
            progress()

    assert said == [DOING["harvest_reservation"], DOING["find_files"]]


def test_a_step_that_passed_between_two_looks_is_said_too(layout: Layout) -> None:
    said: list[str] = []
    progress, database = Progress(layout, said.append), Database.open(layout.database_url)
    claim = database.claim("s1", "tester", TEN, HOUR)
    database.renew(claim, "cluster_activities", TEN, HOUR)

    progress()

    assert said == list(DOING.values())[:3]
