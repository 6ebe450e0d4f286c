import shutil
from pathlib import Path

import pytest

from nexuslims_core.config import Settings, load_settings
from nexuslims_core.doctor.checking import Doubt
from nexuslims_core.doctor.storage import database_disk, space
from nexuslims_core.errors import StorageError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(None, filestore_path=tmp_path, data_path=tmp_path / "data")


def test_free_space_is_told_in_figures(tmp_path: Path) -> None:
    told = space(tmp_path, low_bytes=0, full_bytes=0)

    assert isinstance(told, str)
    assert told.endswith(f"B are free on the disk of {tmp_path}")


def test_little_space_is_a_warning(tmp_path: Path) -> None:
    told = space(tmp_path, low_bytes=shutil.disk_usage(tmp_path).total + 1, full_bytes=0)

    assert isinstance(told, Doubt)
    assert told.sentence.endswith(": make room soon")


def test_no_space_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nothing more can be written, make room"):
        space(tmp_path, full_bytes=shutil.disk_usage(tmp_path).total + 1)


def test_a_folder_that_is_still_to_be_made_has_the_space_of_its_parent(tmp_path: Path) -> None:
    assert space(tmp_path / "new/deeper", low_bytes=0) == space(tmp_path, low_bytes=0)


def test_a_database_on_the_same_disk_is_not_told_twice(settings: Settings) -> None:
    assert [*database_disk(settings, settings.data_path / "nexuslims.sqlite")] == []


def test_a_database_on_a_disk_of_its_own_is_looked_at(settings: Settings) -> None:
    (check,) = database_disk(settings, Path("/dev/shm/nexuslims.sqlite"))  # noqa: S108 - only looked at

    assert (check.name, "are free on the disk of /dev/shm" in check.sentence) == ("database disk", True)
