"""Counts as events: what is added up in one pass is what the unfolded array would give."""

from collections.abc import Iterator

import numpy as np
import pytest

from nexuslims_core.datasets.events import EventData, Events
from nexuslims_core.datasets.signals import SummedData

SHAPE = (3, 4, 5)


@pytest.fixture
def unfolded() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 3, SHAPE)


@pytest.fixture
def data(unfolded: np.ndarray) -> EventData:
    row, column, channel = (np.repeat(where, unfolded[np.nonzero(unfolded)]) for where in np.nonzero(unfolded))
    half = len(row) // 2

    def events() -> Iterator[Events]:
        for part in (slice(None, half), slice(half, None)):
            yield row[part] * SHAPE[1] + column[part], channel[part]

    return EventData(shape=SHAPE, events=events)


def test_unfolds_to_the_array(data: EventData, unfolded: np.ndarray) -> None:
    assert np.array_equal(np.concatenate(list(data.blocks())), unfolded)


def test_unfolds_one_row(data: EventData, unfolded: np.ndarray) -> None:
    assert np.array_equal(np.concatenate(list(data.blocks((1,)))), unfolded[1])


def test_adds_up_places_and_channels(data: EventData, unfolded: np.ndarray) -> None:
    places, spectrum = data.sums()

    assert np.array_equal(places, unfolded.sum(-1))
    assert np.array_equal(spectrum, unfolded.sum((0, 1)))


def test_leaves_channels_out_of_places_and_not_out_of_the_spectrum(data: EventData, unfolded: np.ndarray) -> None:
    places, spectrum = data.sums(slice(2, None))

    assert np.array_equal(places, unfolded[..., 2:].sum(-1))
    assert np.array_equal(spectrum, unfolded.sum((0, 1)))


def test_is_known_to_add_itself_up(data: EventData) -> None:
    assert isinstance(data, SummedData)
