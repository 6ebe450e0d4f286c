from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.setup_params import split_setup
from nexuslims_core.quantities import MetadataValue, Quantity


def metadata(
    entries: Mapping[str, MetadataValue], *, data_type: str = "TEM", warnings: tuple[str, ...] = ()
) -> Metadata:
    return Metadata(
        dataset_type=DatasetType.IMAGE, data_type=data_type, creation_time=None, entries=entries, warnings=warnings
    )


def test_what_all_share_is_setup_and_the_rest_stays() -> None:
    datasets = [metadata({"A": 1, "B": "x"}), metadata({"A": 1, "B": "y"})]

    split = split_setup(datasets)

    assert split.setup == {"Data Type": "TEM", "A": 1}
    assert split.unique == ({"B": "x"}, {"B": "y"})


def test_a_name_must_be_in_each_dataset() -> None:
    datasets = [metadata({"A": 1, "B": 1}), metadata({"A": 1}), metadata({"A": 1, "B": 1})]

    split = split_setup(datasets)

    assert "B" not in split.setup
    assert split.unique == ({"B": 1}, {}, {"B": 1})


@pytest.mark.parametrize("datasets", [[], [metadata({"A": 1})]], ids=["none", "one"])
def test_fewer_than_two_share_nothing(datasets: list[Metadata]) -> None:
    few = datasets

    split = split_setup(few)

    assert split.setup == {}
    assert split.unique == tuple(dict(each.entries) for each in few)


def test_datasets_without_metadata_are_not_compared() -> None:
    datasets = [metadata({"A": 1}), metadata({}, data_type="Unknown"), metadata({"A": 1})]

    split = split_setup(datasets)

    assert split.setup == {"Data Type": "TEM", "A": 1}
    assert len(split.unique) == 3


def test_one_with_metadata_beside_others_without_shares_nothing() -> None:
    datasets = [metadata({"A": 1}), metadata({})]

    split = split_setup(datasets)

    assert split.setup == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Quantity(value=1, unit="nm"), Quantity(value=1.0, unit="nm"), True),
        (1, 1.0, True),
        (Quantity(value=1, unit="nm"), Quantity(value=1, unit="µm"), False),
        (Quantity(value=1, unit="nm"), 1, False),
        (1, True, False),
        ("1", 1, False),
        (float("nan"), float("nan"), False),
    ],
    ids=["same quantity", "same number", "other unit", "no unit", "boolean", "text", "not a number"],
)
def test_only_the_same_value_with_the_same_unit_is_shared(one: MetadataValue, other: MetadataValue, same: bool) -> None:
    datasets = [metadata({"A": one}), metadata({"A": other})]

    split = split_setup(datasets)

    assert ("A" in split.setup) is same


def test_a_warning_of_one_dataset_is_enough() -> None:
    datasets = [metadata({"A": 1, "B": 1}, warnings=("A",)), metadata({"A": 1, "B": 2}, warnings=("B",))]

    split = split_setup(datasets)

    assert split.warnings == {"A"}


def test_different_data_types_are_not_setup() -> None:
    datasets = [metadata({"A": 1}, data_type="TEM"), metadata({"A": 1}, data_type="EELS")]

    split = split_setup(datasets)

    assert split.setup == {"A": 1}


def test_an_entry_never_takes_the_place_of_a_reserved_name() -> None:
    datasets = [metadata({"Data Type": "fake", "Creation Time": "never"})] * 2

    split = split_setup(datasets)

    assert split.setup == {"Data Type": "TEM"}
    assert split.unique == ({}, {})


VALUES = st.integers(0, 2) | st.sampled_from(["x", True, Quantity(value=1, unit="nm")])


@given(entries=st.lists(st.dictionaries(st.sampled_from("ABC"), VALUES, min_size=1), min_size=2, max_size=4))
@settings(deadline=None, database=None)
def test_setup_and_rest_together_are_the_whole(entries: list[dict[str, MetadataValue]]) -> None:
    datasets = [metadata(each) for each in entries]

    split = split_setup(datasets)

    shared = {name: value for name, value in split.setup.items() if name != "Data Type"}
    assert [shared | dict(own) for own in split.unique] == entries
    assert all(not shared.keys() & own.keys() for own in split.unique)
