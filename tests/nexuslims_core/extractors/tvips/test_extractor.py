"""Streams of TVIPS cameras: the real one, and small ones written here after it."""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.tvips.extractor import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
SECONDS = 1_700_000_000


def write(
    folder: Path,
    parts: Sequence[NDArray[Any]],
    *,
    mode: int = 1,
    version: int = 2,
    scanned: bool = False,
    pixel: int = 2,
) -> Path:
    """Write a stream; each image comes 250 ms after the one before it."""
    rows, columns = parts[0].shape[1:]
    before = 12 if version == 1 else 64
    bits = parts[0].dtype.itemsize * 8
    main = struct.pack("<13I", 256, version, columns, rows, bits, 0, 0, 2, 2, pixel, 300, 5000, before).ljust(256, b"T")
    number = 0
    for part, images in enumerate(parts):
        content = main if part == 0 else b""
        for image in images:
            clock = (number, SECONDS + number // 4, number % 4 * 250)
            index = number if scanned else 0
            settings = (0, 0.0, 0, mode, 1.5, 0, 0, 12.5, 0, index, 0, 0)
            head = struct.pack("<4If2I5fI2f", *clock, *settings).ljust(64, b"\0")
            content += head[:before] + image.tobytes()
            number += 1
        (folder / f"run_{part:03d}.tvips").write_bytes(content)
    return folder / "run_000.tvips"


def test_names_what_the_real_file_says(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "tvips" / "test_tvips_2233_000.tvips"))

    entries = signal.metadata.entries
    assert entries["Voltage"] == Quantity(value=200, unit="kV")
    assert entries["Camera Length"] == Quantity(value=80, unit="mm")
    assert "Magnification" not in entries
    assert signal.metadata.dataset_type is DatasetType.DIFFRACTION
    assert signal.metadata.creation_time == datetime(1993, 6, 18, 10, 34, 56, tzinfo=UTC)


def test_all_parts_are_one_series(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    images = np.arange(7 * 6).reshape(7, 2, 3).astype("<u2")

    (signal,) = extractor.read(source_of(write(tmp_path, [images[:3], images[3:5], images[5:]])))

    assert np.array_equal(numbers_of(signal), images)
    assert signal.metadata.entries["Number of Files"] == 3
    assert signal.title == "run"


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("dtype", ["u1", "<u2"])
def test_reads_both_versions_and_types(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf, version: int, dtype: str
) -> None:
    images = np.arange(12).reshape(2, 2, 3).astype(dtype)

    (signal,) = extractor.read(source_of(write(tmp_path, [images], version=version)))

    assert np.array_equal(numbers_of(signal), images)
    assert signal.metadata.creation_time == datetime.fromtimestamp(SECONDS, UTC)


def test_images_are_apart_by_their_clock_and_calibrated(tmp_path: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(write(tmp_path, [np.zeros((3, 2, 3), "u1")])))

    assert [(axis.name, axis.scale, axis.unit) for axis in signal.axes] == [
        ("time", 0.25, "s"), ("dy", 2.0, "nm"), ("dx", 2.0, "nm"),
    ]  # fmt: skip
    assert signal.metadata.entries["Magnification"] == 5000
    assert signal.metadata.entries["Stage Position α"] == Quantity(value=12.5, unit="degree")
    assert "Stage Position X" in signal.metadata.warnings


@pytest.mark.parametrize(
    ("mode", "scanned", "data_type"),
    [(1, False, "TEM_Imaging"), (2, False, "TEM_Diffraction"), (2, True, "4D_STEM")],
)
def test_tells_images_patterns_and_scans(
    tmp_path: Path, source_of: SourceOf, mode: int, scanned: bool, data_type: str
) -> None:
    (signal,) = extractor.read(source_of(write(tmp_path, [np.zeros((4, 2, 3), "u1")], mode=mode, scanned=scanned)))

    assert signal.metadata.data_type == data_type


def test_a_later_part_names_the_first(tmp_path: Path, source_of: SourceOf) -> None:
    write(tmp_path, [np.full((2, 2, 3), 7, "u1"), np.full((2, 2, 3), 7, "u1")])

    with pytest.raises(ExtractionError, match=r"run_000\.tvips"):
        extractor.read(source_of(tmp_path / "run_001.tvips"))


def test_keeps_the_whole_images_of_a_part_that_ends_early(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    images = np.arange(24).reshape(4, 2, 3).astype("u1")
    path = write(tmp_path, [images])
    path.write_bytes(path.read_bytes()[:-1])

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), images[:3])
    assert "the file ends early" in signal.metadata.notes[0]


def test_keeps_the_settings_of_a_header_without_images(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(tmp_path, [np.zeros((1, 2, 3), "u1")])
    path.write_bytes(path.read_bytes()[:256])

    (signal,) = extractor.read(source_of(path))

    assert signal.data is None
    assert signal.metadata.entries["Voltage"] == Quantity(value=300, unit="kV")


@pytest.mark.parametrize("content", [b"", bytes(52), b"\xff" * 400], ids=["empty", "zeros", "ones"])
def test_refuses_damaged_headers(tmp_path: Path, source_of: SourceOf, content: bytes) -> None:
    path = tmp_path / "a_000.tvips"
    path.write_bytes(content)

    with pytest.raises(ExtractionError):
        extractor.read(source_of(path))


def test_comes_to_its_reader(all_em_files: Path) -> None:
    assert choose(all_em_files / "tvips" / "test_tvips_2233_000.tvips").name == "tvips"
