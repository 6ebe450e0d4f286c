import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.previews.canvas import clipped, font

NO_SUCH_LETTER = "\u0e01"  # Thai is not among the letters


@pytest.mark.parametrize("mono", [False, True], ids=["plain", "of one width"])
@pytest.mark.parametrize("sign", "µμÅ°×αβθΩ±−²³⁻⁹·…–é")
def test_has_the_signs_of_science(sign: str, mono: bool) -> None:
    letters = font(24, mono=mono)

    shapes = {bytes(letters.getmask(letter)) for letter in (sign, NO_SUCH_LETTER)}

    assert len(shapes) == 2


@settings(deadline=None, max_examples=60)
@given(st.text(), st.integers(20, 300))
def test_a_clipped_text_is_one_line_that_fits(text: str, width_px: int) -> None:
    line = clipped(text, font(12), width_px)

    assert len(line.splitlines()) <= 1
    assert font(12).getlength(line) <= width_px


def test_a_text_that_was_cut_ends_with_an_ellipsis() -> None:
    line = clipped("Overview of the second grid square, tilted", font(15), 120)

    assert line.startswith("Overview")
    assert line.endswith("…")


def test_a_text_that_fits_is_not_changed() -> None:
    assert clipped("HAADF 0004.dm4", font(15), 400) == "HAADF 0004.dm4"
