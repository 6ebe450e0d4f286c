"""The whole cycle: a backup while records are being made, more work, a loss, a restore, and each record still once."""

import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
import requests

from nexuslims_core.db.database import Database
from nexuslims_core.doctor import examine
from nexuslims_core.housekeeping import publish_waiting
from nexuslims_core.publishing.base import Check, Earlier, Receipt, RecordStore
from nexuslims_core.stages.finish import BuildReport
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.nexuslims_core.conftest import Build, Lab, Nexuslims

pytestmark = pytest.mark.slow


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


@dataclass(frozen=True)
class Published:
    """What visitors find, in a CDCS and in a folder."""

    cdcs: CdcsServer
    folder: Path

    def numbers(self, titles: Iterable[str]) -> dict[str, list[int]]:
        """Return the numbers of all records of each title that the publishing account has in CDCS, public or not."""
        return {title: self._numbers(title) for title in titles}

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def _numbers(self, title: str) -> list[int]:
        login = {"Authorization": f"Token {self.cdcs.token}"}
        reply = requests.get(f"{self.cdcs.url}/rest/data/", params={"title": title}, headers=login, timeout=30)
        reply.raise_for_status()
        return [record["id"] for record in reply.json()["results"]]


@pytest.fixture
def everywhere(published: CdcsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    """Both destinations, which the facility publishes to."""
    monkeypatch.setenv("NEXUSLIMS_SITE_PATH", str(tmp_path / "site"))
    return Published(cdcs=published, folder=tmp_path / "site")


@dataclass(frozen=True)
class Safe:
    """Where backups are kept."""

    lab: Lab
    keeper: Keeper
    root: Path

    def back_up(self) -> None:
        self.keeper.back_up(self.root / "database")
        shutil.copytree(self.lab.data, self.root / "data")

    def restore(self, *, with_folder: bool) -> None:
        self.keeper.restore(self.root / "database")
        for name in ("records", "work") if with_folder else ():
            shutil.rmtree(self.lab.data / name)
            shutil.copytree(self.root / "data" / name, self.lab.data / name)


@pytest.fixture
def safe(lab: Lab, keeper: Keeper, tmp_path: Path) -> Safe:
    root = tmp_path / "safe"
    root.mkdir()
    return Safe(lab=lab, keeper=keeper, root=root)


def _doubts(subject: str) -> list[str]:
    return [check.sentence for check in examine() if check.name == subject and (check.warning or not check.ok)]


@pytest.mark.parametrize("with_folder", [False, True], ids=["a newer folder", "the folder of the backup"])
def test_what_was_published_after_the_backup_is_not_published_twice(
    lab: Lab, safe: Safe, build: Build, everywhere: Published, *, with_folder: bool
) -> None:
    lab.two_activities()
    done, unsent, uploading, waiting = (lab.waits() for _ in range(4))
    first, *others = lab.facility().stores
    reports = [
        build(done),
        build(unsent, stores=()),
        build(uploading, stores=(MeanwhileStore(first, safe.back_up), *others)),
        build(waiting),
    ]
    publish_waiting(lab.facility(), "housekeeping")
    titles = [report.record.stem for report in reports if report.record]
    numbers, files = everywhere.numbers(titles), everywhere.files()

    safe.restore(with_folder=with_folder)
    restored, doubts = _states(lab, reports), _doubts("records")
    tomorrow = replace(lab.facility(), now=lambda: datetime.now(UTC) + timedelta(days=1))
    for identifier in (uploading, waiting):
        build(identifier, holder="the new machine", now=tomorrow.now)
    publish_waiting(tomorrow, "housekeeping")

    assert restored == ["COMPLETED", "BUILT_NOT_EXPORTED", "TO_BE_BUILT", "TO_BE_BUILT"]
    assert [titles[3] in doubt for doubt in doubts] == ([] if with_folder else [True])
    assert [len(each) for each in numbers.values()] == [1, 1, 1, 1]
    assert (everywhere.numbers(titles), everywhere.files()) == (numbers, files)
    assert (_states(lab, reports), _doubts("records")) == (["COMPLETED"] * 4, [])


def _states(lab: Lab, reports: Iterable[BuildReport]) -> list[str]:
    return [lab.database.summary(report.session_identifier).status for report in reports]


def test_a_session_that_is_entered_again_with_its_id_has_its_record_again(
    lab: Lab, safe: Safe, build: Build, everywhere: Published
) -> None:
    safe.back_up()
    lab.two_activities()
    identifier = lab.waits()
    record = build(identifier).record
    assert record is not None
    numbers, files = everywhere.numbers([record.stem]), everywhere.files()

    safe.keeper.restore(safe.root / "database")
    doubts = _doubts("records")
    lab.waits(identifier)
    build(identifier)

    assert [record.name in doubt for doubt in doubts] == [True]
    assert (everywhere.numbers([record.stem]), everywhere.files()) == (numbers, files)
    assert (len(numbers[record.stem]), _doubts("records")) == (1, [])
