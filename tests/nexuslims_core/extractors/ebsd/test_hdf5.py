"""EBSD in HDF5 files: real ones of EDAX, kikuchipy and EMsoft; Bruker's and Oxford's written after their layouts."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.ebsd.hdf5 import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]


def kind(signal: Signal) -> tuple[DatasetType, str, SignalKind]:
    return signal.metadata.dataset_type, signal.metadata.data_type, signal.kind


@pytest.fixture
def oxford(tmp_path: Path) -> Path:
    """A file of Oxford's: a grid of 2 × 3 places with patterns and band contrast, units beside the numbers."""
    path = tmp_path / "site.h5oina"
    with h5py.File(path, "w") as file:
        file["Manufacturer"] = np.array([b"Oxford Instruments"])
        header, data = file.create_group("1/EBSD/Header"), file.create_group("1/EBSD/Data")
        for name, value, unit in (
            ("Beam Voltage", 20.0, "kV"),
            ("Working Distance", 12.5, "mm"),
            ("X Step", 0.5, "um"),
        ):
            header[name] = np.array([value], np.float32)
            header[name].attrs["Unit"] = unit
        header["Tilt Angle"] = np.array([1.2217305], np.float32)
        header["Tilt Angle"].attrs["Unit"] = "rad"
        header["Acquisition Date"] = np.array([b"2022-05-04T13:12:11"])
        header["X Cells"], header["Y Cells"] = np.array([3]), np.array([2])
        header["Phases/1/Phase Name"] = np.array([b"Ni-superalloy"])
        data["Processed Patterns"] = np.arange(6 * 4 * 5, dtype=np.uint8).reshape(6, 4, 5)
        data["Band Contrast"] = np.arange(6, dtype=np.uint8)
        file["1/Electron Image/Data/SE/Electron Image 1"] = np.zeros((8, 9), np.uint16)
    return path


def test_gives_patterns_map_and_electron_image_of_a_scan(oxford: Path, source_of: SourceOf) -> None:
    patterns, contrast, image = extractor.read(source_of(oxford))

    assert kind(patterns) == (DatasetType.DIFFRACTION, "SEM_EBSD", SignalKind.IMAGE_STACK)
    assert kind(contrast) == (DatasetType.IMAGE, "SEM_EBSD", SignalKind.IMAGE)
    assert kind(image) == (DatasetType.IMAGE, "SEM_Imaging", SignalKind.IMAGE)


def test_keeps_the_units_that_the_file_states(oxford: Path, source_of: SourceOf) -> None:
    entries = extractor.read(source_of(oxford))[0].metadata.entries

    assert entries["Voltage"] == Quantity(value=20.0, unit="kV")
    assert entries["Step Size X"] == Quantity(value=0.5, unit="µm")
    assert entries["Specimen Tilt"] == Quantity(value=1.2217305, unit="rad")
    assert entries["Phases"] == "Ni-superalloy"


def test_puts_the_map_onto_the_grid_of_the_scan(oxford: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    patterns, contrast, _ = extractor.read(source_of(oxford))

    assert numbers_of(contrast).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert numbers_of(patterns, 1)[0].tolist() == [20, 21, 22, 23, 24]


def test_takes_the_date_of_the_scan_in_the_zone_of_the_instrument(oxford: Path, source_of: SourceOf) -> None:
    metadata = extractor.read(source_of(oxford))[0].metadata

    assert metadata.creation_time == datetime(2022, 5, 4, 13, 12, 11, tzinfo=UTC)


def test_knows_brukers_words(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "map.h5"
    with h5py.File(path, "w") as file:
        file["Manufacturer"] = b"Bruker Nano"
        header, data = file.create_group("Steel/EBSD/Header"), file.create_group("Steel/EBSD/Data")
        header["KV"], header["WD"], header["NCOLS"], header["NROWS"], header["XSTEP"] = 15.0, 14.1, 2, 2, 0.2
        data["RawPatterns"] = np.zeros((4, 6, 6), np.uint8)
        data["RadonQuality"] = np.ones(4, np.float32)

    patterns, _ = extractor.read(source_of(path))

    assert choose(path).name == "ebsd_hdf5"
    assert patterns.metadata.entries["Working Distance"] == Quantity(value=14.1, unit="mm")
    assert patterns.metadata.entries["Scan Columns"] == 2


@pytest.mark.parametrize(
    ("name", "voltage", "shapes"),
    [
        ("si_in", Quantity(value=20.0, unit="kV"), [(1, 480, 480)]),
        ("patterns", None, [(9, 60, 60), (3, 3), (3, 3)]),
        ("EBSD_TEST_Ni", Quantity(value=20.0, unit="kV"), [(1, 480, 640)]),
        ("master_patterns", Quantity(value=20.0, unit="kV"), [(11, 13, 13), (11, 13, 13)]),
    ],
)
def test_reads_real_files(
    all_em_files: Path, source_of: SourceOf, name: str, voltage: Quantity | None, shapes: list[tuple[int, ...]]
) -> None:
    path = all_em_files / "ebsd_h5" / f"{name}.h5"

    signals = extractor.read(source_of(path))

    assert choose(path).name == "ebsd_hdf5"
    assert signals[0].metadata.entries.get("Voltage") == voltage
    assert [tuple(axis.size for axis in signal.axes) for signal in signals] == shapes


@pytest.mark.parametrize("name", ["delmic/sparc-hyperspectral-spot.h5", "hspy/example1_v1.2.hdf5"])
def test_leaves_other_hdf5_files_to_their_readers(all_em_files: Path, name: str) -> None:
    assert choose(all_em_files / name).name == "general"


def test_a_file_cut_short_is_refused_with_a_reason(oxford: Path, source_of: SourceOf) -> None:
    oxford.write_bytes(oxford.read_bytes()[:-3000])

    with pytest.raises(ExtractionError, match="damaged"):
        extractor.read(source_of(oxford))


def test_patterns_that_cannot_be_in_the_file_are_refused(oxford: Path, source_of: SourceOf) -> None:
    with h5py.File(oxford, "r+") as file:
        del file["1/EBSD/Data/Processed Patterns"]
        file["1/EBSD/Data"].create_dataset("Processed Patterns", (10**7, 2000, 2000), np.uint8, chunks=(1, 2000, 2000))

    with pytest.raises(ExtractionError, match="claims 10000000 × 2000 × 2000"):
        extractor.read(source_of(oxford))
