from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from nexuslims_core.datasets.cleaning import LONGEST_TEXT, clean_text, clean_value, quantity
from nexuslims_core.quantities import MetadataValue, Quantity, Scalar


@given(text=st.text(st.characters(exclude_categories=())))
@settings(deadline=None, database=None)
def test_clean_text_fits_into_xml(text: str) -> None:
    element = etree.Element("a")

    element.text = clean_text(text)

    assert etree.fromstring(etree.tostring(element)) is not None


def test_ordinary_text_is_left_as_it_is() -> None:
    text = "Stage α, 20 µm\tand 😀"

    cleaned = clean_text(text)

    assert cleaned == text


def test_long_text_is_cut_with_its_length() -> None:
    text = "x" * (LONGEST_TEXT + 1)

    cleaned = clean_text(text)

    assert cleaned == "x" * LONGEST_TEXT + f" … ({LONGEST_TEXT + 1} characters)"


def test_what_was_cut_keeps_telling_its_first_length() -> None:
    once = clean_text("x" * 1_000_000)

    twice = clean_text(once)

    assert twice == once


def test_a_text_that_only_looks_cut_is_cut() -> None:
    text = "x" * 1_000_000 + " … (5 characters)"

    cleaned = clean_text(text)

    assert len(cleaned) < LONGEST_TEXT + 40


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        (" text ", "text"),
        (b"caf\xc3\xa9", "café"),
        (np.float32(0.5), 0.5),
        (np.array([3]), 3),
        (True, True),
        ("", None),
        ("N/A", None),
        ("1.#QNAN", None),
        (float("nan"), None),
        (float("inf"), None),
        (Fraction(1, 4), 0.25),
        (Decimal("1e-3"), 0.001),
        (Fraction(10**400), None),
        (Decimal("sNaN"), None),
        ([1, 2], None),
        (None, None),
        (np.array([1, 2]), None),
    ],
)
def test_a_value_is_plain_or_none(value: object, cleaned: Scalar | None) -> None:
    given_value = value

    result = clean_value(given_value)

    assert result == cleaned
    assert type(result) is type(cleaned)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (200, "kV", Quantity(value=200, unit="kV")),
        ("0.5", "s", Quantity(value=0.5, unit="s")),
        (3.5, "", 3.5),
        ("fast", "s", None),
        ("nan", "s", None),
        (True, "s", None),
        (None, "s", None),
    ],
    ids=["number", "text of a number", "no unit", "text", "not a number", "boolean", "nothing"],
)
def test_a_quantity_is_a_finite_number(value: object, unit: str, expected: MetadataValue | None) -> None:
    given_value = value

    result = quantity(given_value, unit)

    assert result == expected


@pytest.mark.parametrize(
    ("value", "unit", "power", "expected"),
    [
        (1.2e-05, "µs", 6, Quantity(value=12.0, unit="µs")),
        ("300000", "kV", -3, Quantity(value=300.0, unit="kV")),
        (0.56, "mm", 3, Quantity(value=560.0, unit="mm")),
        ("22.5", "", 3, 22500.0),
        (1e308, "nm", 9, None),
        ("n/a", "kV", -3, None),
    ],
)
def test_a_quantity_is_scaled_by_moving_its_point(value: object, unit: str, power: int, expected: object) -> None:
    assert quantity(value, unit, power) == expected
