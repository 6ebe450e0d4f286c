from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.previews.drawing import draw
from nexuslims_core.previews.stack import chosen, evenly, labels_of

SignalOf = Callable[..., Signal]
Pixels = Callable[[bytes], NDArray[np.uint8]]


@dataclass
class Counted:
    """Data that remembers which of its images were asked for."""

    inner: ArrayData
    asked: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.inner.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.inner.dtype

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        self.asked.append(index)
        return self.inner.blocks(index, rows=rows)


@given(st.integers(1, 10**9))
def test_chooses_up_to_nine_images_evenly_with_both_ends(count: int) -> None:
    chosen = evenly(count, 9)

    steps = set(np.diff(chosen).tolist())
    assert (chosen[0], chosen[-1], len(chosen)) == (0, count - 1, min(9, count))
    assert max(steps, default=1) - min(steps, default=1) <= 1


def test_reads_only_the_images_it_shows(signal_of: SignalOf) -> None:
    data = Counted(ArrayData(np.zeros((10, 10, 8, 8), np.uint8)))

    draw(signal_of(SignalKind.IMAGE_STACK, data))

    assert data.asked == [(y, x) for y in (0, 4, 9) for x in (0, 4, 9)]


def test_gives_each_image_its_own_contrast(signal_of: SignalOf, pixels: Pixels) -> None:
    ramp = np.tile(np.arange(100.0), (100, 1))

    sheet = pixels(draw(signal_of(SignalKind.IMAGE_STACK, np.stack([ramp, ramp * 1e6]))))

    left, right = sheet[250, 16:245], sheet[250, 255:484]
    assert min(left.max(), right.max()) > 250
    assert max(left.min(), right.min()) < 5


@pytest.mark.parametrize("count", range(1, 11))
def test_arranges_any_number_of_images(signal_of: SignalOf, pixels: Pixels, count: int) -> None:
    sheet = pixels(draw(signal_of(SignalKind.IMAGE_STACK, np.ones((count, 50, 50), np.uint8))))

    shown = (sheet == 128).sum()
    assert shown > 60_000


def test_shows_a_stack_of_colours_in_colours(signal_of: SignalOf, pixels: Pixels) -> None:
    stack = np.full((4, 20, 20, 3), (9, 99, 199), np.uint8)
    axes = tuple(Axis(name="", size=size) for size in (4, 20, 20))

    sheet = pixels(draw(signal_of(SignalKind.IMAGE_STACK, stack, axes)))

    assert sheet[130, 130].tolist() == [9, 99, 199]


@pytest.mark.parametrize(
    ("outer", "indices", "across"),
    [
        ((25,), [(i,) for i in (0, 3, 6, 9, 12, 15, 18, 21, 24)], 0),
        ((10, 12), [(y, x) for y in (0, 4, 9) for x in (0, 5, 11)], 3),
        ((40, 2), [(y, x) for y in (0, 19, 39) for x in (0, 1)], 2),
        ((2, 4), [(y, x) for y in (0, 1) for x in range(4)], 4),
        ((15, 1), [(i, 0) for i in (0, 1, 3, 5, 7, 8, 10, 12, 14)], 0),
        ((1, 1), [(0, 0)], 0),
    ],
    ids=str,
)
def test_shows_places_of_a_plane_as_they_lie_in_it(
    outer: tuple[int, ...], indices: list[tuple[int, ...]], across: int
) -> None:
    choice = chosen(outer)

    assert list(choice.indices) == indices
    assert choice.across == across


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=4))
def test_never_shows_more_than_nine_images(outer: list[int]) -> None:
    choice = chosen(tuple(outer))

    assert 1 <= len(choice.indices) <= 9
    assert all(0 <= i < length for index in choice.indices for i, length in zip(index, outer, strict=True))


TILT = Axis(name="tilt", size=3, scale=30, offset=-30, unit="degrees")
SCAN = (Axis(name="y", size=4, unit="nm"), Axis(name="x", size=9, unit="nm"))


@pytest.mark.parametrize(
    ("indices", "axes", "labels"),
    [
        (((0,), (2,)), (TILT,), ["1  ·  −30°", "3  ·  30°"]),
        (((0, 0), (3, 8)), SCAN, ["1, 1", "4, 9"]),
        (((0,), (2,)), (Axis(name="t", size=3),), ["1", "3"]),
        (((0,), (2,)), (Axis(name="t", size=3, scale=0.01, offset=1e9, unit="s"),), ["1", "3"]),
        (((0,), (2,)), (Axis(name="t", size=3, scale=float("inf"), unit="s"),), ["1", "3"]),
        (((0, 2),), (Axis(name="u", size=1), TILT), ["3  ·  30°"]),
        (((0,),), (Axis(name="u", size=1),), ["1"]),
    ],
    ids=["tilts", "places of a scan", "numbers", "times that look alike", "no times", "a flat axis", "one image"],
)
def test_tells_where_each_image_belongs(
    indices: tuple[tuple[int, ...], ...], axes: tuple[Axis, ...], labels: list[str]
) -> None:
    assert labels_of(indices, axes, lambda _text: True) == labels


def test_tells_numbers_alone_where_there_is_no_room_for_more() -> None:
    assert labels_of(((0,), (2,)), (TILT,), lambda text: len(text) < 10) == ["1", "3"]


def test_shows_a_stack_of_patterns_in_logarithms(signal_of: SignalOf, pixels: Pixels) -> None:
    pattern = np.ones((90, 90), np.uint16)
    pattern[20:30, 20:30] = 200
    pattern[40:50, 40:50] = 40_000
    axes = tuple(Axis(name=name, size=size, unit="1/nm") for name, size in (("t", 2), ("y", 90), ("x", 90)))

    sheet = pixels(draw(signal_of(SignalKind.IMAGE_STACK, np.stack([pattern, pattern]), axes)))

    left = sheet[:, 14:247]
    assert ((left > 80) & (left < 220)).sum() > 300


@pytest.mark.parametrize("shape", [(9, 30, 200), (9, 200, 30), (9, 90, 90)], ids=["flat", "slim", "square"])
def test_no_scale_bar_reaches_beyond_its_image(signal_of: SignalOf, pixels: Pixels, shape: tuple[int, ...]) -> None:
    images = np.full(shape, 7, np.uint8)
    axes = [
        (
            Axis(name="t", size=9),
            *(Axis(name=name, size=size, unit=unit) for name, size in zip("yx", shape[1:], strict=True)),
        )
        for unit in ("", "nm")
    ]

    bare, barred = (pixels(draw(signal_of(SignalKind.IMAGE_STACK, images, each)))[31:478] for each in axes)

    assert (bare[bare != barred] != 255).all()
    assert (bare != barred).any() == (shape[1] == shape[2])
