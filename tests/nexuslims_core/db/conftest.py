"""Databases of both kinds, each fresh: a SQLite file, and one in a PostgreSQL that runs while the tests do."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from nexuslims_core.db.database import Database
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.testing.servers.postgresql import PostgresqlServer

Waits = Callable[..., str]


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlServer]:
    with PostgresqlServer(tmp_path_factory.mktemp("postgresql"), fsync=False) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that has no tables yet; on SQLite not even a file."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/nexuslims.db"
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    address = server.database("facility")
    with create_engine(address, poolclass=NullPool).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))  # a new database would take a second
        connection.execute(text("CREATE SCHEMA public"))
    return address


@pytest.fixture
def titan() -> Instrument:
    return Instrument(
        instrument_pid="FEI-Titan-TEM-635816",
        schema_name="FEI Titan TEM",
        filestore_path="./Titan",
        timezone="America/New_York",
    )


@pytest.fixture
def database(url: str, titan: Instrument) -> Iterator[Database]:
    """A database with the tables of this release and one instrument."""
    database = Database.create(url)
    database.add_instrument(titan)
    yield database
    database.engine.dispose()


@pytest.fixture
def ten() -> datetime:
    return datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def lease() -> timedelta:
    return timedelta(minutes=30)


@pytest.fixture
def waits(database: Database, titan: Instrument, ten: datetime) -> Waits:
    """Make a session of one hour that waits to be built, and return its identifier."""

    def make(identifier: str = "s1", *, at: datetime = ten, user: str | None = "ada") -> str:
        database.start_session(titan.instrument_pid, user, at, identifier)
        database.end_session(identifier, at + timedelta(hours=1))
        return identifier

    return make
