"""The whole cycle: a backup while records are being made, more work, a loss, a restore, and each record still once."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
import requests

from nexuslims_core.db.database import Database
from nexuslims_core.doctor import examine
from nexuslims_core.housekeeping import publish_waiting
from nexuslims_core.publishing.base import Check, Earlier, Receipt, RecordStore
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.nexuslims_core.conftest import Build, Lab, Nexuslims

pytestmark = pytest.mark.slow

LATER = timedelta(days=1)


class Keeper(Protocol):
    """One kind of database, as its operator keeps it."""

    def back_up(self, to: Path) -> None: ...

    def restore(self, kept: Path) -> None: ...


@dataclass(frozen=True)
class SqliteKeeper:
    file: Path
    nexuslims: Nexuslims

    def back_up(self, to: Path) -> None:
        assert self.nexuslims("db", "backup", to).code == 0

    def restore(self, kept: Path) -> None:
        for end in ("", "-wal", "-shm"):
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)
        shutil.copyfile(kept, self.file)


@dataclass(frozen=True)
class PostgresqlKeeper:
    server: PostgresqlServer
    name: str

    def back_up(self, to: Path) -> None:
        self._run("pg_dump", "--format=custom", f"--file={to}", self._address)

    def restore(self, kept: Path) -> None:
        self.server.drop(self.name)
        self.server.database(self.name)
        self._run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={self._address}", kept)

    @property
    def _address(self) -> str:
        return self.server.url(self.name).replace("postgresql+psycopg2:", "postgresql:")

    def _run(self, program: str, *words: str | Path) -> None:
        subprocess.run([self.server.program(program), *words], check=True)


@dataclass(frozen=True)
class MeanwhileStore:
    """A destination during whose upload something else happens, before it is asked."""

    store: RecordStore
    meanwhile: Callable[[], None]

    @property
    def name(self) -> str:
        return self.store.name

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        self.meanwhile()
        return self.store.put(title, xml, earlier)

    def check(self) -> tuple[Check, ...]:
        return self.store.check()


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlServer]:
    with PostgresqlServer(tmp_path_factory.mktemp("postgresql"), fsync=False) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def keeper(request: pytest.FixtureRequest, lab: Lab, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """The facility's database, of either kind."""
    if request.param == "sqlite":
        return SqliteKeeper(file=lab.data / "nexuslims.sqlite", nexuslims=nexuslims)
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    server.drop("kept")
    url = server.database("kept")
    monkeypatch.setenv("NEXUSLIMS_DB_URL", url)
    Database.create(url).add_instrument(lab.titan)
    return PostgresqlKeeper(server=server, name="kept")


def _numbers(cdcs: CdcsServer, title: str) -> list[int]:
    """Return the numbers of all records of a title that the publishing account has in CDCS, public or not."""
    reply = requests.get(
        f"{cdcs.url}/rest/data/", params={"title": title}, headers={"Authorization": f"Token {cdcs.token}"}, timeout=30
    )
    reply.raise_for_status()
    return [record["id"] for record in reply.json()["results"]]


def _doubts(subject: str) -> list[str]:
    return [check.sentence for check in examine() if check.name == subject and (check.warning or not check.ok)]


@pytest.mark.parametrize("folder", ["as it is now", "of the backup"])
def test_what_was_published_after_the_backup_is_not_published_twice(
    lab: Lab, keeper: Keeper, build: Build, published: CdcsServer, tmp_path: Path, folder: str
) -> None:
    kept, kept_data = tmp_path / "kept", tmp_path / "kept data"

    def back_up() -> None:
        keeper.back_up(kept)
        shutil.copytree(lab.data, kept_data)

    lab.two_activities()
    done, unsent, uploading, waiting = (lab.waits() for _ in range(4))
    reports = {done: build(done), unsent: build(unsent, stores=())}
    stores = tuple(MeanwhileStore(store, back_up) for store in lab.facility().stores)
    reports[uploading] = build(uploading, stores=stores)
    reports[waiting] = build(waiting)
    publish_waiting(lab.facility(), "housekeeping")
    titles = {identifier: report.record.stem for identifier, report in reports.items() if report.record}
    before = {identifier: _numbers(published, title) for identifier, title in titles.items()}

    keeper.restore(kept)
    if folder == "of the backup":
        for year in ("records", "work"):
            shutil.rmtree(lab.data / year)
            shutil.copytree(kept_data / year, lab.data / year)
    restored = {identifier: lab.database.summary(identifier).status for identifier in titles}
    doubts = _doubts("records")
    again = replace(lab.facility(), now=lambda: lab.facility().now() + LATER)
    for identifier in (uploading, waiting):
        build(identifier, holder="the new machine", now=again.now)
    publish_waiting(again, "housekeeping")

    after = {identifier: _numbers(published, title) for identifier, title in titles.items()}
    assert [*restored.values()] == ["COMPLETED", "BUILT_NOT_EXPORTED", "TO_BE_BUILT", "TO_BE_BUILT"]
    assert {len(numbers) for numbers in before.values()} == {1}
    assert after == before
    assert {lab.database.summary(identifier).status for identifier in titles} == {"COMPLETED"}
    assert [titles[waiting] in doubt for doubt in doubts] == ([True] if folder == "as it is now" else [])
    assert _doubts("records") == []
