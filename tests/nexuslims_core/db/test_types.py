from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from nexuslims_core.db.engine import connect, writing
from nexuslims_core.db.types import AnyText, PathText, UtcDateTime
from nexuslims_core.sessions.clocks import NO_TIME

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("words", AnyText),
    Column("path", PathText),
)


@pytest.fixture
def connection(url: str, tmp_path: Path) -> Iterator[Connection]:
    (tmp_path / "data").mkdir()
    engine = connect(url)
    with writing(engine).begin() as connection:
        THINGS.create(connection)
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    "time",
    [
        pytest.param(datetime(2026, 3, 2, 10, 0, 0, 123456, UTC), id="microseconds"),
        pytest.param(datetime(2026, 3, 2, 10, 0, 0, 0, UTC), id="whole second"),
        pytest.param(datetime(1999, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5))), id="another zone"),
    ],
)
def test_gives_a_time_back_exactly_and_in_utc(connection: Connection, time: datetime) -> None:
    connection.execute(insert(THINGS).values(at=time))

    kept = connection.execute(select(THINGS.c.at)).scalar_one()

    assert kept == time
    assert kept.tzinfo is UTC


@pytest.mark.parametrize("written", ["x", "", b"\xff", "9999-12-31T23:59:59-12:00"], ids=ascii)
def test_what_another_hand_wrote_for_a_time_stops_no_reader(tmp_path: Path, written: object) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")
    with writing(engine).begin() as connection:
        THINGS.create(connection)
        connection.exec_driver_sql("INSERT INTO things (at) VALUES (?)", (written,))

        assert connection.execute(select(THINGS.c.at)).scalar_one() == NO_TIME


def test_bytes_that_another_hand_wrote_are_text_and_paths(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/x.db")
    with writing(engine).begin() as connection:
        THINGS.create(connection)
        connection.exec_driver_sql("INSERT INTO things (words, path) VALUES (?, ?)", (b"a\xff", b"/a\xff"))

        assert tuple(connection.execute(select(THINGS.c.words, THINGS.c.path)).one()) == ("a�", Path("/a\udcff"))


def test_refuses_a_time_without_a_zone(connection: Connection) -> None:
    with pytest.raises(StatementError, match="has no zone"):
        connection.execute(insert(THINGS).values(at=datetime(2026, 3, 2, 10)))  # noqa: DTZ001 - the point of the test


def test_sorts_and_compares_times_of_different_zones(connection: Connection) -> None:
    early = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    late = datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=-1)))
    connection.execute(insert(THINGS), [{"at": late}, {"at": early}])

    found = connection.execute(select(THINGS.c.at).order_by(THINGS.c.at)).scalars().all()
    later = connection.execute(select(THINGS.c.at).where(THINGS.c.at > early)).scalars().all()

    assert found == [early, late]
    assert later == [late]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("Müller 𝛼\n'; DROP TABLE things; --", "Müller 𝛼\n'; DROP TABLE things; --", id="any text"),
        pytest.param("a\0b", "a�b", id="NUL"),
        pytest.param("a\udcffb", "a�b", id="bytes that are no UTF-8"),
    ],
)
def test_keeps_hostile_text(connection: Connection, text: str, kept: str) -> None:
    connection.execute(insert(THINGS).values(words=text))

    assert connection.execute(select(THINGS.c.words)).scalar_one() == kept


@pytest.mark.parametrize("name", ["record.xml", "Größe %41.xml", "latin\udce9 %.xml"])
def test_loses_no_name_of_a_file(connection: Connection, name: str) -> None:
    path = Path("/data/records") / name
    connection.execute(insert(THINGS).values(path=path))

    assert connection.execute(select(THINGS.c.path)).scalar_one() == path


def test_keeps_nothing_as_nothing(connection: Connection) -> None:
    connection.execute(insert(THINGS).values(at=None, words=None, path=None))

    assert connection.execute(select(THINGS.c.at, THINGS.c.words, THINGS.c.path)).one() == (None, None, None)
