"""EDAX spectra and maps; maps are written here by the maker's description, since no real one may be passed on."""

import struct
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import catalogue, choose
from nexuslims_core.extractors.edax import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]


@pytest.fixture
def spectrum(all_em_files: Path, source_of: SourceOf) -> Signal:
    return extractor.read(source_of(all_em_files / "spc" / "leo_edax_test.spc"))[0]


def write_map(path: Path, counts: NDArray[Any]) -> Path:
    """Write ``.spd``: a tag, eight numbers, the name of the image, and the counts."""
    lines, points, channels = counts.shape
    head = struct.pack("<16s8i", b"MAPSPECTRA_DATA", 1, points * lines, points, lines, channels, 2, 1068, 12)
    path.write_bytes(head + b"image.bmp".ljust(120, b"\0") + bytes(900) + counts.astype("<u2").tobytes())
    return path


def test_names_values_as_nexuslims_does(spectrum: Signal) -> None:
    entries = spectrum.metadata.entries

    assert spectrum.metadata.data_type == "EDS_Spectrum"
    assert entries["Accelerating Voltage"] == Quantity(value=10.0, unit="kV")
    assert entries["Detector Energy Resolution"] == Quantity(value=125.16211, unit="eV")
    assert entries["Elements"] == "Co, O, S"


def test_gives_values_the_digits_that_they_were_stored_with(spectrum: Signal) -> None:
    assert spectrum.metadata.entries["TakeOff Angle"] == Quantity(value=35.51, unit="degree")


def test_takes_the_time_of_collection_on_the_instruments_clock(all_em_files: Path, source_of: SourceOf) -> None:
    zone = ZoneInfo("America/New_York")
    (signal,) = extractor.read(source_of(all_em_files / "spc" / "leo_edax_test.spc", zone=zone))

    assert signal.metadata.creation_time == datetime(2022, 8, 29, 10, 14, 8, tzinfo=zone)


def test_gives_the_counts_of_the_same_spectrum_that_was_exported(
    spectrum: Signal, all_em_files: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    path = all_em_files / "msa" / "leo_edax_test.msa"
    (exported,) = choose(path).read(source_of(path))

    assert np.array_equal(numbers_of(spectrum), numbers_of(exported))


def test_notes_counts_that_are_missing(all_em_files: Path, tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "cut.spc"
    path.write_bytes((all_em_files / "spc" / "leo_edax_test.spc").read_bytes()[:12_000])

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.entries["Live Time"] == Quantity(value=30.000002, unit="s")
    assert "the file ends before its counts do" in signal.metadata.notes


@pytest.mark.parametrize("content", [b"", b"\0\1KO" + bytes(9000), b"no spectrum, but a shopping list" * 200])
def test_refuses_spectra_of_other_programs(tmp_path: Path, source_of: SourceOf, content: bytes) -> None:
    path = tmp_path / "other.spc"
    path.write_bytes(content)

    with pytest.raises(ExtractionError, match="begins otherwise"):
        extractor.read(source_of(path))


def test_reads_a_map_in_channels_where_its_spectrum_is_missing(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    counts = np.arange(24).reshape(2, 3, 4)
    path = write_map(tmp_path / "map.spd", counts)

    (signal,) = extractor.read(source_of(path))

    assert signal.kind is SignalKind.SPECTRUM_IMAGE
    assert signal.metadata.data_type == "SEM_EDS_Spectrum_Imaging"
    assert np.array_equal(numbers_of(signal), counts)
    assert signal.metadata.entries["Number of Frames"] == 12


def test_takes_a_maps_energies_from_the_spectrum_beside_it(
    tmp_path: Path, all_em_files: Path, source_of: SourceOf
) -> None:
    path = write_map(tmp_path / "map.spd", np.zeros((2, 3, 4)))
    path.with_suffix(".spc").write_bytes((all_em_files / "spc" / "leo_edax_test.spc").read_bytes())

    (signal,) = extractor.read(source_of(path))

    assert (signal.axes[-1].scale, signal.axes[-1].unit) == (0.005, "keV")
    assert signal.metadata.entries["Accelerating Voltage"] == Quantity(value=10.0, unit="kV")


def test_refuses_a_map_of_more_counts_than_its_file_holds(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_map(tmp_path / "lie.spd", np.zeros((2, 3, 4)))
    content = bytearray(path.read_bytes())
    content[24:32] = struct.pack("<ii", 1 << 20, 1 << 20)
    path.write_bytes(content)

    with pytest.raises(ExtractionError):
        extractor.read(source_of(path))


def test_counts_the_spectrum_of_a_map_with_the_map() -> None:
    assert catalogue().companions[".spd"] == frozenset({".ipr", ".spc"})
