"""DigitalMicrograph files as a whole: which are claimed, what they hold, and what damage does to them."""

import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.digital_micrograph.extractor import MOST_IMAGES, extractor
from nexuslims_core.testing.writers.digital_micrograph import DmImage, write_dm, write_dm_images

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
MiB = 1 << 20
MTIME = 1542135802.0


def test_claims_files_by_their_first_bytes(tmp_path: Path) -> None:
    dm3 = write_dm(tmp_path / "a.txt", np.zeros((2, 2), np.int16), version=3)
    dm4 = write_dm(tmp_path / "b.txt", np.zeros((2, 2), np.int16), version=4)

    claimed = [extractor.claims(path, path.read_bytes()[:4096]) for path in (dm3, dm4)]

    assert claimed == [True, True]
    assert not any(extractor.claims(dm3, head) for head in (b"", b"\0\0\0\3", b"\x89PNG\r\n\x1a\n" + bytes(9)))


def test_creation_time_is_the_modification_time_in_the_instruments_zone(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_dm(tmp_path / "a.dm3", np.zeros((2, 2), np.int16), mtime=MTIME)

    (signal,) = extractor.read(source_of(path, zone=ZoneInfo("America/New_York")))

    assert str(signal.metadata.creation_time) == "2018-11-13 14:03:22-05:00"
    assert signal.metadata.creation_time == datetime.fromtimestamp(MTIME, UTC)


def test_every_image_but_the_thumbnail_is_a_signal(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    images = [DmImage(data=np.full((2, 2), i, np.int16), name=f"image {i}") for i in range(3)]
    path = write_dm_images(tmp_path / "a.dm3", images)

    signals = extractor.read(source_of(path))

    assert [(signal.title, numbers_of(signal)[0, 0]) for signal in signals] == [
        ("image 0", 0),
        ("image 1", 1),
        ("image 2", 2),
    ]


def test_a_file_of_countless_images_is_refused(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_dm_images(tmp_path / "a.dm3", [DmImage(data=np.zeros(1, np.int16))] * (MOST_IMAGES + 1))

    with pytest.raises(ExtractionError, match="holds 1001 images"):
        extractor.read(source_of(path))


def test_a_file_without_images_is_refused(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_dm_images(tmp_path / "a.dm3", [])

    with pytest.raises(ExtractionError, match="holds no image besides its thumbnail"):
        extractor.read(source_of(path))


def test_bad_files_end_within_a_second_in_signals_or_a_sentence(
    em_files: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    ended = {}
    for path in sorted((em_files / "bad").iterdir()):
        if path.is_dir():
            continue
        start = time.monotonic()
        try:
            ended[path.name] = sum(numbers_of(signal).size for signal in extractor.read(source_of(path)))
        except ExtractionError as error:
            ended[path.name] = len(error.reason)
        assert time.monotonic() - start < 1

    assert len(ended) >= 20
    assert all(ended.values())


@pytest.mark.slow
def test_every_real_file_is_read_without_its_pixels_in_little_memory(all_em_files: Path, source_of: SourceOf) -> None:
    paths = [path for kind in ("dm3", "dm4") for path in (all_em_files / kind).iterdir()]
    sources = [source_of(path) for path in paths if path.name != "test_corrupted.dm3"]
    tracemalloc.start()

    without_data = [one.path.name for one in sources for signal in extractor.read(one) if signal.data is None]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(sources) > 60
    assert without_data == []
    assert peak < 8 * MiB


def test_reading_a_file_leaves_it_as_it_was(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_dm(tmp_path / "a.dm3", np.zeros((2, 2), np.int16), mtime=MTIME)
    before = path.read_bytes()

    extractor.read(source_of(path))

    assert path.read_bytes() == before
    assert path.stat().st_mtime == MTIME


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dm")


@pytest.fixture(scope="module")
def whole(folder: Path) -> bytes:
    tags = {
        "Microscope Info": {"Voltage": 3e5, "Illumination Mode": "STEM"},
        "Meta Data": {"Format": "Spectrum image", "Signal": "X-ray"},
        "SI": {"Acquisition": {"Start time": "1:00:00 AM", "End time": "2:00:00 AM"}},
        "EDS": {"Live time": 1.0, "Images": {"Live time": [1.0, 2.0]}},
        "Tecnai": {"Microscope Info": "Spot 4\u2028C2 31.8%\u2028"},
    }
    images = [
        DmImage(data=np.arange(24, dtype=np.uint16).reshape(4, 2, 3), tags=tags),
        DmImage(data=np.zeros(40, np.float32), data_type=27, shape=(4, 8)),
        DmImage(data=np.zeros((2, 3), np.uint32), data_type=23),
    ]
    return write_dm_images(folder / "whole.dm4", images, version=4).read_bytes()


@pytest.mark.slow
@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_ends_in_signals_or_a_sentence(
    data: st.DataObject, whole: bytes, folder: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    places = st.integers(0, len(whole) - 1)
    flips = data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8))
    content = bytearray(whole)
    for place, byte in flips:
        content[place] = byte
    path = folder / "damaged.dm4"
    path.write_bytes(content[: data.draw(st.sampled_from([len(content), flips[0][0]]))])
    tracemalloc.start()

    read, reason = [], "read"
    try:
        read = [numbers_of(signal) for signal in extractor.read(source_of(path)) if signal.data is not None]
    except ExtractionError as error:
        reason = error.reason
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert reason
    assert all(piece.nbytes <= 16 * len(whole) for piece in read)
    assert peak < 8 * MiB
