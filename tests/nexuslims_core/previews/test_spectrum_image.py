from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.previews.dimensions import spectral_axis
from nexuslims_core.previews.drawing import draw

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

    assert spectral_axis(axes) == axis


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


def _of(technique: str) -> Metadata:
    return Metadata(
        dataset_type=DatasetType.SPECTRUM_IMAGE, data_type=f"TEM_{technique}_Spectrum_Imaging", creation_time=None
    )


KEV = Axis(name="Energy", size=100, scale=0.1, offset=-0.5, unit="keV")


def test_a_map_of_x_rays_leaves_the_noise_of_the_detector_out(signal_of: SignalOf, pixels: Pixels) -> None:
    cube = np.zeros((20, 20, 100), np.uint32)
    cube[:, 10:, 4:6] = 1000  # noise, more of it at the right
    cube[:10, :, 50] = 5  # X-rays from the upper half

    sheet = pixels(draw(signal_of(SignalKind.SPECTRUM_IMAGE, cube, (*AXES[:2], KEV), metadata=_of("EDS"))))

    assert sheet[80, 195].tolist() == sheet[80, 305].tolist() == [255, 255, 255]
    assert sheet[200, 305].tolist() == [0, 0, 0]


def test_takes_a_wavelength_for_the_spectral_axis(signal_of: SignalOf, pixels: Pixels) -> None:
    cube = np.zeros((60, 3, 3))
    cube[:, 0, 0] = 9
    axes = (Axis(name="Wavelength", size=60, unit="nm"), *(Axis(name=name, size=3, unit="nm") for name in "yx"))

    sheet = pixels(draw(signal_of(SignalKind.SPECTRUM_IMAGE, cube, axes)))

    assert sheet[70, 180].tolist() == [255, 255, 255]
    assert sheet[200, 315].tolist() == [0, 0, 0]


def test_draws_places_that_are_not_square_as_they_are(signal_of: SignalOf, pixels: Pixels) -> None:
    axes = (Axis(name="y", size=20, scale=1, unit="nm"), Axis(name="x", size=20, scale=2, unit="nm"), AXES[2])

    sheet = pixels(draw(signal_of(SignalKind.SPECTRUM_IMAGE, np.ones((20, 20, 40)), axes)))

    grey = (sheet == 128).all(2)
    assert grey[130].sum() / grey[:, 250].sum() == pytest.approx(2, rel=0.05)


def test_the_zero_loss_peaks_of_a_line_do_not_hide_its_plasmons(signal_of: SignalOf, pixels: Pixels) -> None:
    scan = np.full((30, 200), 5.0)
    scan[:, 20] = 1e6
    scan[:, 100:110] = 500
    axes = (Axis(name="x", size=30, unit="nm"), Axis(name="Energy loss", size=200, offset=-20, unit="eV"))

    sheet = pixels(draw(signal_of(SignalKind.LINE_SCAN, scan, axes, metadata=_of("EELS"))))

    left, width = 72, 410
    assert sheet[100, left + round(105 / 200 * width), 0] > 40
    assert sheet[100, left + round(150 / 200 * width), 0] < 15
