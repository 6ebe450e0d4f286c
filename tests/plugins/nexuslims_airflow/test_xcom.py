"""What travels between tasks."""

import json
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.xcom import receive, ship
from nexuslims_core.artefacts import save_result
from nexuslims_core.errors import StorageError
from nexuslims_core.files.models import FileList, FoundFile

pytestmark = pytest.mark.airflow


def listing(count: int) -> FileList:
    return FileList(files=tuple(FoundFile(path=Path(f"/data/{i}.dm3"), size=i, mtime=float(i)) for i in range(count)))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where the stage has written a list of 101 files."""
    path = tmp_path / "work" / "find_files.json"
    save_result(path, "inputs", listing(101), FileList)
    return path


def test_a_hundred_entries_travel_as_they_are(kept: Path) -> None:
    shipped = ship(listing(100), kept, entries=100)

    assert "path" not in shipped
    assert receive(json.loads(json.dumps(shipped)), FileList) == listing(100)


def test_more_travel_as_the_path_and_digest_of_their_file(kept: Path) -> None:
    shipped = ship(listing(101), kept, entries=101)

    assert set(shipped) == {"path", "sha256"}
    assert receive(json.loads(json.dumps(shipped)), FileList) == listing(101)


def test_a_name_that_is_not_utf8_arrives_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "M\udcfcller"
    files = FileList(files=(FoundFile(path=folder / "\udcff.dm3", size=1, mtime=1.0),))
    save_result(folder / "find_files.json", "inputs", files, FileList)

    small, large = (ship(files, folder / "find_files.json", entries=count) for count in (1, 101))

    assert receive(json.loads(json.dumps(small).encode("utf-8")), FileList) == files
    assert receive(json.loads(json.dumps(large).encode("utf-8")), FileList) == files


def test_a_file_that_was_changed_on_the_way_is_refused(kept: Path) -> None:
    shipped = ship(listing(101), kept, entries=101)
    kept.write_bytes(kept.read_bytes().replace(b"/data/7.dm3", b"/etc/passwd"))

    with pytest.raises(StorageError, match="has changed since an earlier task wrote it"):
        receive(shipped, FileList)


def test_a_file_that_is_gone_is_said(kept: Path) -> None:
    shipped = ship(listing(101), kept, entries=101)
    kept.unlink()

    with pytest.raises(StorageError, match=r"find_files\.json of an earlier task cannot be read: No such file"):
        receive(shipped, FileList)
