"""FEI's list of microscope settings, as names and quantities."""

import pytest

from nexuslims_core.extractors.contents.xml_text import parsed_xml
from nexuslims_core.extractors.tia.experimental_description import settings
from nexuslims_core.quantities import MetadataValue, Quantity


def read(text: str, unit: str) -> MetadataValue | None:
    root = parsed_xml(f"<Root><Data><Label>Gun lens</Label><Value>{text}</Value><Unit>{unit}</Unit></Data></Root>")
    assert root is not None
    return settings(root).get("Gun Lens")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("4", "", 4),
        ("310.9", "uA", Quantity(value=310.9, unit="µA")),
        ("0.135", "m", Quantity(value=135.0, unit="mm")),
        ("22.5", "kX", 22500.0),
        ("0.2", "eV/Channel", Quantity(value=0.2, unit="eV")),
        ("2.0 mm", "", Quantity(value=2.0, unit="mm")),
        ("0 x", "", 0.0),
        ("two mm", "", "two mm"),
        ("retracted", "um", "retracted"),
        ("1.#INF", "um", None),
        ("", "", None),
    ],
)
def test_values_are_numbers_in_the_unit_that_people_read(text: str, unit: str, value: MetadataValue | None) -> None:
    assert read(text, unit) == value
