"""Exported images are shown without being decoded before a preview asks for them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.plain_image import extractor

SourceOf = Callable[..., Source]
NumbersOf = Callable[[Signal], NDArray[Any]]


def saved(path: Path, pixels: NDArray[Any], **options: Any) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.gif", "A.PNG"])
def test_reads_the_pixels_of_a_grey_image(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf, name: str
) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    path = saved(tmp_path / name, pixels)

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(np.atleast_3d(numbers_of(signal))[..., 0], pixels)
    assert [axis.size for axis in signal.axes] == [3, 4]


def test_hands_colours_on_as_a_last_axis(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    path = saved(tmp_path / "a.png", pixels)

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), pixels)


def test_takes_the_time_that_a_camera_wrote(tmp_path: Path, source_of: SourceOf) -> None:
    exif = Image.Exif()
    exif[306] = "2021:05:06 07:08:09"
    path = saved(tmp_path / "a.jpg", np.zeros((4, 4), np.uint8), exif=exif)

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.creation_time == datetime(2021, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_says_so_when_the_pixels_are_cut_short(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    path = saved(tmp_path / "a.png", np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8))
    path.write_bytes(path.read_bytes()[:2000])
    (signal,) = extractor.read(source_of(path))

    with pytest.raises(ExtractionError, match="cannot be decoded"):
        numbers_of(signal)


def test_refuses_an_image_that_claims_more_than_is_safe(em_files: Path, source_of: SourceOf) -> None:
    bomb = em_files / "bad" / "bomb_claims_100000x100000.png"

    with pytest.raises(ExtractionError):
        extractor.read(source_of(bomb))
