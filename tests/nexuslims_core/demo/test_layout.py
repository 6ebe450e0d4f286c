"""The demo's facility on disk."""

import os
from pathlib import Path

import pytest

from nexuslims_core.config import load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.demo import layout as layouts
from nexuslims_core.demo.layout import QUANTA_LIST, TITAN_LIST, Layout, lay_out, lay_out_own, look_at_own
from nexuslims_core.errors import ConfigurationError, NoFilesFoundError
from nexuslims_core.files.models import FoundFile, Scan
from nexuslims_core.sessions.states import RecordStatus

LISTS = {name: f"http://127.0.0.1:1/_vti_bin/ListData.svc/{name}" for name in (TITAN_LIST, QUANTA_LIST)}
NOON = 1772452800.0


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """The whole facility, as `make demo` lays it out."""
    return lay_out(tmp_path_factory.mktemp("demo"), LISTS)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A person's own folder: files of several kinds at several depths."""
    folder = tmp_path / "my files"
    for i, name in enumerate(("a.dm3", "deep/er/b.tif", "deep/notes.xyz", "gr\udcfcn.dm3")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"content")
        os.utime(path, (NOON + 60 * i, NOON + 60 * i))
    return folder


def everything(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return each file and folder with its time, size and rights."""
    return {
        str(path): (path.lstat().st_mtime_ns, path.lstat().st_size, path.lstat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }


def test_four_sessions_wait_on_two_instruments_in_two_zones(layout: Layout) -> None:
    sessions = Database.open(layout.database_url).waiting_sessions()

    assert [session.session_identifier for session in sessions] == [
        expectation.session_identifier for expectation in layout.expectations
    ]
    assert {session.instrument.timezone for session in sessions} == {"America/New_York", "Europe/Berlin"}


def test_each_expected_file_lies_in_its_session(layout: Layout) -> None:
    database = Database.open(layout.database_url)

    outside = [
        name
        for expectation in layout.expectations
        for name in expectation.files
        if not _is_inside(layout.filestore / name, database, expectation.session_identifier)
    ]

    assert outside == []
    assert [len(expectation.files) for expectation in layout.expectations] == [37, 13, 0, 7]


def _is_inside(path: Path, database: Database, session_identifier: str) -> bool:
    session = database.session(session_identifier)
    return session.dt_from.timestamp() <= path.stat().st_mtime <= session.dt_to.timestamp()


def test_one_session_is_expected_to_have_no_files(layout: Layout) -> None:
    statuses = [expectation.status for expectation in layout.expectations]

    assert statuses.count(RecordStatus.NO_FILES_FOUND) == 1
    assert statuses.count(RecordStatus.COMPLETED) == 3


def test_its_settings_are_settings(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in layout.settings({"NEXUSLIMS_CDCS_URL": "http://127.0.0.1:8000"}).items():
        monkeypatch.setenv(name, value)

    settings = load_settings(None)

    assert settings.filestore_path == layout.filestore
    assert settings.database_url == layout.database_url


def test_own_files_of_every_depth_and_kind_become_one_session_over_their_times(own: Path, tmp_path: Path) -> None:
    layout = lay_out_own(tmp_path / "demo", look_at_own(own, tmp_path / "demo"))

    (expectation,) = layout.expectations
    session = Database.open(layout.database_url).session(expectation.session_identifier)
    assert expectation.files == ("a.dm3", "deep/er/b.tif", "deep/notes.xyz", "gr\udcfcn.dm3")
    assert (session.dt_from.timestamp(), session.dt_to.timestamp()) == (NOON - 1, NOON + 181)
    assert layout.inclusive


def test_own_files_of_many_years_are_one_session_that_waits(own: Path, tmp_path: Path) -> None:
    os.utime(own / "a.dm3", (NOON - 9 * 365 * 86400,) * 2)

    layout = lay_out_own(tmp_path / "demo", look_at_own(own, tmp_path / "demo"))

    (session,) = Database.open(layout.database_url).waiting_sessions()
    assert (session.dt_to - session.dt_from).days > 3000


def test_own_files_are_left_as_they_are(own: Path, tmp_path: Path) -> None:
    before = everything(own)

    lay_out_own(tmp_path / "demo", look_at_own(own, tmp_path / "demo"))

    assert everything(own) == before


@pytest.mark.parametrize("name", ["not there", "empty", "a file"])
def test_a_folder_that_gives_nothing_is_said_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty" / "er").mkdir(parents=True)
    (tmp_path / "a file").write_text("no folder")

    with pytest.raises(NoFilesFoundError, match="name a folder with instrument files in FILES=…") as raised:
        look_at_own(tmp_path / name, tmp_path / "demo")

    assert str(tmp_path / name) in str(raised.value)
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("demo", ["my files", "my files/demo", "."], ids=["the same", "inside", "around"])
def test_own_files_and_the_demos_folder_must_not_overlap(own: Path, tmp_path: Path, demo: str) -> None:
    with pytest.raises(ConfigurationError, match="overlap"):
        look_at_own(own, tmp_path / demo)


def test_a_link_does_not_hide_that_they_overlap(own: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(own)

    with pytest.raises(ConfigurationError, match="overlap"):
        look_at_own(tmp_path / "link", own / "demo")


@pytest.mark.parametrize("mtime", [-1e12, 1e12])
def test_times_that_no_calendar_knows_are_said(tmp_path: Path, mtime: float) -> None:
    file = FoundFile(path=tmp_path / "a.dm3", size=1, mtime=mtime)
    scan = Scan(instrument_pid="i", root=tmp_path, taken_at=NOON, files=(file,))

    with pytest.raises(ConfigurationError, match="impossible times"):
        lay_out_own(tmp_path / "demo", scan)


def test_the_published_example_is_the_published_one() -> None:
    times = layouts.published_times()

    assert len(times) == 37
    assert times == sorted(times)
