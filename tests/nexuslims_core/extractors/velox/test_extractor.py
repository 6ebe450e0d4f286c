"""Velox files: numbers are those of RosettaSciIO, settings of the microscope have the names of NexusLIMS."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SignalKind, SummedData
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.velox.extractor import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
Write = Callable[..., Path]

SETTINGS = {
    "Instrument": {"InstrumentClass": "Talos"},
    "Acquisition": {"AcquisitionStartDatetime": {"DateTime": "1488794276"}},
    "Optics": {"AccelerationVoltage": "200000", "OperatingMode": "2", "ProjectorMode": "1"},
    "Scan": {
        "ScanSize": {"width": "4", "height": "4"},
        "ScanArea": {"left": "0", "right": "0.75", "top": "0.5", "bottom": "1"},
        "DwellTime": "2e-05",
    },
    "Detectors": {
        "Detector-0": {"DetectorName": "HAADF", "DetectorType": "ScanningDetector"},
        "Detector-1": {"DetectorName": "X1", "DetectorType": "AnalyticalDetector", "Dispersion": "10", "LiveTime": "3"},
        "Detector-2": {"DetectorName": "Ceta", "DetectorType": "ImagingDetector", "ExposureTime": "0.5"},
    },
    "BinaryResult": {
        "DetectorIndex": "0",
        "Detector": "HAADF",
        "PixelSize": {"width": "2e-9", "height": "2e-9"},
        "PixelUnitX": "m",
        "PixelUnitY": "m",
    },
}
"""As Velox writes them: numbers as text, in SI units."""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a small file in Velox's layout: ``write({name: array}, {name: what differs in its settings})``."""

    def make(arrays: dict[str, Any], settings: dict[str, Any] | None = None, *, form: str = "Velox") -> Path:
        path = tmp_path / "written.emd"
        with h5py.File(path, "w") as file:
            file["Version"] = [json.dumps({"format": form, "version": "11"}).encode()]
            for name, array in arrays.items():
                file[f"Data/{name}/Data"] = array
                told = json.dumps({**SETTINGS, **(settings or {}).get(name, {})}).encode()
                padded = np.frombuffer(told.ljust(6000, b"\0"), np.uint8)
                file[f"Data/{name}/Metadata"] = padded[:, None]
                if name.startswith("SpectrumStream"):
                    file[f"Data/{name}/AcquisitionSettings"] = [b'{"bincount": "8"}']
        return path

    return make


@pytest.fixture
def read(all_em_files: Path, source_of: SourceOf) -> Callable[[str], tuple[Signal, ...]]:
    return lambda name: extractor.read(source_of(all_em_files / "emd_velox" / f"{name}.emd"))


