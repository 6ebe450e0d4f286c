from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.previews.canvas import Canvas
from nexuslims_core.previews.drawing import draw
from nexuslims_core.previews.plot import along, frame_in

SignalOf = Callable[..., Signal]
Pixels = Callable[[bytes], NDArray[np.uint8]]


def _curve(sheet: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where the curve's own blue is, in the frame of the plot."""
    canvas = Canvas(500, colour=True)
    frame = frame_in(canvas, canvas.body)
    red, blue = sheet[frame.top : frame.bottom, frame.left : frame.right, ::2].astype(int).transpose(2, 0, 1)
    return (blue - red) > 90


@pytest.mark.parametrize("place", [0.1, 0.5, 0.93])
def test_a_peak_of_one_channel_in_a_hundred_thousand_stays_visible(
    signal_of: SignalOf, pixels: Pixels, place: float
) -> None:
    numbers = np.random.default_rng(3).normal(100, 1, 100_000)
    numbers[int(place * 100_000)] = 10_000

    curve = _curve(pixels(draw(signal_of(SignalKind.SPECTRUM, numbers))))

    columns = np.flatnonzero(curve[30:300].sum(0) > 200)
    assert len(columns)
    assert columns.mean() / curve.shape[1] == pytest.approx(place, abs=0.01)


def test_energy_grows_to_the_right_even_where_the_file_counts_down(signal_of: SignalOf) -> None:
    numbers = np.linspace(0, 1, 300)
    up = Axis(name="Energy", size=300, scale=1, offset=0, unit="eV")
    down = Axis(name="Energy", size=300, scale=-1, offset=299, unit="eV")

    upward, downward = (
        draw(signal_of(SignalKind.SPECTRUM, numbers, (up,))),
        draw(signal_of(SignalKind.SPECTRUM, numbers[::-1].copy(), (down,))),
    )

    assert upward == downward


def test_a_gap_of_numbers_that_are_none_stays_a_gap(signal_of: SignalOf, pixels: Pixels) -> None:
    numbers = np.ones(400)
    numbers[150:250] = np.nan

    curve = _curve(pixels(draw(signal_of(SignalKind.SPECTRUM, numbers))))

    drawn = curve.any(0)
    assert drawn[2 : int(0.36 * len(drawn))].all()
    assert not drawn[int(0.39 * len(drawn)) : int(0.61 * len(drawn))].any()


@pytest.mark.parametrize(
    ("axis", "label"),
    [
        (Axis(name="Energy loss", size=3, unit="eV"), "Energy loss (eV)"),
        (Axis(name="Time", size=3), "Time"),
        (Axis(name="", size=3, unit="nm"), "nm"),
        (Axis(name="", size=3), "Channel"),
        (Axis(name="Energy", size=3, scale=0.0, unit="eV"), "Channel"),
        (Axis(name="Energy", size=3, offset=float("inf"), unit="eV"), "Channel"),
    ],
)
def test_an_axis_is_called_by_its_name_and_unit(axis: Axis, label: str) -> None:
    curve = along(axis, np.ones(3), np.ones(3), "")

    assert curve.x_label == label
    assert curve.left < curve.right
