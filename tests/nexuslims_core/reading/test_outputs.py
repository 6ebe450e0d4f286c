import os
from pathlib import Path

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.quantities import Quantity
from nexuslims_core.reading.outputs import Mirror, jsonable, nx_meta

MIRROR = Mirror(filestore=Path("/store"), data_path=Path("/data"))


def test_files_about_a_raw_file_repeat_its_path() -> None:
    raw = Path("/store/Titan/ada/a.dm3")

    assert MIRROR.preview(raw, 0, 1) == Path("/data/Titan/ada/a.dm3.thumb.png")
    assert MIRROR.json(raw, 0, 1) == Path("/data/Titan/ada/a.dm3.json")


def test_each_signal_of_several_has_files_of_its_own() -> None:
    assert MIRROR.json(Path("/store/a.emd"), 1, 2) == Path("/data/a.emd_signal1.json")


def test_a_name_as_long_as_file_systems_take_still_gets_its_files() -> None:
    first, second = (MIRROR.preview(Path("/store") / (c * 250 + ".dm3"), 0, 1).name for c in "äb")

    assert max(len(os.fsencode(first)), len(os.fsencode(second))) <= 255


def test_long_names_that_differ_at_the_end_do_not_meet() -> None:
    names = {MIRROR.json(Path("/store") / ("a" * 250 + end), 0, 1).name for end in ("1.dm", "2.dm")}

    assert len(names) == 2


def test_a_quantity_carries_its_unit_into_the_json() -> None:
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type="TEM_Imaging",
        creation_time=None,
        entries={"Voltage": Quantity(value=300, unit="kV"), "Operator": "ada"},
        warnings=("Operator",),
    )

    assert nx_meta(metadata) == {
        "DatasetType": "Image",
        "Data Type": "TEM_Imaging",
        "Creation Time": None,
        "warnings": ["Operator"],
        "Voltage": {"value": 300, "unit": "kV"},
        "Operator": "ada",
    }


def test_a_tree_that_json_cannot_carry_becomes_text() -> None:
    tree: dict[str, object] = {"a": float("nan"), "b": (1, b"x"), "c": None}

    assert jsonable({1: tree}) == {"1": {"a": "nan", "b": [1, "b'x'"], "c": None}}