FILES = (
    "1532 Camera Ceta",
    "Camera Ceta Imaging Micro",
    "FFTComplexEven",
    "SI_empty selection",
    "Test SI 16x16 ReducedData 215 kx",
    "fei_SI_EDS-HAADF-4detectors_2frames",
    "fei_SI_SuperX-HAADF_10frames_10x50",
    "fei_emd_image",
    "fei_emd_si",
    "fei_emd_spectrum",
    "fei_example_dpc_titles",
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # RosettaSciIO's and numba's own
@pytest.mark.parametrize("name", FILES)
def test_gives_the_numbers_that_rosettasciio_gives(
    read: Callable[[str], tuple[Signal, ...]], all_em_files: Path, numbers_of: NumbersOf, name: str
) -> None:
    from rsciio.emd import file_reader

    theirs = file_reader(str(all_em_files / "emd_velox" / f"{name}.emd"))

    ours = [signal for signal in read(name) if signal.data is not None]

    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(numbers_of(one), other["data"])


@pytest.mark.filterwarnings("ignore")
def test_adds_a_spectrum_image_up_as_its_unfolded_numbers(
    read: Callable[[str], tuple[Signal, ...]], numbers_of: NumbersOf
) -> None:
    signal = read("fei_SI_EDS-HAADF-4detectors_2frames")[-1]
    numbers = numbers_of(signal)

    assert isinstance(signal.data, SummedData)
    places, spectrum = signal.data.sums()

    assert np.array_equal(places, numbers.sum(-1))
    assert np.array_equal(spectrum, numbers.sum((0, 1)))


def test_names_what_the_microscope_was_set_to(read: Callable[[str], tuple[Signal, ...]]) -> None:
    entries = read("fei_emd_image")[0].metadata.entries

    assert entries["Voltage"] == Quantity(value=200.0, unit="kV")
    assert entries["Magnification"] == 40000
    assert entries["Camera Length"] == Quantity(value=98.0, unit="mm")
    assert entries["Stage Position Y"] == Quantity(value=143.70586066, unit="µm")
    assert entries["C2 Aperture"] == Quantity(value=70.0, unit="µm")
    assert entries["Detector Name"] == "HAADF"


def test_takes_the_time_as_the_seconds_of_utc_that_it_is(read: Callable[[str], tuple[Signal, ...]]) -> None:
    assert read("fei_emd_image")[0].metadata.creation_time == datetime(2017, 3, 6, 9, 56, 41, tzinfo=UTC)


def test_takes_the_cameras_time_where_the_acquisition_has_none(read: Callable[[str], tuple[Signal, ...]]) -> None:
    assert read("1532 Camera Ceta")[0].metadata.creation_time == datetime(2017, 11, 30, 15, 32, 22, 914275, tzinfo=UTC)


def test_tells_scanned_beams_from_broad_ones(read: Callable[[str], tuple[Signal, ...]]) -> None:
    kinds = {name: read(name)[0].metadata.data_type for name in ("fei_emd_image", "1532 Camera Ceta")}

    assert kinds == {"fei_emd_image": "STEM_Imaging", "1532 Camera Ceta": "TEM_Imaging"}


def test_gives_an_element_map_its_kind_and_title(read: Callable[[str], tuple[Signal, ...]]) -> None:
    maps = [signal for signal in read("Test SI 16x16 ReducedData 215 kx") if signal.title.endswith("(EDS)")]

    assert [one.title for one in maps] == ["C (EDS)", "Ca (EDS)", "O (EDS)", "Cu (EDS)"]
    assert {(one.metadata.dataset_type, one.metadata.data_type) for one in maps} == {(DatasetType.IMAGE, "STEM_EDS")}


def test_says_why_a_pruned_spectrum_image_is_not_drawn(read: Callable[[str], tuple[Signal, ...]]) -> None:
    signal = read("Test SI 16x16 ReducedData 215 kx")[-1]

    assert signal.kind is SignalKind.NONE
    assert signal.metadata.dataset_type is DatasetType.SPECTRUM_IMAGE
    assert "pruned" in signal.metadata.notes[0]


def test_titles_spectra_by_their_detectors(read: Callable[[str], tuple[Signal, ...]]) -> None:
    titles = [signal.title for signal in read("fei_SI_EDS-HAADF-4detectors_2frames")]

    assert titles == ["EDS SuperXG24", "EDS SuperXG22", "EDS SuperXG23", "EDS SuperXG21", "HAADF", "EDS map"]


def test_leaves_the_emd_files_of_others_to_the_general_reader(all_em_files: Path) -> None:
    others = sorted((all_em_files / "emd_other").glob("*.emd"))

    assert others
    assert {choose(path).name for path in others} == {"general"}


def test_knows_its_files_under_other_names(write: Write) -> None:
    path = write({}, form="Velox")
    path = path.rename(path.with_suffix(""))

    assert choose(path).name == "velox"


def test_claims_velox_files_and_no_others(write: Write) -> None:
    path = write({}, form="Velox")
    assert extractor.claims(path, path.read_bytes()[:4096])

    path = write({}, form="something else")
    assert not extractor.claims(path, path.read_bytes()[:4096])


def test_counts_frames_up_to_the_last_one_that_was_shown(
    write: Write, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    end = 65535
    frame = [1, end, end, 2, 2, end, end, end, 3, end]  # 6 places in 2 rows
    path = write(
        {
            "Image/i": np.zeros((2, 3, 1), np.uint16),
            "SpectrumImage/s": np.zeros((4, 1), np.uint8),
            "SpectrumStream/e": np.array([*frame, *frame, *frame], np.uint16)[:, None],
        }
    )
    with h5py.File(path, "a") as file:
        file["Data/SpectrumImage/s/SpectrumImageSettings"] = [b'{"endFramePosition": "2"}']

    signal = extractor.read(source_of(path))[-1]

    numbers = numbers_of(signal)
    assert numbers.shape == (2, 3, 8)
    assert {tuple(map(int, where)): int(numbers[tuple(where)]) for where in np.argwhere(numbers)} == {
        (0, 0, 1): 2,
        (0, 2, 2): 4,
        (1, 2, 3): 2,
    }


def test_calls_a_cameras_pattern_diffraction(write: Write, source_of: SourceOf) -> None:
    optics = {**SETTINGS["Optics"], "OperatingMode": "1"}
    result = {**SETTINGS["BinaryResult"], "DetectorIndex": "2", "PixelUnitX": "1/m", "PixelUnitY": "1/m"}
    path = write({"Image/d": np.zeros((4, 4, 1))}, {"Image/d": {"Optics": optics, "BinaryResult": result}})

    (signal,) = extractor.read(source_of(path))

    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.DIFFRACTION, "TEM_Diffraction")
    assert signal.axes[-1].unit == "1/nm"


def test_hands_a_series_on_frame_by_frame(write: Write, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    frames = np.arange(24).reshape(2, 3, 4)
    path = write({"Image/s": frames})

    (signal,) = extractor.read(source_of(path))

    assert signal.kind is SignalKind.IMAGE_STACK
    assert np.array_equal(numbers_of(signal, 2), frames[..., 2])


def test_keeps_the_other_signals_where_one_is_damaged(write: Write, source_of: SourceOf) -> None:
    path = write({"Image/a": np.zeros((4, 4, 1)), "Image/b": np.zeros((4, 4, 1))})
    with h5py.File(path, "a") as file:
        del file["Data/Image/a/Metadata"]
        file["Data/Image/a/Metadata"] = np.full((10, 1), 255, np.uint8)

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.notes[0].startswith("an image of it cannot be read")


def test_leaves_out_values_that_say_nothing(write: Write, source_of: SourceOf) -> None:
    optics = {**SETTINGS["Optics"], "CameraLength": "0", "Defocus": "1.#INF", "BeamConvergence": "-0.03"}
    path = write({"Image/a": np.zeros((4, 4, 1))}, {"Image/a": {"Optics": optics}})

    (signal,) = extractor.read(source_of(path))

    assert not {"Camera Length", "Defocus", "Convergence Angle"} & set(signal.metadata.entries)


def test_refuses_an_image_of_more_pixels_than_its_file_holds(write: Write, source_of: SourceOf) -> None:
    path = write({"Image/a": np.zeros((4, 4, 1))})
    with h5py.File(path, "a") as file:
        del file["Data/Image/a/Data"]
        file["Data/Image/a"].create_dataset("Data", (200_000, 200_000, 1), np.uint16, chunks=(64, 64, 1))

    with pytest.raises(ExtractionError, match="an image of it claims 200000 × 200000 × 1 numbers"):
        extractor.read(source_of(path))


def test_refuses_a_file_that_is_cut_short(all_em_files: Path, tmp_path: Path, source_of: SourceOf) -> None:
    whole = (all_em_files / "emd_velox" / "fei_emd_si.emd").read_bytes()
    path = tmp_path / "cut.emd"
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ExtractionError, match="cannot be read"):
        extractor.read(source_of(path))


def test_does_not_write_to_the_file(all_em_files: Path, tmp_path: Path, source_of: SourceOf) -> None:
    path = Path(shutil.copy(all_em_files / "emd_velox" / "fei_emd_si.emd", tmp_path / "a.emd"))
    before = path.read_bytes()

    for signal in extractor.read(source_of(path)):
        list(signal.data.blocks() if signal.data else ())

    assert path.read_bytes() == before
