"""A session that never was: it makes all that the next one takes, and leaves nothing."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, select

from nexuslims_core.config import Settings, load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.db.rows import Row
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.pipeline import build_past_session, scan_all
from nexuslims_core.reading.starting import Wards
from nexuslims_core.rehearsal import rehearse
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import open_facility
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from nexuslims_core.testing.writers.msa import write_msa

BEGUN = datetime(2026, 3, 2, tzinfo=UTC)
TITAN = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")

pytestmark = pytest.mark.slow  # each builds at least one record


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    folders = {f"{name}_path": tmp_path / name for name in ("filestore", "data", "site")}
    (tmp_path / "filestore" / "Titan").mkdir(parents=True)
    if request.param == "sqlite":
        yield load_settings(None, **folders)
        return
    with PostgresqlServer(tmp_path / "postgresql", fsync=False) as server:
        yield load_settings(None, **folders, db_url=server.database("sessions"))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database.create(settings.database_url)
    yield database
    database.engine.dispose()


def rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        tables = {name: table for name, table in Row.metadata.tables.items() if inspect(engine).has_table(name)}
        return {name: len(connection.execute(select(table)).all()) for name, table in tables.items()}


def test_a_rehearsal_builds_a_record_and_leaves_neither_row_nor_file(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    before = rows(database.engine)

    report = rehearse(settings, database, Wards())

    assert (report.status, report.datasets) == (RecordStatus.COMPLETED, 1)
    assert rows(database.engine) == before
    assert not [*(tmp_path / "temporary").iterdir(), *(tmp_path / "data").glob("records"), *tmp_path.glob("site/*")]


@pytest.mark.server
@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_the_first_session_after_it_makes_no_statement_that_was_not_made(
    settings: Settings, database: Database
) -> None:
    rehearse(settings, database, Wards())
    database.add_instrument(TITAN)
    database.end_session(database.start_session("Titan-1", "ada", BEGUN, "s1"), BEGUN + timedelta(hours=1))
    write_msa(settings.filestore_path / "Titan" / "a.msa", [1, 5, 2], header={}, mtime=BEGUN.timestamp() + 60)
    facility = replace(open_facility(settings), database=database)
    compiled = len(database.engine._compiled_cache or ())
    session = database.session("s1")
    scan = scan_all(facility, (session,))["Titan-1"]

    report = build_past_session(facility, session, scan, "holder", rebuild=False, comes_again=False)

    assert report.status is RecordStatus.COMPLETED
    assert len(database.engine._compiled_cache or ()) == compiled
