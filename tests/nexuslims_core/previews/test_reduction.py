from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as some
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.previews.limits import CannotDrawError
from nexuslims_core.previews.reduction import block_mean, envelope, sums

SMALL = st.floats(-1e3, 1e3, width=32)


@settings(deadline=None)
@given(
    image=some.arrays(
        st.sampled_from([np.uint8, np.int16, np.uint32, np.float32]),
        some.array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.integers(0, 100),
    ),
    height=st.integers(1, 20),
    width=st.integers(1, 20),
)
def test_block_mean_is_the_mean_of_each_block(image: NDArray[Any], height: int, width: int) -> None:
    down, across = max(1, image.shape[0] // height), max(1, image.shape[1] // width)
    rows, columns = image.shape[0] // down, image.shape[1] // across

    means = block_mean(ArrayData(image), (), height, width)

    whole = image[: rows * down, : columns * across].astype(float)
    np.testing.assert_allclose(means, whole.reshape(rows, down, columns, across).mean((1, 3)), rtol=1e-5)


def test_block_mean_of_an_image_of_many_pieces_misses_no_row() -> None:
    image = np.repeat(np.arange(3000, dtype=np.uint16), 1500).reshape(3000, 1500)

    means = block_mean(ArrayData(image), (), 300, 150)

    assert means[:, 0].tolist() == [10 * i + 4.5 for i in range(300)]


def test_block_mean_counts_only_finite_numbers() -> None:
    image = np.array([[1.0, np.nan], [3.0, np.inf]])

    means = block_mean(ArrayData(image), (), 1, 1)

    assert means.tolist() == [[2.0]]


@pytest.mark.filterwarnings("ignore:invalid value")
def test_block_mean_of_no_finite_number_is_not_a_number() -> None:
    means = block_mean(ArrayData(np.full((4, 4), np.nan)), (), 2, 2)

    assert np.isnan(means).all()


@given(
    cube=some.arrays(np.float32, some.array_shapes(min_dims=2, max_dims=4, max_side=6), elements=SMALL),
    data=st.data(),
)
def test_sums_along_the_spectra_and_over_the_places(cube: NDArray[Any], data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, cube.ndim - 1))

    places, spectrum = sums(ArrayData(cube), axis)

    others = tuple(i for i in range(cube.ndim) if i != axis)
    np.testing.assert_allclose(places, cube.sum(axis, dtype=float), atol=1e-3)
    np.testing.assert_allclose(spectrum, cube.sum(others, dtype=float), atol=1e-3)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_sums_a_cube_whose_rows_are_too_long_for_one_piece(axis: int) -> None:
    cube = np.random.default_rng(2).integers(0, 9, (3, 1100, 1000), np.uint8)

    places, spectrum = sums(ArrayData(cube), axis)

    assert (places == cube.sum(axis)).all()
    assert (spectrum == cube.sum(tuple({0, 1, 2} - {axis}))).all()


def test_sums_refuse_a_map_that_would_fill_the_memory() -> None:
    with pytest.raises(CannotDrawError, match="16,777,216 spectra of 2 channels"):
        sums(ArrayData(np.broadcast_to(np.uint8(1), (4096, 4096, 2))), 2)


@given(numbers=some.arrays(np.float64, st.integers(1, 500), elements=st.floats(-1e9, 1e9)), most=st.integers(1, 60))
def test_envelope_keeps_the_highest_and_the_lowest(numbers: NDArray[np.float64], most: int) -> None:
    lowest, highest, stretch = envelope(ArrayData(numbers), most)

    assert len(lowest) == -(-len(numbers) // stretch) <= most
    assert (lowest.min(), highest.max()) == (numbers.min(), numbers.max())


def test_envelope_of_a_short_spectrum_is_the_spectrum() -> None:
    numbers = np.array([3.0, np.nan, 5.0])

    lowest, highest, stretch = envelope(ArrayData(numbers), 10)

    np.testing.assert_array_equal(lowest, numbers)
    np.testing.assert_array_equal(highest, numbers)
    assert stretch == 1


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_sums_the_places_over_the_channels_that_count(axis: int) -> None:
    cube = np.random.default_rng(2).integers(0, 9, (7, 8, 9), np.uint8)

    places, spectrum = sums(ArrayData(cube), axis, slice(3, None))

    assert (places == np.take(cube, range(3, cube.shape[axis]), axis).sum(axis)).all()
    assert (spectrum == cube.sum(tuple({0, 1, 2} - {axis}))).all()


def test_sums_over_the_channels_of_a_cube_of_many_pieces() -> None:
    cube = np.random.default_rng(2).integers(0, 9, (30, 600, 500), np.uint8)

    places, _ = sums(ArrayData(cube), 0, slice(11, None))

    assert (places == cube[11:].sum(0)).all()


def test_block_mean_of_a_wave_is_that_of_its_amplitude() -> None:
    wave = np.array([[3 + 4j, -5], [5j, 5]])

    assert block_mean(ArrayData(wave), (), 1, 1, logarithm=False).tolist() == [[5.0]]


def test_lets_data_that_can_add_themselves_up_do_so() -> None:
    class Counts(ArrayData):
        def sums(self, channels: slice = slice(None)) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            return self.array[..., channels].sum(-1) * 1.0, self.array.sum((0, 1)) * 1.0

        def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Any:  # noqa: ANN401, ARG002
            pytest.fail("unfolds what need not be unfolded")

    places, spectrum = sums(Counts(np.ones((2, 3, 4))), 2)

    assert (places.tolist(), spectrum.tolist()) == ([[4.0] * 3] * 2, [6.0] * 4)
