from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.previews.drawing import draw
from nexuslims_core.previews.spectrum_image import energy_axis

SignalOf = Callable[..., Signal]
Pixels = Callable[[bytes], NDArray[np.uint8]]
AXES = (
    Axis(name="y", size=12, scale=0.5, unit="nm"),
    Axis(name="x", size=9, scale=0.5, unit="nm"),
    Axis(name="Energy loss", size=40, offset=280, unit="eV"),
)


@pytest.mark.parametrize("place", [0, 1])
def test_is_the_same_wherever_the_file_puts_the_energy(signal_of: SignalOf, place: int) -> None:
    cube = np.random.default_rng(4).integers(0, 99, (12, 9, 40))
    axes = list(AXES[:2])
    axes.insert(place, AXES[2])

    usual = draw(signal_of(SignalKind.SPECTRUM_IMAGE, cube, AXES))
    moved = draw(signal_of(SignalKind.SPECTRUM_IMAGE, np.moveaxis(cube, 2, place), tuple(axes)))

    assert usual == moved


@pytest.mark.parametrize(
    ("names", "axis"), [(("y", "x", "Energy"), 2), (("ENERGY loss", "y", "x"), 0), (("y", "x", "z"), 2), (("a",), 0)]
)
def test_finds_the_energy_by_its_name_and_takes_the_last_axis_else(names: tuple[str, ...], axis: int) -> None:
    axes = tuple(Axis(name=name, size=2) for name in names)

    assert energy_axis(axes) == axis


def test_shows_in_the_map_where_the_counts_are(signal_of: SignalOf, pixels: Pixels) -> None:
    cube = np.zeros((20, 20, 50), np.uint32)
    cube[:10, :10] = 5

    sheet = pixels(draw(signal_of(SignalKind.SPECTRUM_IMAGE, cube)))

    assert sheet[80, 195].tolist() == [255, 255, 255]
    assert sheet[80, 305].tolist() == [0, 0, 0]
    assert sheet[200, 195].tolist() == [0, 0, 0]


def test_a_line_of_a_scan_lies_above_its_peak_in_the_plot(signal_of: SignalOf, pixels: Pixels) -> None:
    scan = np.ones((30, 200))
    scan[:, 140] = 50

    sheet = pixels(draw(signal_of(SignalKind.LINE_SCAN, scan))).astype(int)

    above = np.flatnonzero(sheet[100, 75:480].sum(1) > 600).mean()
    peak = np.flatnonzero((sheet[300, 75:480, 2] - sheet[300, 75:480, 0]) > 90).mean()
    assert above == pytest.approx(peak, abs=2)


@pytest.mark.parametrize("axes", [("Position", "Energy"), ("Energy", "Position")], ids=["energy last", "energy first"])
def test_a_scan_is_drawn_with_its_energy_to_the_right(
    signal_of: SignalOf, pixels: Pixels, axes: tuple[str, str]
) -> None:
    scan = np.ones((30, 200))
    scan[:, 100:] = 9
    scan = scan if axes[1] == "Energy" else scan.T.copy()
    named = tuple(Axis(name=name, size=size) for name, size in zip(axes, scan.shape, strict=True))

    sheet = pixels(draw(signal_of(SignalKind.LINE_SCAN, scan, named)))

    assert sheet[100, 120].tolist() == [0, 0, 0]
    assert sheet[100, 440].tolist() == [255, 255, 255]


def test_a_scan_that_counts_down_is_the_same_as_one_that_counts_up(signal_of: SignalOf) -> None:
    scan = np.random.default_rng(5).integers(0, 99, (30, 200))
    line = Axis(name="Position", size=30, unit="nm")
    up = Axis(name="Energy", size=200, scale=1, offset=0, unit="eV")
    down = Axis(name="Energy", size=200, scale=-1, offset=199, unit="eV")

    upward = draw(signal_of(SignalKind.LINE_SCAN, scan, (line, up)))
    downward = draw(signal_of(SignalKind.LINE_SCAN, scan[:, ::-1].copy(), (line, down)))

    assert upward == downward
