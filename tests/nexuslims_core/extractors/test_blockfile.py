"""Blockfiles: the real one, and small ones written here after it."""

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.blockfile import extractor
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]


def write(
    path: Path,
    data: NDArray[np.uint8],
    *,
    image: bytes = b"",
    days: float = 45000.25,
    note: bytes = b"",
    ppcm: int = 6226,
) -> Path:
    rows, columns, side, _ = data.shape
    at = 4096 + rows * columns
    fields = (b"IMGBLO", 0x102, 4096, at, 0, side, 0, columns, rows, 2500, 12.8, 25.6, 200_000, ppcm, 2000, days)
    content = struct.pack("<6sHIIIHHHHHddIHId", *fields).ljust(240, b"\0") + note
    content = content.ljust(4096, b"\0") + image.ljust(rows * columns, b"\0")
    for number, pattern in enumerate(data.reshape(-1, side, side)):
        content += struct.pack("<HI", 0x55AA, number) + pattern.tobytes()
    path.write_bytes(content)
    return path


def test_names_what_the_real_file_says(all_em_files: Path, source_of: SourceOf) -> None:
    patterns, image = extractor.read(source_of(all_em_files / "blo" / "test1.blo"))

    entries = patterns.metadata.entries
    assert entries["Voltage"] == Quantity(value=200.0, unit="kV")
    assert entries["Camera Length"] == Quantity(value=200.0, unit="mm")  # 2000 tenths of a millimetre
    assert entries["Scan Rotation"] == Quantity(value=25.0, unit="degree")
    assert entries["Pixel Width"] == Quantity(value=12.8, unit="nm")
    assert entries["Camera Gamma"] == "on"
    assert (patterns.metadata.dataset_type, patterns.metadata.data_type) == (DatasetType.DIFFRACTION, "4D_STEM")
    assert (image.metadata.dataset_type, image.metadata.data_type) == (DatasetType.IMAGE, "STEM_Imaging")
    assert patterns.metadata.creation_time == datetime(2015, 12, 1, 15, 40, 59, 812000, tzinfo=UTC)


def test_calibrates_scan_and_patterns(all_em_files: Path, source_of: SourceOf) -> None:
    patterns, _ = extractor.read(source_of(all_em_files / "blo" / "test1.blo"))

    assert [(axis.size, axis.unit) for axis in patterns.axes] == [(3, "nm"), (2, "nm"), (144, "cm"), (144, "cm")]
    assert patterns.axes[3].scale == pytest.approx(100 / 6226)


def test_reads_patterns_and_the_image_of_the_scan(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    data = np.arange(2 * 3 * 16).reshape(2, 3, 4, 4).astype("u1")

    patterns, image = extractor.read(source_of(write(tmp_path / "a.blo", data, image=bytes(range(1, 7)))))

    assert np.array_equal(numbers_of(patterns), data)
    assert numbers_of(image).tolist() == [[1, 2, 3], [4, 5, 6]]


def test_an_empty_image_of_the_scan_is_none(tmp_path: Path, source_of: SourceOf) -> None:
    assert len(extractor.read(source_of(write(tmp_path / "a.blo", np.ones((2, 3, 4, 4), "u1"))))) == 1


@pytest.mark.parametrize(
    ("lost", "shape"), [(1, (1, 3, 4, 4)), (3 * 22 + 1, (2, 4, 4)), (6 * 22, None)], ids=["a byte", "a line", "all"]
)
def test_keeps_what_is_there_of_a_file_that_ends_early(
    tmp_path: Path, source_of: SourceOf, lost: int, shape: tuple[int, ...] | None
) -> None:
    path = write(tmp_path / "a.blo", np.ones((2, 3, 4, 4), "u1"))
    path.write_bytes(path.read_bytes()[:-lost])

    (patterns,) = extractor.read(source_of(path))

    assert (patterns.data.shape if patterns.data else None) == shape
    assert (patterns.kind is SignalKind.NONE) == (shape is None)
    assert "claims 6 patterns and holds" in patterns.metadata.notes[0]


def test_no_scale_and_no_date_cost_no_file(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(
        tmp_path / "a.blo", np.ones((2, 3, 4, 4), "u1"), ppcm=0, days=1e300, note=b"Operator : A\x01da\r\nempty : \r\n"
    )

    (patterns,) = extractor.read(source_of(path))

    assert patterns.axes[3].unit == ""
    assert patterns.metadata.entries["Operator"] == "Ada"
    assert patterns.metadata.warnings == ("Operator",)
    assert "Empty" not in patterns.metadata.entries


@pytest.mark.parametrize("content", [b"", b"IMGBLO", b"IMGBLO" + bytes(300)], ids=["empty", "short", "zeros"])
def test_refuses_damaged_headers(tmp_path: Path, source_of: SourceOf, content: bytes) -> None:
    path = tmp_path / "a.blo"
    path.write_bytes(content)

    with pytest.raises(ExtractionError):
        extractor.read(source_of(path))


def test_knows_its_files_under_wrong_names(tmp_path: Path) -> None:
    assert choose(write(tmp_path / "a.dat", np.ones((2, 3, 4, 4), "u1"))).name == "blockfile"
