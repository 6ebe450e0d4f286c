from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.previews.canvas import Canvas
from nexuslims_core.previews.drawing import draw
from nexuslims_core.previews.plot import along
from nexuslims_core.previews.rulers import frame_in

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
        (Axis(name="", size=3, unit="eV"), "Energy (eV)"),
        (Axis(name="Raman Shift", size=3, unit="1/cm"), "Raman Shift (cm⁻¹)"),
        (Axis(name="", size=3), "Channel"),
        (Axis(name="Energy", size=3, scale=0.0, unit="eV"), "Channel"),
        (Axis(name="Energy", size=3, offset=float("inf"), unit="eV"), "Channel"),
    ],
)
def test_an_axis_is_called_by_its_name_and_unit(axis: Axis, label: str) -> None:
    curve = along(axis, np.ones(3), np.ones(3), "")

    assert curve.x_label == label
    assert curve.left < curve.right


def _spectrum(signal_of: SignalOf, technique: str, numbers: NDArray[Any], axis: Axis) -> Signal:
    metadata = Metadata(dataset_type=DatasetType.SPECTRUM, data_type=f"TEM_{technique}", creation_time=None)
    return signal_of(SignalKind.SPECTRUM, numbers, (axis,), metadata=metadata, quantity="Counts")


def _highest(curve: NDArray[np.bool_], share: float, of: float = 0.02) -> int:
    """Return how far above the ground the curve is around a share of the width, in pixels."""
    width = curve.shape[1]
    rows = np.flatnonzero(curve[:, int((share - of) * width) : int((share + of) * width)].any(1))
    return int(curve.shape[0] - rows[0])


LOSS = Axis(name="Energy loss", size=1000, scale=0.2, offset=-20, unit="eV")


def test_a_plasmon_stands_beside_a_zero_loss_peak(signal_of: SignalOf, pixels: Pixels) -> None:
    loss = np.arange(1000) * 0.2 - 20
    numbers = 20 + 1e6 * np.exp(-((loss / 0.5) ** 2)) + 5000 * np.exp(-(((loss - 80) / 10) ** 2))

    curve = _curve(pixels(draw(_spectrum(signal_of, "EELS", numbers, LOSS))))

    assert _highest(curve, 0.5) > 0.3 * curve.shape[0]
    assert _highest(curve, 0.1) > 0.85 * curve.shape[0]


def test_a_core_loss_is_drawn_as_it_is(signal_of: SignalOf, pixels: Pixels) -> None:
    numbers = np.linspace(1000, 1, 1000)
    axis = Axis(name="Energy loss", size=1000, offset=400, unit="eV")

    curve = _curve(pixels(draw(_spectrum(signal_of, "EELS", numbers, axis))))

    assert _highest(curve, 0.5) == pytest.approx(curve.shape[0] / 2.1, rel=0.06)


@pytest.mark.parametrize(("unit", "of"), [("keV", 1), ("eV", 1000)])
def test_lines_of_x_rays_stand_beside_the_noise_of_the_detector(
    signal_of: SignalOf, pixels: Pixels, unit: str, of: int
) -> None:
    energy = np.arange(2048) * 0.01 - 0.2
    numbers = 1e6 * np.exp(-((energy / 0.03) ** 2)) + 900 * np.exp(-(((energy - 8) / 0.07) ** 2))
    axis = Axis(name="Energy", size=2048, scale=0.01 * of, offset=-0.2 * of, unit=unit)

    curve = _curve(pixels(draw(_spectrum(signal_of, "EDS", numbers, axis))))

    assert _highest(curve, 0.4) > 0.9 * curve.shape[0]


def test_a_noise_peak_that_is_lower_than_the_lines_is_not_cut(signal_of: SignalOf, pixels: Pixels) -> None:
    energy = np.arange(2048) * 0.01 - 0.2
    numbers = 300 * np.exp(-((energy / 0.03) ** 2)) + 900 * np.exp(-(((energy - 8) / 0.07) ** 2))
    axis = Axis(name="Energy", size=2048, scale=0.01, offset=-0.2, unit="keV")

    curve = _curve(pixels(draw(_spectrum(signal_of, "EDS", numbers, axis))))

    assert _highest(curve, 0.021) < 0.4 * curve.shape[0]


def test_says_x_ray_energies_in_kev(signal_of: SignalOf) -> None:
    numbers = np.random.default_rng(4).poisson(9, 2000).astype(float)
    in_ev = Axis(name="Energy", size=2000, scale=10, unit="eV")
    in_kev = Axis(name="Energy", size=2000, scale=0.01, unit="keV")

    one, other = (draw(_spectrum(signal_of, "EDS", numbers, axis)) for axis in (in_ev, in_kev))

    assert one == other


@pytest.mark.parametrize(("lowest", "filled"), [(0.0, True), (700.0, False)], ids=["from nought", "from above"])
def test_fills_the_area_below_a_curve_only_down_to_nought(
    signal_of: SignalOf, pixels: Pixels, lowest: float, filled: bool
) -> None:
    sheet = pixels(draw(signal_of(SignalKind.SPECTRUM, np.linspace(lowest, 1000, 300))))

    assert (sheet[425, 400].tolist() != [255, 255, 255]) is filled


def test_a_loss_that_counts_down_is_the_same_as_one_that_counts_up(signal_of: SignalOf) -> None:
    loss = np.arange(1000) * 0.25 - 25
    numbers = 20 + 1e6 * np.exp(-((loss / 0.5) ** 2))
    up = Axis(name="Energy loss", size=1000, scale=0.25, offset=-25, unit="eV")
    down = Axis(name="Energy loss", size=1000, scale=-0.25, offset=-25 + 0.25 * 999, unit="eV")

    upward = draw(_spectrum(signal_of, "EELS", numbers, up))
    downward = draw(_spectrum(signal_of, "EELS", numbers[::-1].copy(), down))

    assert upward == downward
