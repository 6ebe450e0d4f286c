import pytest

from nexuslims_core.extractors.values.value_tables import Named, named_values
from nexuslims_core.quantities import MetadataValue, Quantity


@pytest.mark.parametrize(
    ("value", "named", "expected"),
    [
        ("200000", Named("Voltage", "kV", -3), Quantity(value=200.0, unit="kV")),
        (0.0911, Named("Camera Length", "mm", 3), Quantity(value=91.1, unit="mm")),
        ("8", Named("Binning", ""), 8),
        ("0.5", Named("Intensity", ""), 0.5),
        (b"Ceta\x01", Named("Camera"), "Ceta"),
        ("1.5707963267948966", Named("Scan Rotation", "rad"), Quantity(value=90.0, unit="degree")),
    ],
    ids=["a power of ten", "no digits lost", "a count", "a number", "text", "an angle"],
)
def test_names_values_with_units(value: object, named: Named, expected: MetadataValue) -> None:
    entries, notes = named_values({"key": value}, {"key": named})

    assert entries == {named.name: expected}
    assert notes == ()


@pytest.mark.parametrize("value", [None, "", "n/a", float("nan"), "1.#INF"])
def test_leaves_out_what_says_nothing(value: object) -> None:
    assert named_values({"key": value}, {"key": Named("Voltage", "kV")}) == ({}, ())


def test_notes_text_that_should_be_a_number() -> None:
    _, notes = named_values({"key": "high"}, {"key": Named("Voltage", "kV")})

    assert notes == ("Voltage: 'high' is no number, left out",)


def test_keeps_the_first_of_two_values_of_one_name() -> None:
    table = {"new": Named("Energy Resolution", "eV"), "old": Named("Energy Resolution", "eV")}

    entries, _ = named_values({"old": 140, "new": 130}, table)

    assert entries == {"Energy Resolution": Quantity(value=130, unit="eV")}
