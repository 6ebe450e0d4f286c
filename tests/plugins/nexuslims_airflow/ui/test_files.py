from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.ui import files
from nexuslims_airflow.ui.files import files_of
from nexuslims_core.artefacts import Workbench
from nexuslims_core.config import Settings, load_settings
from nexuslims_core.files.models import FileList, FoundFile
from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow


@pytest.fixture
def settings(site: Site) -> Settings:
    settings = load_settings()
    assert settings.data_path == site.data
    return settings


def keep(settings: Settings, *found: FoundFile) -> Path:
    bench = Workbench(root=settings.data_path / "work")
    bench.save("s1", "find_files", "inputs", FileList(files=found), FileList)
    return bench.result_path("s1", "find_files")


def test_files_are_named_from_the_file_store_on(settings: Settings) -> None:
    path = settings.filestore_path / "Titan" / "a.emi"
    keep(settings, FoundFile(path=path, size=3, mtime=1e9, parts=(path.with_suffix(".ser"),)))

    seen = files_of(settings, "s1")

    assert seen is not None
    assert [(file.name, file.size, file.parts) for file in seen.files] == [("Titan/a.emi", 3, 1)]
    assert seen.files[0].modified == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)


def test_of_many_files_the_first_are_shown(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_SHOWN", 2)
    keep(settings, *(FoundFile(path=Path(f"/elsewhere/{n}"), size=1, mtime=1e300) for n in range(3)))

    seen = files_of(settings, "s1")

    assert seen is not None
    assert (len(seen.files), seen.total) == (2, 3)
    assert seen.files[0].name == "/elsewhere/0"


def test_a_list_that_is_not_there_or_not_whole_is_none(settings: Settings) -> None:
    before = files_of(settings, "s1")
    keep(settings).write_bytes(b"half")

    assert before is None
    assert files_of(settings, "s1") is None
