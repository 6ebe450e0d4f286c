"""Tofwerk's mass spectra, in small files laid out as TofDAQ 1.99 does; no real one is small enough to be kept here."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import h5py
import numpy as np
import pytest

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.tofwerk import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
LOG = np.dtype([("timestamp", "<u8"), ("timestring", "S26"), ("logtext", "S256")])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write one acquisition of 10 slices, 64 rows and 64 columns."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", userblock_size=512) as file:
        file.attrs.update({"TofDAQ Version": np.array([1.990759]), "IonMode": np.bytes_(b"positive")})
        file.attrs.update({"NbrWrites": np.array([10]), "HDF5 File Creation Time": np.bytes_(b"03.12.2025 11:31:45")})
        times = np.array([(1, b"2025-12-03T11:31:45-05:00", b"Acquisition started")], LOG)
        file["AcquisitionLog/Log"] = times
        beam = {"Voltage": 30000.0, "Current": 0.0, "ViewField": 0.01}
        file.create_group("FIBParams").attrs.update({name: np.array([value]) for name, value in beam.items()})
        file["FIBImages/Image0000/Data"] = np.eye(128)
        file["FIBImages/Image0001/Data"] = np.eye(128)
        file["FibParams/FibPressure/TwData"] = np.full((10, 1), 1.7e-4)
        file["FullSpectra/MassAxis"] = ((np.arange(10_000) / 1000) ** 2).astype("f4")
        file["FullSpectra/SumSpectrum"] = np.where(np.arange(10_000) == 4795, 7.0, 0.0)  # sodium, 22.99 Da
        file.create_dataset("FullSpectra/EventList", (10, 64, 64), h5py.vlen_dtype(np.uint16))
    with path.open("r+b") as file:
        file.write(b"====\nTofwerk AG")
    return path


def test_claims_files_that_begin_with_the_makers_text(path: Path) -> None:
    assert choose(path).name == "tofwerk"


def test_claims_no_other_hdf5_file(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["FullSpectra/SumSpectrum"] = np.zeros(3)

    assert choose(tmp_path / "a.h5").name != "tofwerk"


def test_names_what_nexuslims_names(path: Path, source_of: SourceOf) -> None:
    metadata = extractor.read(source_of(path))[0].metadata

    assert (metadata.dataset_type, metadata.data_type) == (DatasetType.SPECTRUM_IMAGE, "PFIB_TOFSIMS")
    assert metadata.creation_time == datetime(2025, 12, 3, 11, 31, 45, tzinfo=ZoneInfo("America/New_York"))
    assert metadata.entries["Data Dimensions"] == "(10, 64, 64)"
    assert metadata.entries["Voltage"] == Quantity(value=30.0, unit="kV")
    assert metadata.entries["Horizontal Field Width"] == Quantity(value=10.0, unit="µm")
    assert metadata.entries["Pixel Width"] == Quantity(value=156.25, unit="nm")
    assert metadata.entries["Chamber Pressure"] == Quantity(value=pytest.approx(1.7e-4), unit="Pa")
    assert metadata.entries["Ion Mode"] == "positive"
    assert metadata.entries["File Variant"] == "raw"
    assert "Beam Current" not in metadata.entries


def test_draws_the_sum_of_the_spectra_over_mass(path: Path, source_of: SourceOf) -> None:
    signal = extractor.read(source_of(path))[0]
    assert signal.data is not None
    counts = np.concatenate(list(signal.data.blocks()))
    (axis,) = signal.axes

    assert counts.sum() == 7
    assert axis.offset + axis.scale * (int(counts.argmax()) + 0.5) == pytest.approx(22.99, abs=0.03)


def test_gives_the_first_image_of_the_beam(path: Path, source_of: SourceOf) -> None:
    image = extractor.read(source_of(path))[1]

    assert (image.kind, image.metadata.data_type) == (SignalKind.IMAGE, "FIB_Imaging")
    assert image.metadata.entries["Pixel Width"] == Quantity(value=78.125, unit="nm")
    assert image.metadata.notes == ("the first of 2 images stands for all",)


def test_takes_the_instruments_zone_where_there_is_no_log(path: Path, source_of: SourceOf) -> None:
    with h5py.File(path, "r+") as file:
        del file["AcquisitionLog"]

    made = extractor.read(source_of(path, zone=ZoneInfo("Europe/Berlin")))[0].metadata.creation_time

    assert made == datetime(2025, 12, 3, 11, 31, 45, tzinfo=ZoneInfo("Europe/Berlin"))


def test_keeps_the_settings_of_spectra_that_cannot_be_drawn(path: Path, source_of: SourceOf) -> None:
    with h5py.File(path, "r+") as file:
        del file["FullSpectra/MassAxis"]
        file.create_dataset("FullSpectra/MassAxis", (1 << 40,), "f4", chunks=(1 << 20,))

    signal = extractor.read(source_of(path))[0]

    assert signal.kind is SignalKind.NONE
    assert signal.metadata.entries["Voltage"] == Quantity(value=30.0, unit="kV")


def test_a_pressure_that_is_none_costs_nothing_else(path: Path, source_of: SourceOf) -> None:
    with h5py.File(path, "r+") as file:
        del file["FibParams/FibPressure/TwData"]
        file["FibParams/FibPressure/TwData"] = b"high"

    entries = extractor.read(source_of(path))[0].metadata.entries

    assert "Chamber Pressure" not in entries
    assert entries["Mass Range Maximum"].unit == "Da"


def test_refuses_a_file_that_is_cut_short(path: Path, source_of: SourceOf) -> None:
    path.write_bytes(path.read_bytes()[:2000])

    with pytest.raises(ExtractionError, match="damaged"):
        extractor.read(source_of(path))
