"""Values that cannot be true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.plausibility import without_impossible
from nexuslims_core.quantities import MetadataValue, Quantity


def read(value: MetadataValue) -> Metadata:
    return Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type="TEM_Imaging",
        creation_time=None,
        entries={"Spot": 1, "Doubtful": value},
        warnings=("Doubtful",),
    )


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Quantity(value=3e8, unit="kV"), "left out Doubtful, 3e+08 kV cannot be"),
        (Quantity(value=-1, unit="s"), "left out Doubtful, -1 s cannot be"),
        (Quantity(value=-1, unit="ms"), "left out Doubtful, -1 ms cannot be"),
        (Quantity(value=-2, unit="K"), "left out Doubtful, -2 K cannot be"),
        (Quantity(value=1e20, unit="mrad"), "left out Doubtful, 1e+20 mrad cannot be"),
        (Quantity(value=1e300, unit="furlong"), "left out Doubtful, 1e+300 furlong cannot be"),
        (-1.7976931348623157e308, "left out Doubtful, -1.79769e+308 cannot be"),
    ],
    ids=str,
)
def test_an_impossible_value_is_left_out_with_its_mark_and_noted(value: MetadataValue, sentence: str) -> None:
    metadata = without_impossible(read(value))

    assert (metadata.entries, metadata.warnings, metadata.notes) == ({"Spot": 1}, (), (sentence,))


@pytest.mark.parametrize(
    "value",
    [
        Quantity(value=300, unit="kV"),
        Quantity(value=-36.769, unit="kV"),
        Quantity(value=0, unit="s"),
        Quantity(value=-246.0, unit="pA"),
        Quantity(value=-461.276, unit="µm"),
        Quantity(value=4.89e-07, unit="torr"),
        1 << 63,
        "1e999",
        True,
    ],
    ids=str,
)
def test_a_value_that_may_be_stays(value: MetadataValue) -> None:
    metadata = read(value)

    assert without_impossible(metadata) == metadata


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["V", "nm", "s", "K", "%", "counts", "bar"]))
def test_what_is_left_passes_again(number: float, unit: str) -> None:
    once = without_impossible(read(Quantity(value=number, unit=unit)))

    assert without_impossible(once) == once
