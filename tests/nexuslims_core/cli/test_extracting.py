import json
import os
from pathlib import Path

import numpy as np
import pytest

from nexuslims_core.testing.writers.digital_micrograph import DmImage, write_dm_images
from tests.nexuslims_core.conftest import Lab, Nexuslims

KEYS = {
    "path",
    "status",
    "of_path",
    "extractor",
    "dataset_type",
    "data_type",
    "creation_time",
    "metadata",
    "preview",
    "json",
    "reason",
    "signal",
    "of",
}


@pytest.fixture(autouse=True)
def _without_settings(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading files needs none."""
    for name in lab.env:
        monkeypatch.delenv(name)


def test_every_path_is_answered_with_the_keys_of_the_contract(lab: Lab, nexuslims: Nexuslims) -> None:
    paths = (
        lab.image("good.dm3", 1),
        lab.broken("bad.dm3", 2),
        lab.broken("a.unheard-of", 3),
        lab.broken("x.rpl", 4),
        lab.broken("x.raw", 4),
        lab.store / "nowhere.dm3",
        lab.store,
    )

    said = nexuslims("extract", *paths, "--json")

    assert (said.code, said.err) == (0, "")
    assert [(Path(told["path"]), told["status"]) for told in said.document] == list(
        zip(
            paths,
            ["extracted", "unreadable", "extracted", "unreadable", "part", "unreadable", "unreadable"],
            strict=True,
        )
    )
    assert all(told.keys() == KEYS for told in said.document)


def test_a_value_tells_its_unit_and_whether_to_trust_it(lab: Lab, nexuslims: Nexuslims) -> None:
    (told,) = nexuslims("extract", lab.image("good.dm3", 1), "--json").document

    assert told["metadata"]["Voltage"] == {"value": 300.0, "unit": "kV", "warning": False}
    assert told["metadata"]["Microscope"] == {"value": "FEI Titan", "unit": None, "warning": False}


def test_what_nobody_reads_is_told_by_basic(lab: Lab, nexuslims: Nexuslims) -> None:
    (told,) = nexuslims("extract", lab.broken("a.unheard-of", 1), "--json").document

    assert (told["extractor"], told["reason"], told["creation_time"]) == ("basic", None, "2026-03-02T10:01:00+00:00")


def test_signals_count_from_0(lab: Lab, nexuslims: Nexuslims) -> None:
    images = [DmImage(data=np.zeros((4, 4), np.uint16), name=name) for name in "ab"]
    path = write_dm_images(lab.store / "two.dm3", images)

    told = nexuslims("extract", path, "--json").document

    assert [(each["signal"], each["of"]) for each in told] == [(0, 2), (1, 2)]


def test_a_part_is_told_whether_its_dataset_was_asked_for_or_not(lab: Lab, nexuslims: Nexuslims) -> None:
    series, settings = lab.broken("x_1.ser", 1), lab.broken("x.emi", 1)

    (alone,) = nexuslims("extract", series, "--json").document
    together = nexuslims("extract", series, settings, "--json").document

    assert (alone["status"], alone["of_path"]) == ("part", str(settings))
    assert alone["reason"] == "its data are read with x.emi, which it belongs to: name that file"
    assert [(told["status"], told["of_path"]) for told in together] == [("part", str(settings)), ("unreadable", None)]


def test_a_part_of_something_that_is_no_file_is_read_itself(lab: Lab, nexuslims: Nexuslims) -> None:
    series = lab.broken("x_1.ser", 1)
    series.with_name("x.emi").mkdir()

    (told,) = nexuslims("extract", series, "--json").document

    assert (told["status"], told["reason"]) == ("unreadable", "does not begin like a TIA series")


def test_every_series_of_an_emi_is_a_signal(all_em_files: Path, nexuslims: Nexuslims, tmp_path: Path) -> None:
    name = "16x16_STEM_BF_DF_acquire"
    paths = sorted((all_em_files / "ser_emi").glob(f"{name}*"))

    told = nexuslims("extract", *paths, "--out", tmp_path / "out", "--json").document

    assert [(each["status"], each["signal"], each["of"]) for each in told] == [
        ("extracted", 0, 2),
        ("extracted", 1, 2),
        ("part", 0, 1),
        ("part", 0, 1),
    ]
    assert [each["metadata"]["Series File"]["value"] for each in told[:2]] == [f"{name}_1.ser", f"{name}_2.ser"]
    assert [json.loads(Path(each["json"]).read_bytes())["native"]["SeriesFile"] for each in told[:2]] == [
        f"{name}_1.ser",
        f"{name}_2.ser",
    ]


def test_an_unread_file_says_why(lab: Lab, nexuslims: Nexuslims) -> None:
    answers = nexuslims("extract", lab.broken("bad.dm3", 2), lab.store / "none.dm3", lab.store, "--json").document

    assert all(told["metadata"] == {} for told in answers)
    assert [told["reason"] for told in answers][1:] == ["there is no such file", "it is no file: name the files in it"]


def test_nothing_is_written_without_out(lab: Lab, nexuslims: Nexuslims) -> None:
    path = lab.image("good.dm3", 1)
    before = sorted(lab.store.parent.rglob("*"))

    (told,) = nexuslims("extract", path, "--json").document

    assert (told["preview"], told["json"]) == (None, None)
    assert sorted(lab.store.parent.rglob("*")) == before


def test_files_of_one_name_do_not_overwrite_each_other(lab: Lab, nexuslims: Nexuslims, tmp_path: Path) -> None:
    paths = (lab.image("a/image.dm3", 1), lab.image("b/image.dm3", 1, voltage_v=80000.0))

    told = nexuslims("extract", *paths, "--out", tmp_path / "out", "--json").document

    assert [Path(each["preview"]) for each in told] == [tmp_path / f"out/{f}/image.dm3.thumb.png" for f in "ab"]
    kilovolts = [json.loads(Path(each["json"]).read_bytes())["nx_meta"]["Voltage"]["value"] for each in told]
    assert kilovolts == [300.0, 80.0]


def test_a_path_with_steps_back_is_written_below_out(
    lab: Lab, nexuslims: Nexuslims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.image("image.dm3", 1)
    monkeypatch.chdir(lab.store / "Quanta")

    (told,) = nexuslims("extract", "../Titan/image.dm3", "--out", "../../out", "--json").document

    assert (told["path"], told["json"]) == (str(lab.store / "Titan/image.dm3"), str(tmp_path / "out/image.dm3.json"))


def test_a_name_that_is_not_utf8_is_whole(lab: Lab, nexuslims: Nexuslims, tmp_path: Path) -> None:
    path = lab.image(os.fsdecode(b"gr\xf6\xdfe.dm3"), 1)

    (told,) = nexuslims("extract", path, "--out", tmp_path / "out", "--json").document

    assert (told["path"], told["path_encoded"]) == (str(path), f"{path.parent}/gr%F6%DFe.dm3")
    assert told["status"] == "extracted"
    assert Path(told["preview"]).is_file()


def test_a_folder_that_cannot_be_written_is_named(lab: Lab, nexuslims: Nexuslims) -> None:
    said = nexuslims("extract", lab.image("image.dm3", 1), "--out", lab.image("in the way", 1))

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"nexuslims: cannot write {lab.store}/Titan/in the way: ")


def test_a_path_named_twice_is_answered_once(lab: Lab, nexuslims: Nexuslims) -> None:
    path = lab.spectrum("a.msa", 1)

    assert len(nexuslims("extract", path, path, "--json").document) == 1


def test_people_get_a_table(lab: Lab, nexuslims: Nexuslims) -> None:
    said = nexuslims("extract", lab.spectrum("a.msa", 1), lab.broken("bad.dm3", 2))

    assert [line.split()[1] for line in said.out.splitlines()[1:]] == ["extracted", "unreadable"]
