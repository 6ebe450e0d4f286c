import numpy as np
import pytest

from nexuslims_core.previews.contrast import colours, rows_of_picture, stretch, stretch_above_strip, stretch_log


def test_cuts_half_a_percent_off_each_end() -> None:
    grey = stretch(np.arange(1001.0).reshape(7, 143))

    assert (grey.black, grey.white) == (5.0, 995.0)
    assert (grey.levels.min(), grey.levels.max()) == (0, 255)


def test_shows_a_few_bright_points_on_nothing() -> None:
    image = np.zeros((100, 100))
    image[50, 50] = 9.0

    grey = stretch(image)

    assert grey.levels[50, 50] == 255
    assert grey.levels[0, 0] == 0


@pytest.mark.parametrize("number", [0.0, -5.0, 1e308, 0.1, 5e-324])
def test_a_constant_image_is_of_a_middle_grey(number: float) -> None:
    grey = stretch(np.full((4, 4), number))

    assert (grey.levels == 128).all()


def test_numbers_apart_by_rounding_alone_are_the_same() -> None:
    grey = stretch(np.array([[0.3, 0.1 + 0.2]]))

    assert grey.black == grey.white


def test_contrast_of_large_numbers_that_hardly_differ_is_kept() -> None:
    grey = stretch(1e9 + np.arange(256.0).reshape(16, 16))

    assert len(np.unique(grey.levels)) > 200


def test_the_whole_range_of_floats_does_not_overflow() -> None:
    biggest = np.finfo(np.float64).max

    grey = stretch(np.array([[-biggest, 0.0, biggest]]))

    assert grey.levels.tolist() == [[0, 127, 255]]


def test_transparent_colours_are_shown_as_far_as_they_are_opaque() -> None:
    grey = colours(np.array([[[10.0, 20.0, 30.0, 64.0]]]), np.dtype(np.uint8))

    assert grey.shown is not None
    assert grey.shown.tolist() == [[64]]
    assert grey.levels.tolist() == [[[10, 20, 30]]]


def test_black_and_white_are_numbers_of_the_image() -> None:
    grey = stretch(np.array([[1.0, 2.0], [3.0, 4.0]]))

    assert (grey.black, grey.white) == (1.0, 4.0)


def _pattern() -> np.ndarray:
    """Return a diffraction pattern: a background of 10, spots of 500 and a zero beam of 100,000."""
    pattern = np.random.default_rng(6).poisson(10, (256, 256)).astype(float)
    pattern[60:66, 60:66] = 500
    pattern[120:136, 120:136] = 100_000
    return pattern


def test_a_zero_beam_hides_no_spot_of_a_pattern() -> None:
    grey = stretch_log(_pattern(), unit=1.0)

    spot, ground = grey.levels[62, 62], int(np.median(grey.levels))
    assert spot > ground + 60
    assert grey.levels[128, 128] == 255


def test_a_hot_pixel_does_not_darken_a_pattern() -> None:
    spoiled = _pattern()
    spoiled[10, 10] = 1e9

    plain, hot = (stretch_log(pattern, unit=1.0).levels.astype(int) for pattern in (_pattern(), spoiled))

    assert np.median(np.abs(plain - hot)) <= 2


def test_a_pattern_without_contrast_does_not_become_noise() -> None:
    flat = np.random.default_rng(6).normal(1000, 1, (256, 256))

    grey = stretch_log(flat, unit=1.0)

    assert 60 < np.median(grey.levels) < 200


@pytest.mark.parametrize("number", [0.0, -3.0, 1e300])
def test_a_constant_pattern_is_of_a_middle_grey(number: float) -> None:
    assert (stretch_log(np.full((4, 4), number), unit=1.0).levels == 128).all()


def test_a_pattern_shows_nothing_where_no_number_is_finite() -> None:
    pattern = _pattern()
    pattern[:20] = np.nan

    grey = stretch_log(pattern, unit=0.0)

    assert grey.shown is not None
    assert (grey.shown[:20] == 0).all()
    assert (grey.shown[20:] == 255).all()


def _with_strip(paper: int, ink: int) -> np.ndarray:
    """Return an image of 400 rows whose last 40 are a strip of text."""
    draw = np.random.default_rng(7)
    image = draw.integers(60, 120, (400, 500)).astype(float)
    image[360:] = paper
    image[370:390, 50:450] = np.where(draw.random((20, 400)) < 0.3, ink, paper)
    return image


@pytest.mark.parametrize(("paper", "ink"), [(0, 255), (255, 0)], ids=["white on black", "black on white"])
def test_finds_the_strip_of_text_below_an_image(paper: int, ink: int) -> None:
    assert rows_of_picture(_with_strip(paper, ink)) == 360


def test_contrast_is_that_of_the_image_above_the_strip() -> None:
    grey = stretch_above_strip(_with_strip(255, 0))

    assert (grey.black, grey.white) == (60.0, 119.0)
    assert grey.picture == 0.9


@pytest.mark.parametrize(
    "image",
    [
        np.random.default_rng(8).integers(0, 255, (400, 500)).astype(float),
        np.zeros((400, 500)),
        np.tile(np.linspace(0, 255, 400)[:, None], 500),
        np.zeros((3, 3)),
        np.zeros((1, 500)),
    ],
    ids=["noise", "nothing", "a ramp", "tiny", "one row"],
)
def test_an_image_without_a_strip_is_all_picture(image: np.ndarray) -> None:
    assert rows_of_picture(image) == len(image)
