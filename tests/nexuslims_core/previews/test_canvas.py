import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.previews.canvas import clipped, drawable, font, one_line

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


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("µm Å α ° ⁻¹ é", "µm Å α ° ⁻¹ é"),
        ("e\u0301", "é"),
        ("5 ㎛", "5 μm"),
        ("ﬁeld", "field"),
        ("样品 3", "□□ 3"),
        ("a\u200bb\u202ec", "abc"),
        ("🔬", "□"),
    ],
)
def test_draws_signs_that_it_has_not_as_others_or_as_a_square(text: str, drawn: str) -> None:
    assert drawable(text) == drawn


@given(st.text())
def test_has_a_letter_for_everything_it_draws(text: str) -> None:
    missing = bytes(font(24).getmask(NO_SUCH_LETTER))

    assert all(bytes(font(24).getmask(sign)) != missing for sign in one_line(text))
