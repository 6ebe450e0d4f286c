"""EBSD maps as text and patterns in binary files."""

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
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.ebsd import patterns as ebsd_patterns
from nexuslims_core.extractors.ebsd import text as ebsd_text
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]

CTF = """Channel Text File
Prj\tsteel.ctf
Author\tAda
JobMode\tGrid
XCells\t3
YCells\t2
XStep\t0.5
YStep\t0.5
Euler angles refer to Sample Coordinate system (CS0)!\tMag\t200\tCoverage\t100\tDevice\t0\tKV\t20\tTiltAngle\t70
Phases\t1
2.87;2.87;2.87\t90;90;90\tIron bcc\t11\t229
Phase\tX\tY\tBands\tError\tEuler1\tEuler2\tEuler3\tMAD\tBC\tBS
""" + "".join(f"1\t{x * 0.5}\t{y * 0.5}\t7\t0\t31\t30\t6\t0.5\t{10 * y + x}\t0\n" for y in range(2) for x in range(3))


def test_reads_the_header_and_the_band_contrast_of_a_ctf(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    path = tmp_path / "a.ctf"
    path.write_text(CTF)

    (signal,) = choose(path).read(source_of(path))

    entries = signal.metadata.entries
    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.IMAGE, "SEM_EBSD")
    assert (entries["Voltage"], entries["Magnification"]) == (Quantity(value=20, unit="kV"), 200)
    assert (entries["Phases"], entries["Operator"]) == ("Iron bcc", "Ada")
    assert signal.metadata.warnings == ("Operator",)
    assert numbers_of(signal).tolist() == [[0, 1, 2], [10, 11, 12]]
    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(0.5, "µm"), (0.5, "µm")]


def test_a_map_that_is_cut_short_keeps_its_settings(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.ctf"
    path.write_text(CTF[:-40])

    (signal,) = ebsd_text.extractor.read(source_of(path))

    assert signal.kind is SignalKind.NONE
    assert signal.metadata.entries["Scan Columns"] == 3
    assert "no picture" in signal.metadata.notes[-1]


@pytest.mark.parametrize(
    ("name", "phases", "voltage", "made"),
    [
        ("EDXLMDTi64.cpr", "Ti (BETA), Ti (alpha)", 25, datetime(2019, 8, 5, 14, 57, 30, tzinfo=UTC)),
        ("martensite.cpr", "Iron bcc (old), Iron fcc", 15, datetime(2014, 7, 1, 11, 29, 49, tzinfo=UTC)),
    ],
)
def test_reads_real_project_files(
    all_em_files: Path, source_of: SourceOf, name: str, phases: str, voltage: float, made: datetime
) -> None:
    path = all_em_files / "ebsd_text" / name

    (signal,) = choose(path).read(source_of(path))

    assert signal.metadata.entries["Phases"] == phases
    assert signal.metadata.entries["Voltage"] == Quantity(value=voltage, unit="kV")
    assert signal.metadata.creation_time == made


def test_tells_orientations_from_a_tem(all_em_files: Path, source_of: SourceOf) -> None:
    path = all_em_files / "ebsd_text" / "ACOM.ang"

    (signal,) = choose(path).read(source_of(path))

    assert signal.metadata.data_type == "TEM_Orientation_Map"
    assert tuple(axis.size for axis in signal.axes) == (15, 15)


@pytest.mark.parametrize("suffix", [".ang", ".cpr", ".ctf"])
def test_another_file_of_that_suffix_is_not_claimed(tmp_path: Path, source_of: SourceOf, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"a shopping list")

    assert not ebsd_text.extractor.claims(path, path.read_bytes())
    with pytest.raises(ExtractionError, match="does not begin like an EBSD map"):
        ebsd_text.extractor.read(source_of(path))


@pytest.mark.parametrize(
    ("name", "shape"),
    [("edax_binary.up1", (9, 60, 60)), ("edax_binary.up2", (10, 60, 60)), ("patterns.ebsp", (60, 60))],
)
def test_reads_real_patterns(all_em_files: Path, source_of: SourceOf, name: str, shape: tuple[int, ...]) -> None:
    path = all_em_files / "ebsd_bin" / name

    (signal,) = choose(path).read(source_of(path))

    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.DIFFRACTION, "SEM_EBSD")
    assert tuple(axis.size for axis in signal.axes) == shape


def test_patterns_are_the_numbers_of_the_file(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    patterns = np.arange(2 * 3 * 4, dtype="<u2").reshape(2, 3, 4)
    path = tmp_path / "a.up2"
    path.write_bytes(struct.pack("<4I", 1, 4, 3, 16) + patterns.tobytes())

    (signal,) = ebsd_patterns.extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), patterns)


@pytest.mark.parametrize("suffix", [".up1", ".up2", ".ebsp"])
@pytest.mark.parametrize("content", [b"", b"abc", bytes(100), b"\xff" * 100], ids=["empty", "short", "zeros", "ones"])
def test_damaged_patterns_are_refused(tmp_path: Path, source_of: SourceOf, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)

    with pytest.raises(ExtractionError):
        ebsd_patterns.extractor.read(source_of(path))
