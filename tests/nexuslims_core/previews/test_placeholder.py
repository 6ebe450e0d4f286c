from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.previews.placeholder import draw_placeholder

SignalOf = Callable[..., Signal]
Pixels = Callable[[bytes], NDArray[np.uint8]]
REASON = np.s_[205:330, 20:480]
FACTS = np.s_[330:470, 20:480]


def test_shows_the_reason(signal_of: SignalOf, pixels: Pixels) -> None:
    signal = signal_of(SignalKind.NONE)

    one, other = (
        pixels(draw_placeholder(signal, reason, 500).png()) for reason in ("It is empty.", "It is too large.")
    )

    assert (one[REASON] != other[REASON]).any()
    assert (one[FACTS] == other[FACTS]).all()


def test_shows_shape_type_and_axes(signal_of: SignalOf, pixels: Pixels) -> None:
    axes = (Axis(name="Time", size=4, unit="s"),)
    signals = [signal_of(SignalKind.NONE), signal_of(SignalKind.SPECTRUM, np.ones(4), axes)]

    bare, full = (pixels(draw_placeholder(signal, "why", 500).png())[FACTS] for signal in signals)

    assert (full < 150).sum() > 2 * (bare < 150).sum()


@pytest.mark.parametrize(
    "reason", ["", "word " * 500, "w" * 5000, "a\x00b\ud800\n\nc"], ids=["none", "long", "no space", "odd"]
)
def test_takes_any_reason_and_stays_inside_its_card(signal_of: SignalOf, pixels: Pixels, reason: str) -> None:
    signal = signal_of(SignalKind.NONE, title="")

    sheet = pixels(draw_placeholder(signal, reason, 500).png())

    assert (sheet[:, :13] == 255).all()
    assert (sheet[:, -12:] == 255).all()
