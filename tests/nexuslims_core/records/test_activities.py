import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.models import DatasetType, Extracted, Unreadable
from nexuslims_core.errors import UnsafePathError
from nexuslims_core.files.models import FoundFile
from nexuslims_core.quantities import MetadataValue, Quantity
from nexuslims_core.records.models import Note, Parameter, Record, RecordDataset

Assemble = Callable[..., Record]
Read = Callable[..., Extracted]
Found = Callable[..., FoundFile]


def meta(dataset: RecordDataset) -> dict[str, str]:
    return {parameter.name: parameter.value for parameter in dataset.meta}


def test_shared_values_go_to_the_setup_and_others_stay(assembled: Assemble, read: Read) -> None:
    outcomes = read("a.dm3", {"Voltage": 300, "Spot": 1}), read("b.dm3", {"Voltage": 300, "Spot": 2})

    activity = assembled(*outcomes).activities[0]

    assert Parameter(name="Voltage", value="300") in activity.setup
    assert [meta(dataset).get("Spot") for dataset in activity.datasets] == ["1", "2"]
    assert all("Voltage" not in meta(dataset) for dataset in activity.datasets)


def test_the_data_type_is_written_in_both_and_the_creation_time_with_the_dataset(
    assembled: Assemble, read: Read
) -> None:
    outcomes = read("a.dm3", {"Spot": 1}), read("b.dm3", {"Spot": 1})

    activity = assembled(*outcomes).activities[0]

    assert [parameter.name for parameter in activity.setup] == ["Data Type", "Spot"]
    assert meta(activity.datasets[0]) == {
        "Creation Time": "2019-11-13T10:05:00-05:00",
        "Data Type": "TEM_Imaging",
    }


def test_an_activity_of_one_dataset_has_no_setup(assembled: Assemble, read: Read) -> None:
    alone = read("a.dm3", {"Voltage": 300})

    activity = assembled(alone).activities[0]

    assert activity.setup == ()
    assert meta(activity.datasets[0])["Voltage"] == "300"


def test_an_unreadable_file_is_listed_with_its_reason(assembled: Assemble, read: Read, found: Found) -> None:
    damaged = Unreadable(file=found("b.dm3"), reason="it is empty")

    datasets = assembled(read("a.dm3"), damaged).activities[0].datasets

    assert [dataset.name for dataset in datasets] == ["a.dm3", "b.dm3"]
    assert datasets[1].dataset_type is DatasetType.UNKNOWN
    assert datasets[1].descriptions == ("Could not be read: it is empty",)


def test_an_unreadable_file_does_not_keep_others_from_sharing(assembled: Assemble, read: Read, found: Found) -> None:
    damaged = Unreadable(file=found("c.dm3"), reason="it is empty")

    activity = assembled(read("a.dm3", {"Voltage": 300}), damaged, read("b.dm3", {"Voltage": 300})).activities[0]

    assert Parameter(name="Voltage", value="300") in activity.setup


def test_a_file_that_no_reader_answered_for_is_listed_too(assembled: Assemble, read: Read, found: Found) -> None:
    read_one = read("a.dm3")

    datasets = assembled(read_one, files=(read_one.file, found("lost.dm3"))).activities[0].datasets

    assert datasets[1].name == "lost.dm3"
    assert "no reader answered" in datasets[1].descriptions[0]


def test_an_outcome_of_a_file_outside_all_activities_is_refused(assembled: Assemble, read: Read, found: Found) -> None:
    stranger = read("stranger.dm3")

    with pytest.raises(ValueError, match=r"stranger\.dm3"):
        assembled(stranger, files=(found("a.dm3"),))


def test_a_signal_each_is_a_dataset_of_its_own(assembled: Assemble, read: Read) -> None:
    outcome = read("a.dm4")
    first = replace(outcome.datasets[0], name="a.dm4 (1 of 2)", of=2)
    second = replace(outcome.datasets[0], name="a.dm4 (2 of 2)", signal=1, of=2)

    datasets = assembled(replace(outcome, datasets=(first, second))).activities[0].datasets

    assert [dataset.name for dataset in datasets] == ["a.dm4 (1 of 2)", "a.dm4 (2 of 2)"]
    assert {dataset.location for dataset in datasets} == {"/Titan/a.dm4"}


