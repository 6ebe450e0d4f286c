import json
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.instruments.profiles.models import Profile
from nexuslims_core.reading.opening import Job, open_file, unreadable
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.testing.writers.digital_micrograph import DmImage, write_dm, write_dm_images


def job(path: Path, data_path: Path | None = None) -> Job:
    file = FoundFile(path=path, size=path.stat().st_size, mtime=path.stat().st_mtime)
    mirror = Mirror(filestore=path.parent, data_path=data_path) if data_path else None
    return Job(source=Source(file=file, zone=UTC), mirror=mirror)


def test_a_file_leaves_its_metadata_and_its_picture(tmp_path: Path) -> None:
    tags = {"Microscope Info": {"Voltage": 300000.0}}
    path = write_dm(tmp_path / "a.dm3", np.eye(64, dtype=np.float32), tags=tags)

    outcome = open_file(job(path, tmp_path / "data"))

    assert isinstance(outcome, Extracted)
    document = json.loads((tmp_path / "data" / "a.dm3.json").read_text())
    assert document["nx_meta"]["Voltage"] == {"value": 300.0, "unit": "kV"}
    assert document["native"]["ImageTags"]["Microscope Info"]["Voltage"] == 300000.0
    with Image.open(tmp_path / "data" / "a.dm3.thumb.png") as preview:
        assert preview.size == (500, 500)


def test_each_signal_of_a_file_is_a_dataset(tmp_path: Path) -> None:
    images = [DmImage(data=np.eye(8, dtype=np.float32)), DmImage(data=np.ones((8, 8), np.float32))]
    path = write_dm_images(tmp_path / "two.dm4", images, version=4)

    outcome = open_file(job(path, tmp_path / "data"))

    assert isinstance(outcome, Extracted)
    assert [dataset.name for dataset in outcome.datasets] == ["two.dm4 (1 of 2)", "two.dm4 (2 of 2)"]
    assert [dataset.json for dataset in outcome.datasets] == [tmp_path / f"data/two.dm4_signal{i}.json" for i in (0, 1)]


def test_all_that_is_known_is_told_and_written_before_each_picture_is_drawn(tmp_path: Path) -> None:
    images = [DmImage(data=np.eye(8, dtype=np.float32)), DmImage(data=np.ones((8, 8), np.float32))]
    path = write_dm_images(tmp_path / "two.dm4", images, version=4)
    known: list[list[bool]] = []

    def tell(outcome: Outcome) -> None:
        assert isinstance(outcome, Extracted)
        assert all(dataset.json is not None and dataset.json.exists() for dataset in outcome.datasets)
        known.append([dataset.preview is not None for dataset in outcome.datasets])

    open_file(job(path, tmp_path / "data"), tell)

    assert known == [[False, False], [True, False]]


def test_reading_alone_writes_nothing(tmp_path: Path) -> None:
    path = write_dm(tmp_path / "a.dm3", np.eye(8, dtype=np.float32))

    open_file(job(path))

    assert [each.name for each in tmp_path.iterdir()] == ["a.dm3"]


def test_a_file_that_is_not_what_its_name_says_is_unreadable_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.dm3"
    path.write_bytes(b"something else altogether")

    outcome = open_file(job(path, tmp_path / "data"))

    assert isinstance(outcome, Unreadable)
    assert outcome.reason == "no DigitalMicrograph file of version 3 or 4"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["a.tif", "a.bcf", "a.emd", "a.msa", "a.png", "a.dm4"])
def test_of_an_empty_file_nothing_else_is_said(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()

    outcome = open_file(job(path))

    assert isinstance(outcome, Unreadable)
    assert outcome.reason == "the file is empty"


def test_a_reason_does_not_tell_where_the_store_is_mounted() -> None:
    file = FoundFile(path=Path("/mnt/store/Titan/a.dens"), size=1, mtime=0.0)

    told = unreadable(file, f"cannot interpret {file.path}\x00 at all")

    assert told.reason == "cannot interpret a.dens at all"


def test_impossible_values_are_left_out_before_profiles_are_applied(tmp_path: Path) -> None:
    tags = {"Microscope Info": {"Voltage": 3e30, "Operator": "ada"}}
    path = write_dm(tmp_path / "a.dm3", np.eye(8, dtype=np.float32), tags=tags)
    profile = Profile(name="p", instruments=("*",), fill={"Voltage": 300}, warnings=("Operator",))

    outcome = open_file(replace(job(path), profiles=(profile,)))

    assert isinstance(outcome, Extracted)
    metadata = outcome.datasets[0].metadata
    assert (metadata.entries["Voltage"], metadata.warnings) == (300, ("Operator",))
    assert metadata.notes == ("left out Voltage, 3e+27 kV cannot be",)
