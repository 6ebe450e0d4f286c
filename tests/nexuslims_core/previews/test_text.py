from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.previews.drawing import draw

SignalOf = Callable[..., Signal]
Pixels = Callable[[bytes], NDArray[np.uint8]]
INSIDE = np.s_[36:472, 20:480]


def _rows(sheet: NDArray[np.uint8]) -> int:
    """Return how many rows of letters there are."""
    inked = (sheet[INSIDE] < 150).any(1).astype(int)
    return int((np.diff(np.concatenate(([0], inked))) == 1).sum())


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_draws_any_text(signal_of: SignalOf, pixels: Pixels, text: str) -> None:
    png = draw(signal_of(SignalKind.TEXT, text=text))

    assert pixels(png).shape == (500, 500)


@pytest.mark.parametrize(
    ("text", "rows"),
    [("", 1), ("MMM", 1), ("MMM\nMMM\r\nMMM", 3), ("MMMM " * 20, 2), ("M\n" * 5000, 28), ("M" * 100_000, 28)],
    ids=["empty", "one line", "three lines", "a long line", "many lines", "no space"],
)
def test_shows_as_many_rows_as_there_are_and_fit(signal_of: SignalOf, pixels: Pixels, text: str, rows: int) -> None:
    sheet = pixels(draw(signal_of(SignalKind.TEXT, text=text)))

    assert _rows(sheet) == rows


def test_keeps_the_space_at_the_beginning_of_a_line(signal_of: SignalOf, pixels: Pixels) -> None:
    flush, indented = (pixels(draw(signal_of(SignalKind.TEXT, text=text))) for text in ("MM", "\tMM"))

    first = [int(np.flatnonzero((sheet[INSIDE] < 150).any(0))[0]) for sheet in (flush, indented)]
    assert first[1] - first[0] == pytest.approx(4 * 6.6, abs=2)


def test_cuts_a_wide_table_instead_of_wrapping_it(signal_of: SignalOf, pixels: Pixels) -> None:
    table = "\n".join(["MMMMMMMMMM   " * 20] * 5)

    sheet = pixels(draw(signal_of(SignalKind.TEXT, text=table)))

    assert _rows(sheet) == 5


def test_makes_letters_smaller_until_a_table_fits(signal_of: SignalOf, pixels: Pixels) -> None:
    narrow, wide = (
        pixels(draw(signal_of(SignalKind.TEXT, text="\n".join([f"M{' ' * gap}M"] * 3)))) for gap in (20, 85)
    )

    heights = [np.flatnonzero((sheet[INSIDE] < 150).any(1)).max() for sheet in (narrow, wide)]
    assert heights[1] < heights[0]
    assert _rows(wide) == 3
