from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.previews.drawing import draw

SignalOf = Callable[..., Signal]
Pixels = Callable[[bytes], NDArray[np.uint8]]
MIDDLE_GREY = 128


def _length_of_bar(sheet: NDArray[np.uint8]) -> int:
    """Return the longest run of white between black in a row."""
    runs = [0]
    for row in sheet:
        edges = np.flatnonzero(np.diff(np.concatenate(([0], (row == 255).astype(int), [0]))))
        inside = [(a, b) for a, b in edges.reshape(-1, 2) if a > 0 and b < len(row) and row[a - 1] == 0 == row[b]]
        runs += [b - a for a, b in inside]
    return max(runs)


@pytest.mark.parametrize(("size", "left_of_it"), [(3584, 0), (4096, 16)], ids=["whole periods", "beating"])
def test_lets_a_lattice_vanish_that_is_too_fine_to_see(
    signal_of: SignalOf, pixels: Pixels, size: int, left_of_it: int
) -> None:
    lattice = np.where(np.arange(size) % 8 < 4, 0.0, 500.0)  # a third of the contrast, 85 levels
    steps = np.repeat([[0.0], [1000.0]], size // 2, axis=0)  # a lower half that is brighter, to set the contrast
    signal = signal_of(SignalKind.IMAGE, (lattice + steps).astype(np.uint16))

    shown = pixels(draw(signal)).astype(int)

    upper, lower = shown[60:230, 40:460], shown[270:440, 40:460]
    assert upper.max() - upper.min() <= left_of_it
    assert lower.min() - upper.max() > 200


def test_is_not_darkened_by_hot_pixels(signal_of: SignalOf, pixels: Pixels) -> None:
    ramp = np.tile(np.linspace(100, 200, 900), (900, 1)).astype(np.uint16)
    hot = ramp.copy()
    hot[::100, ::100] = 65535

    plain, spoiled = (pixels(draw(signal_of(SignalKind.IMAGE, image))).astype(int) for image in (ramp, hot))

    body = np.s_[60:440, 40:460]
    assert np.median(np.abs(plain[body] - spoiled[body])) <= 3


@pytest.mark.parametrize(
    ("scale", "unit", "share"),
    [
        (0.1, "nm", 0.2),
        (0.05, "µm", 0.2),
        (0.034, "1/nm", 10 / 34),
        (1.0, "Å", 0.2),
        (-0.1, "nm", 0.2),
        (2e-10, "m", 0.25),
    ],
    ids=["nm", "µm", "reciprocal", "Å", "running to the left", "metres"],
)
def test_scale_bar_is_as_long_as_it_says(
    signal_of: SignalOf, pixels: Pixels, scale: float, unit: str, share: float
) -> None:
    axes = tuple(Axis(name=name, size=1000, scale=scale, unit=unit) for name in "yx")
    signal = signal_of(SignalKind.IMAGE, np.ones((1000, 1000), np.uint8), axes)

    sheet = pixels(draw(signal))

    width = int((sheet[150] == MIDDLE_GREY).sum())
    assert _length_of_bar(sheet) == pytest.approx(share * width, abs=1)


@pytest.mark.parametrize("axis", [{}, {"scale": 0.0, "unit": "nm"}, {"scale": float("nan"), "unit": "nm"}], ids=str)
def test_draws_no_scale_bar_where_the_scale_is_not_known(
    signal_of: SignalOf, pixels: Pixels, axis: dict[str, float]
) -> None:
    axes = (Axis(name="y", size=1000), Axis(name="x", size=1000, **axis))
    signal = signal_of(SignalKind.IMAGE, np.ones((1000, 1000), np.uint8), axes)

    sheet = pixels(draw(signal))

    assert (sheet[40:470, 40:460] == MIDDLE_GREY).all()


def test_keeps_the_proportions_of_an_image(signal_of: SignalOf, pixels: Pixels) -> None:
    signal = signal_of(SignalKind.IMAGE, np.ones((400, 1600), np.uint8))

    grey = pixels(draw(signal)) == MIDDLE_GREY

    assert grey[250].sum() / grey[:, 250].sum() == pytest.approx(4, rel=0.02)


def test_shows_a_strip_of_one_row_broad_enough_to_see(signal_of: SignalOf, pixels: Pixels) -> None:
    signal = signal_of(SignalKind.IMAGE, np.ones((1, 4000), np.uint8))

    grey = pixels(draw(signal)) == MIDDLE_GREY

    assert grey[:, 250].sum() >= 24


def test_shows_chequers_where_no_number_is_finite(signal_of: SignalOf, pixels: Pixels) -> None:
    image = np.ones((600, 600))
    image[200:400, 200:400] = np.nan

    sheet = pixels(draw(signal_of(SignalKind.IMAGE, image)))

    assert set(np.unique(sheet[225:275, 225:275])) == {217, 255}
    assert sheet[100, 100] == MIDDLE_GREY


def test_leaves_one_bad_pixel_out_of_its_block(signal_of: SignalOf, pixels: Pixels) -> None:
    image = np.tile(np.arange(2000.0), (2000, 1))
    spoiled = image.copy()
    spoiled[::9, ::9] = np.nan

    plain, mended = (pixels(draw(signal_of(SignalKind.IMAGE, numbers))).astype(int) for numbers in (image, spoiled))

    body = np.s_[60:440, 40:460]
    assert np.abs(plain[body] - mended[body]).max() <= 2


def test_shows_colours_as_they_are(signal_of: SignalOf, pixels: Pixels) -> None:
    image = np.full((64, 64, 3), (200, 30, 90), np.uint8)

    sheet = pixels(draw(signal_of(SignalKind.IMAGE, image)))

    assert sheet[250, 250].tolist() == [200, 30, 90]


def test_ignores_an_opacity_that_was_never_set(signal_of: SignalOf, pixels: Pixels) -> None:
    image = np.full((64, 64, 4), (200, 30, 90, 0), np.uint8)

    sheet = pixels(draw(signal_of(SignalKind.IMAGE, image)))

    assert sheet[250, 250].tolist() == [200, 30, 90]


def _axes(shape: tuple[int, int], scales: tuple[float, float], unit: str) -> tuple[Axis, ...]:
    return tuple(
        Axis(name=name, size=size, scale=scale, unit=unit)
        for name, size, scale in zip("yx", shape, scales, strict=True)
    )


def test_draws_pixels_that_are_not_square_as_they_are(signal_of: SignalOf, pixels: Pixels) -> None:
    signal = signal_of(SignalKind.IMAGE, np.ones((200, 200), np.uint8), _axes((200, 200), (1.0, 3.0), "µm"))

    grey = pixels(draw(signal)) == MIDDLE_GREY

    assert grey[250].sum() / grey[:, 300].sum() == pytest.approx(3, rel=0.02)


@pytest.mark.parametrize("unit", ["1/nm", "mrad"])
def test_shows_reciprocal_space_in_logarithms(signal_of: SignalOf, pixels: Pixels, unit: str) -> None:
    image = np.ones((400, 400), np.uint16)
    image[100:140, 100:140] = 200
    image[180:220, 180:220] = 40_000

    here, there = (
        pixels(draw(signal_of(SignalKind.IMAGE, image, _axes((400, 400), (0.1, 0.1), each)))) for each in ("nm", unit)
    )

    spot = (31 + 120 * 447 // 400, 26 + 120 * 447 // 400)
    assert here[spot] < 10
    assert there[spot] > 60


def test_shows_a_pattern_without_calibration_in_logarithms(signal_of: SignalOf, pixels: Pixels) -> None:
    image = np.ones((400, 400), np.uint16)
    image[100:140, 100:140] = 200
    image[180:220, 180:220] = 40_000
    metadata = Metadata(dataset_type=DatasetType.DIFFRACTION, data_type="TEM_Diffraction", creation_time=None)

    sheet = pixels(draw(signal_of(SignalKind.IMAGE, image, metadata=metadata)))

    assert sheet[31 + 120 * 447 // 400, 26 + 120 * 447 // 400] > 60


def test_shows_the_amplitude_of_a_wave_and_the_logarithm_of_a_transform(signal_of: SignalOf, pixels: Pixels) -> None:
    amplitude = np.linspace(0, 1000, 400)[None].repeat(400, 0).astype(np.complex64)

    wave, transform = (
        pixels(draw(signal_of(SignalKind.IMAGE, amplitude, _axes((400, 400), (1.0, 1.0), unit))))
        for unit in ("nm", "1/nm")
    )

    assert wave[250, 250] == pytest.approx(128, abs=4)
    assert transform[250, 250] > 200


def test_draws_the_scale_bar_above_the_strip_of_text(signal_of: SignalOf, pixels: Pixels) -> None:
    image = np.random.default_rng(9).integers(60, 120, (400, 400)).astype(np.uint8)
    image[340:] = 255
    image[350:380, 20:200:3] = 0

    sheet = pixels(draw(signal_of(SignalKind.IMAGE, image, _axes((400, 400), (1.0, 1.0), "nm"))))

    edge = 31 + 340 * 447 // 400
    assert _length_of_bar(sheet[edge - 40 : edge]) == pytest.approx(447 / 4, abs=2)


def test_a_scale_bar_on_noise_stands_on_a_darkened_plate(signal_of: SignalOf, pixels: Pixels) -> None:
    noise = np.random.default_rng(9).integers(0, 255, (900, 900)).astype(np.uint8)

    bare, barred = (
        pixels(draw(signal_of(SignalKind.IMAGE, noise, _axes((900, 900), (1.0, 1.0), unit)))) for unit in ("", "nm")
    )

    changed = (bare != barred)[40:478, 30:470]
    rows, columns = np.flatnonzero(changed.mean(1) > 0.1), np.flatnonzero(changed.mean(0) > 0.03)
    plate = barred[40:478, 30:470][rows[0] : rows[-1], columns[0] : columns[-1]]
    assert np.median(plate) < 60


@pytest.mark.parametrize(("shape", "across"), [((2000, 100), False), ((100, 2000), True)], ids=["slim", "flat"])
def test_a_scale_bar_stands_beside_an_image_that_has_no_room_for_it(
    signal_of: SignalOf, pixels: Pixels, shape: tuple[int, int], across: bool
) -> None:
    signal = signal_of(SignalKind.IMAGE, np.ones(shape, np.uint8), _axes(shape, (1.0, 1.0), "nm"))

    sheet = pixels(draw(signal))

    grey = sheet == MIDDLE_GREY
    rows, columns = grey.sum(1) > 20, grey.sum(0) > 20
    dark = sheet[40:480, 14:486] < 50
    bar = dark.sum(1).max() if across else dark.sum(0).max()
    assert bar == pytest.approx(grey.sum(1 if across else 0).max() / 4, abs=2)
    assert (sheet[rows][:, columns] == MIDDLE_GREY).all()


def test_an_image_of_an_angle_over_a_wavelength_has_axes(signal_of: SignalOf, pixels: Pixels) -> None:
    axes = (Axis(name="Angle", size=100), Axis(name="Wavelength", size=300, offset=400, unit="nm"))

    sheet = pixels(draw(signal_of(SignalKind.IMAGE, np.ones((100, 300), np.uint8), axes)))

    grey = sheet == MIDDLE_GREY
    rows, columns = grey.sum(1) > 100, grey.sum(0) > 100
    assert (sheet[rows][:, columns] == MIDDLE_GREY).all()  # no bar in it
    assert (sheet[40:440, 14:60] < 100).any()  # letters at its side
    assert (sheet[445:475, 75:480] < 100).any()  # and below it
