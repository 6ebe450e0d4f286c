"""What the formats' own trees say beyond RosettaSciIO's: real files, with values looked up in them independently."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.general import extractor
from nexuslims_core.extractors.rosetta.kinds import classify
from nexuslims_core.extractors.rosetta.values import typed, words
from nexuslims_core.quantities import MetadataValue, Quantity

SourceOf = Callable[..., Source]
ReadReal = Callable[[str], tuple[Signal, ...]]


@pytest.fixture
def read_real(all_em_files: Path, source_of: SourceOf) -> ReadReal:
    return lambda name: extractor.read(source_of(all_em_files / name))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "delmic/sparc-intensity-drift.h5",
            {
                "Voltage": Quantity(value=10.0, unit="kV"),
                "Beam Current": Quantity(value=1.3, unit="nA"),
                "Horizontal Field Width": Quantity(value=0.45, unit="µm"),
                "Microscope": "SPARCv2 Compact",
            },
        ),
        (
            "renishaw_wdf/renishaw_test_exptime1_acc1.wdf",
            {
                "Operator": "optik",
                "Number of Accumulations": 3,
                "Grating Groove Density": Quantity(value=3600, unit="1/mm"),
                "Stage Position X": Quantity(value=-543.3, unit="µm"),
            },
        ),
        (
            "impulse_csv/StubExperiment_Heat raw.csv",
            {"Specimen": "Gold", "Gas 2": "CH4", "Title": "Temperature Measured"},
        ),
        ("dens/file1.dens", {"Reference Resistance": Quantity(value=282.7, unit="ohm")}),
        (
            "hamamatsu_img/focus_mode.img",
            {"Time Range": Quantity(value=5.0, unit="ns"), "Camera Name": "Orca R2", "Number of Frames": 4},
        ),
        (
            "emd_other/Acquisition_18.emd",
            {
                "Voltage": Quantity(value=200.0, unit="kV"),
                "Camera Length": Quantity(value=85.0, unit="mm"),
                "Pixel Dwell Time": Quantity(value=1.0, unit="µs"),
                "Specimen": "STO laser cut",
            },
        ),
        (
            "hspy/example1_v1.0.hdf5",
            {
                "Pixel Dwell Time": Quantity(value=100_000.0, unit="µs"),
                "Convergence Angle": Quantity(value=1.5, unit="mrad"),
                "Specimen Thickness": Quantity(value=50.0, unit="nm"),
            },
        ),
        ("hspy/EELS_ZLP_linescan_simulated_thickness_variation.hspy", {"Voltage": Quantity(value=200, unit="kV")}),
        ("nxs/saved_multi_signal.nxs", {"Energy": Quantity(value=12.0, unit="keV")}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_names_what_the_file_says(read_real: ReadReal, name: str, values: dict[str, MetadataValue]) -> None:
    entries = read_real(name)[0].metadata.entries

    assert {key: entries.get(key) for key in values} == values


@pytest.mark.parametrize(
    ("name", "dataset_type", "data_type"),
    [
        ("delmic/sparc-hyperspectral-spot.h5", DatasetType.SPECTRUM, "SEM_CL"),
        ("delmic/sparc-intensity-drift.h5", DatasetType.IMAGE, "SEM_CL"),
        ("delmic/sparc-angle-resolved-pol-spot.h5", DatasetType.IMAGE, "SEM_CL"),
        ("renishaw_wdf/interrupted_acquisition.wdf", DatasetType.SPECTRUM_IMAGE, "Raman_Spectrum_Imaging"),
        ("renishaw_wdf/renishaw_test_exptime1_acc1.wdf", DatasetType.SPECTRUM, "Raman"),
        ("hspy/asymmetric_peak_map.hspy", DatasetType.SPECTRUM_IMAGE, "SEM_CL_Spectrum_Imaging"),
        ("hspy/example2_v3.1.hspy", DatasetType.DIFFRACTION, "TEM_Diffraction"),
        ("hspy/EDS_TEM_FePt_nanoparticles.hspy", DatasetType.SPECTRUM, "STEM_EDS"),
        ("protochips_csv/protochips_electrothermal.csv", DatasetType.MISC, "In_Situ_Log"),
        ("impulse_csv/StubExperiment_Heat raw.csv", DatasetType.MISC, "In_Situ_Log"),
        ("hamamatsu_img/focus_mode.img", DatasetType.IMAGE, "Streak_Camera_Imaging"),
        ("emd_other/Si100_3D.emd", DatasetType.IMAGE, "STEM_Imaging"),
    ],
)
def test_names_the_kind_as_a_microscopist_would(
    read_real: ReadReal, name: str, dataset_type: DatasetType, data_type: str
) -> None:
    metadata = read_real(name)[0].metadata

    assert (metadata.dataset_type, metadata.data_type) == (dataset_type, data_type)


def test_the_light_image_beside_raman_spectra_is_one(read_real: ReadReal) -> None:
    _, image = read_real("renishaw_wdf/interrupted_acquisition.wdf")

    assert image.metadata.data_type == "Optical_Imaging"
    assert image.metadata.entries["Pixel Width"] == Quantity(value=2068 / 2395, unit="µm")


def test_the_electron_images_beside_the_light_are_given_too(read_real: ReadReal) -> None:
    light, electrons, survey = read_real("delmic/sparc-intensity-drift.h5")

    assert [one.metadata.data_type for one in (light, electrons, survey)] == ["SEM_CL", "SEM_Imaging", "SEM_Imaging"]
    assert [len(one.axes) for one in (light, electrons, survey)] == [2, 2, 2]


def test_the_electrons_of_one_spot_are_no_dataset(read_real: ReadReal) -> None:
    titles = [signal.title for signal in read_real("delmic/sparc-hyperspectral-spot.h5")]

    assert titles == ["Spectrum with Spectrometer IR", "Secondary electrons survey"]


def test_odemis_times_are_utc_whatever_the_instruments_zone(all_em_files: Path, source_of: SourceOf) -> None:
    from zoneinfo import ZoneInfo

    path = all_em_files / "delmic" / "sparc-intensity-drift.h5"

    light, *_ = extractor.read(source_of(path, zone=ZoneInfo("Asia/Tokyo")))

    assert light.metadata.creation_time == datetime.fromtimestamp(1753200374.4370677, UTC)


def test_a_simulated_cell_of_silicon_is_as_large_as_one(read_real: ReadReal) -> None:
    potential = read_real("emd_other/Si100_2D_3D_DPC_potential_2slices.emd")[2]
    detector = read_real("emd_other/Si100_3D.emd")[0]

    assert [(axis.size * axis.scale, axis.unit) for axis in potential.axes] == 3 * [(pytest.approx(0.543), "nm")]
    assert potential.metadata.entries["Pixel Width"] == Quantity(value=pytest.approx(0.0339375), unit="nm")
    assert (detector.axes[0].scale, detector.axes[0].unit) == (pytest.approx(1.0), "mrad")


@pytest.mark.parametrize(
    ("name", "signals"),
    [("nxs/nexus_dls_example.nxs", 2), ("nxs/saved_multi_signal.nxs", 2), ("nxs/nexus_test_datakey.nxs", 6)],
)
def test_axes_and_motors_are_no_datasets_beside_the_data_of_nexus(read_real: ReadReal, name: str, signals: int) -> None:
    assert len(read_real(name)) == signals


def test_a_log_of_temperatures_begins_with_its_first_second(read_real: ReadReal) -> None:
    (time,) = read_real("dens/file1.dens")[0].axes

    assert (time.offset, time.unit) == (0.0, "s")


def test_what_a_reader_logs_becomes_a_note(read_real: ReadReal) -> None:
    notes = read_real("renishaw_wdf/interrupted_acquisition.wdf")[0].metadata.notes

    assert any(note.startswith("Unfinished measurement") for note in notes)
    assert not any("Cannot find package" in note for note in notes)


def test_a_log_without_its_settings_says_which_file_is_missing(all_em_files: Path, source_of: SourceOf) -> None:
    with pytest.raises(ExtractionError, match=r"NoMetadata_Metadata\.log, which holds its date"):
        extractor.read(source_of(all_em_files / "impulse_csv" / "NoMetadata_Synchronized data.csv"))


def test_a_hyperspy_file_is_known_under_the_suffix_of_another_hdf5_format(
    all_em_files: Path, tmp_path: Path, source_of: SourceOf
) -> None:
    path = tmp_path / "a.emd"
    path.write_bytes((all_em_files / "hspy" / "Cr_L_ll.hspy").read_bytes())

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.data_type == "TEM_EELS"


@pytest.mark.parametrize("name", ["a.wdf", "a.tif", "a.emd", "a.unf", "a.sur"])
def test_a_file_of_zeros_is_refused_at_once(tmp_path: Path, source_of: SourceOf, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bytes(5000))

    with pytest.raises(ExtractionError, match="nothing but zeros"):
        extractor.read(source_of(path))


@pytest.mark.parametrize("name", ["a.wdf", "a.tif"])
def test_a_file_without_the_mark_of_its_format_is_refused(tmp_path: Path, source_of: SourceOf, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"a shopping list: bread, butter, salt\n" * 20)

    with pytest.raises(ExtractionError, match="does not begin like"):
        extractor.read(source_of(path))


def test_a_log_of_blank_lines_is_refused_at_once(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.dens"
    path.write_text("\n" * 500)

    with pytest.raises(ExtractionError, match="no text"):
        extractor.read(source_of(path))


def test_a_block_without_length_is_refused_at_once(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.wdf"
    path.write_bytes(b"WDF1" + bytes(4) + (512).to_bytes(8, "little") + bytes(2000))

    with pytest.raises(ExtractionError, match="damaged at byte 512: a block of 0 bytes"):
        extractor.read(source_of(path))


def test_a_log_of_numbers_that_fills_a_disk_is_refused(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"Time, Notes,x\n")
        file.truncate(1 << 40)

    with pytest.raises(ExtractionError, match="larger than 128 MB"):
        extractor.read(source_of(path))


def test_names_of_bytes_in_an_hdf5_file_do_no_harm(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file[b"\xff\xfe"] = np.zeros(3)

    with pytest.raises(ExtractionError, match="no reader knows its content"):
        extractor.read(source_of(path))


@pytest.mark.parametrize(
    ("kind", "units", "steps", "expected"),
    [
        ("EELS", ["nm", "nm", "eV"], 2, (DatasetType.SPECTRUM_IMAGE, "STEM_EELS_Spectrum_Imaging")),
        ("electron_diffraction", ["nm", "nm", "1/nm", "1/nm"], 2, (DatasetType.DIFFRACTION, "4D_STEM")),
        ("electron_diffraction", ["s", "1/nm", "1/nm"], 1, (DatasetType.DIFFRACTION, "STEM_Diffraction")),
        ("", ["1/nm", "1/nm"], 0, (DatasetType.DIFFRACTION, "STEM_Diffraction")),
        ("EBSD", ["µm", "µm", "", ""], 2, (DatasetType.DIFFRACTION, "SEM_EBSD")),
        ("VirtualBSEImage", ["µm", "µm"], 0, (DatasetType.IMAGE, "SEM_EBSD")),
        ("hologram", ["nm", "nm"], 0, (DatasetType.IMAGE, "STEM_Holography")),
        ("PL", ["nm"], 0, (DatasetType.SPECTRUM, "STEM_PL")),
        ("", ["nm", "nm"], 2, (DatasetType.IMAGE, "STEM_Imaging")),
        ("", ["s"], 0, (DatasetType.MISC, "STEM_Time_Series")),
    ],
)
def test_tells_the_kind_by_type_and_axes(
    kind: str, units: list[str], steps: int, expected: tuple[DatasetType, str]
) -> None:
    from nexuslims_core.datasets.signals import Axis

    tree: dict[str, Any] = {
        "Signal": {"signal_type": kind},
        "Acquisition_instrument": {"TEM": {"acquisition_mode": "STEM"}},
    }

    assert classify(tree, [Axis(name="", size=4, unit=unit) for unit in units], steps) == expected


@pytest.mark.parametrize("title", ["FFT of image", "fft"])
def test_a_transform_is_no_diffraction_pattern(title: str) -> None:
    from nexuslims_core.datasets.signals import Axis

    axes = [Axis(name="", size=4, unit="1/nm")] * 2

    assert classify({"General": {"title": title}}, axes, 0)[0] is DatasetType.IMAGE
    assert classify({}, axes, 0, is_complex=True)[0] is DatasetType.IMAGE


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("12", "", 12),
        ("1.5", "kV", Quantity(value=1.5, unit="kV")),
        ("007", "", "007"),
        ("n/a", "", None),
        ("1.#INF", "", None),
        (float("inf"), "kV", None),
        ("1e999", "", None),
        (3.0, "parsec", 3.0),
        (True, "kV", True),
    ],
)
def test_types_values(value: object, unit: str, expected: MetadataValue | None) -> None:
    assert typed(value, unit) == expected


def test_names_are_made_of_the_words_of_a_place() -> None:
    assert words(["Grating", "groove_density"]) == "Grating Groove Density"
    assert words(["beamline", "D4", "d4_x"]) == "Beamline D4 X"
