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
from nexuslims_core.previews.stack import evenly

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
    chosen = evenly(count)

    steps = set(np.diff(chosen).tolist())
    assert (chosen[0], chosen[-1], len(chosen)) == (0, count - 1, min(9, count))
    assert max(steps, default=1) - min(steps, default=1) <= 1


def test_reads_only_the_images_it_shows(signal_of: SignalOf) -> None:
    data = Counted(ArrayData(np.zeros((10, 10, 8, 8), np.uint8)))

    draw(signal_of(SignalKind.IMAGE_STACK, data))

    assert data.asked == [(0, 0), (1, 2), (2, 4), (3, 7), (4, 9), (6, 1), (7, 4), (8, 6), (9, 9)]


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
