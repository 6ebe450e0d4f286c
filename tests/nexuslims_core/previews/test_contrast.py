import numpy as np
import pytest

from nexuslims_core.previews.contrast import colours, stretch


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