@pytest.mark.parametrize(
    ("value", "text", "unit"),
    [
        (Quantity(value=0.1 + 0.2, unit="nm"), "0.3", "nm"),
        (200.0, "200", None),
        (12345678901234567890, "12345678901234567890", None),
        (True, "true", None),
        ("S&1 <x>", "S&1 <x>", None),
    ],
    ids=["quantity without binary noise", "whole float", "large integer", "boolean", "markup is kept as it is"],
)
def test_writes_a_value_for_people(
    assembled: Assemble, read: Read, value: MetadataValue, text: str, unit: str | None
) -> None:
    outcome = read("a.dm3", {"Value": value})

    dataset = assembled(outcome).activities[0].datasets[0]

    assert dataset.meta[-1] == Parameter(name="Value", value=text, unit=unit)


def test_marks_values_that_are_not_to_be_trusted(assembled: Assemble, read: Read) -> None:
    outcome = read("a.dm3", {"Operator": "root"}, warnings=("Operator", "DatasetType"))

    dataset = assembled(outcome).activities[0].datasets[0]

    assert {parameter.name for parameter in dataset.meta if parameter.warning} == {"Operator", "DatasetType"}


def test_a_setup_value_is_marked_when_one_dataset_distrusts_it(assembled: Assemble, read: Read) -> None:
    outcomes = read("a.dm3", {"Operator": "root"}, warnings=("Operator",)), read("b.dm3", {"Operator": "root"})

    setup = assembled(*outcomes).activities[0].setup

    assert Parameter(name="Operator", value="root", warning=True) in setup


def test_what_was_left_out_of_the_metadata_is_said_with_the_dataset(assembled: Assemble, read: Read) -> None:
    outcome = read("a.dm3", notes=("'X' stands twice",))

    dataset = assembled(outcome).activities[0].datasets[0]

    assert "'X' stands twice" in dataset.descriptions


def test_links_preview_and_json_below_the_folder_of_what_we_write(assembled: Assemble, read: Read) -> None:
    outcome = read("a 1.dm3")

    dataset = assembled(outcome).activities[0].datasets[0]

    assert dataset.preview == "/Titan/a%201.dm3.thumb.png"
    assert dataset.metadata_file == "/Titan/a%201.dm3.json"


def test_keeps_each_byte_of_a_name_that_is_no_text(assembled: Assemble, found: Found) -> None:
    odd = found(os.fsdecode(b"S&1 <\xff>.dm3"))

    dataset = assembled(Unreadable(file=odd, reason="no")).activities[0].datasets[0]

    assert dataset.location == "/Titan/S%261%20%3C%FF%3E.dm3"
    assert dataset.name == "S&1 <�>.dm3"


def test_names_companion_files(assembled: Assemble, read: Read) -> None:
    outcome = read("a.emi")
    with_companion = replace(outcome, file=replace(outcome.file, parts=(Path("/filestore/Titan/a_1.ser"),)))

    dataset = assembled(with_companion).activities[0].datasets[0]

    assert "Companion files: a_1.ser" in dataset.descriptions


def test_a_file_outside_the_file_store_is_refused(assembled: Assemble, found: Found) -> None:
    elsewhere = replace(found("a.dm3"), path=Path("/elsewhere/a.dm3"))

    with pytest.raises(UnsafePathError, match="does not lie below /filestore"):
        assembled(Unreadable(file=elsewhere, reason="no"))


def test_says_which_values_it_shows_only_the_begin_of(assembled: Assemble, read: Read) -> None:
    long, cut = "x" * 1_000_000, clean_text("y" * 1_000_000)
    outcomes = read("a.dm3", {"Log": long, "Shared": cut}), read("b.dm3", {"Log": "short", "Shared": cut})

    activity = assembled(*outcomes).activities[0]

    assert activity.notes == (Note(source="Setup", paragraphs=("Cut here, since very long: 'Shared'",)),)
    assert [dataset.descriptions for dataset in activity.datasets] == [("Cut here, since very long: 'Log'",), ()]


def test_a_time_that_no_calendar_holds_is_its_end(assembled: Assemble, found: Found) -> None:
    odd = [replace(found(f"{i}.dm3"), mtime=mtime) for i, mtime in enumerate([1e300, float("nan")])]

    datasets = assembled(*(Unreadable(file=file, reason="no") for file in odd)).activities[0].datasets

    assert [meta(dataset)["Creation Time"][:4] for dataset in datasets] == ["9999", "0001"]


def test_a_number_of_thousands_of_digits_is_described(assembled: Assemble, read: Read) -> None:
    outcome = read("a.dm3", {"Count": 10**5000})

    dataset = assembled(outcome).activities[0].datasets[0]

    assert meta(dataset)["Count"] == "a number of about 5000 digits"
