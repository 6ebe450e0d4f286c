"""What a record says of a DigitalMicrograph image."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.digital_micrograph.extractor import extractor
from nexuslims_core.quantities import Quantity
from nexuslims_core.testing.writers.digital_micrograph import Calibration, write_dm

SourceOf = Callable[..., Source]
MakeSignal = Callable[..., Signal]


@pytest.fixture
def make_signal(tmp_path: Path, source_of: SourceOf) -> MakeSignal:
    def make(shape: tuple[int, ...] = (2, 3), units: tuple[str, ...] = (), **tags: object) -> Signal:
        nested = {name.replace("_", " "): value for name, value in tags.items()}
        calibrations = tuple(Calibration(unit=unit) for unit in units)
        data = np.zeros(shape, np.float32)
        path = write_dm(tmp_path / "a.dm4", data, tags=nested, calibrations=calibrations, version=4)
        (signal,) = extractor.read(source_of(path))
        return signal

    return make


def test_units_stand_apart_from_names(make_signal: MakeSignal) -> None:
    signal = make_signal(
        Microscope_Info={"Voltage": 200000.0, "Cs(mm)": 1.2, "Stage Position": {"Stage X": 1.5, "Stage Alpha": 2.0}},
        EELS={"Acquisition": {"Spectrometer": {"Dispersion (eV/ch)": 0.25, "Prism offset enabled ": 1}}},
        DataBar={"Exposure Time (s)": 0.5},
    )

    expected = {
        "Data Dimensions": "(2, 3)",
        "Cs": Quantity(value=1.2, unit="mm"),
        "Voltage": Quantity(value=200.0, unit="kV"),
        "Stage Position α": Quantity(value=2.0, unit="degree"),
        "Stage Position X": Quantity(value=1.5, unit="µm"),
        "Exposure Time": Quantity(value=0.5, unit="s"),
        "EELS Spectrometer Dispersion": Quantity(value=0.25, unit="eV"),
        "EELS Spectrometer Prism offset enabled": 1,
    }
    assert signal.metadata.entries == expected


def test_placeholders_and_control_characters_do_not_reach_the_record(make_signal: MakeSignal) -> None:
    signal = make_signal(
        Microscope_Info={
            "Operator": "DO NOT EDIT",
            "Specimen": "DO NOT ENTER",
            "Name": "",
            "Facility": "A\0\x1b\ufffeB",
        },
        Session_Info={"Detector": [], "Microscope": float("nan")},
    )

    assert signal.metadata.entries == {"Data Dimensions": "(2, 3)", "Facility": "AB"}


def test_session_info_wins_over_microscope_info_and_the_microscope_over_both(make_signal: MakeSignal) -> None:
    signal = make_signal(
        Microscope_Info={"Specimen": "from DM", "Operator": "from DM", "Emission Current (µA)": 222.0},
        Session_Info={"Specimen": "from session", "Operator": "from session"},
        Tecnai={
            "Microscope Info": "Gun FEG Extr volt 4000 V Gun Lens 3 Emission 386.4uA",
            "Specimen Info": "from Tecnai",
        },
    )

    entries = signal.metadata.entries
    assert (entries["Operator"], entries["Specimen"]) == ("from session", "from Tecnai")
    assert entries["Emission Current"] == Quantity(value=386.4, unit="µA")


def test_every_eds_detector_value_is_marked_by_its_full_name(em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(em_files / "dm3" / "test-EDS_spectrum.dm3"))

    warnings = signal.metadata.warnings
    assert {"EDS Live time", "EDS Count rate", "EDS Zero fwhm"} < set(warnings) < set(signal.metadata.entries)
    assert len(warnings) == 16


def test_an_eds_spectrum_image_gives_averages_of_what_each_pixel_counted(make_signal: MakeSignal) -> None:
    signal = make_signal(
        (9, 2, 3),
        Meta_Data={"Format": "Spectrum image", "Signal": "X-ray"},
        SI={"Acquisition": {"Exposure (s)": 0.1}},
        EDS={"Live time": 7.0, "Images": {"Live time": [1.0, 3.0], "Count rate": [float(i) for i in range(10001)]}},
    )

    entries = signal.metadata.entries
    assert entries["EDS Live time (SI Average)"] == Quantity(value=2.0, unit="s")
    assert entries["EDS Count rate (SI Average)"] == 5000.0
    assert signal.metadata.warnings == ("EDS Live time (SI Average)", "EDS Count rate (SI Average)")


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [("5:22:31 PM", "5:25:39 PM", 188), ("23:59:50", "00:00:10", 20), ("11:59:50 PM", "12:00:10 AM", 20)],
    ids=["twelve hours", "twenty-four hours", "over midnight"],
)
def test_spectrum_imaging_lasts_from_start_to_end(make_signal: MakeSignal, start: str, end: str, seconds: int) -> None:
    signal = make_signal((9, 2, 3), SI={"Acquisition": {"Start time": start, "End time": end}})

    assert signal.metadata.entries["Spectrum Imaging Acquisition Duration"] == Quantity(value=seconds, unit="s")


@pytest.mark.parametrize("date", ["8/8/2016", "27.08.2016", "27/08/2016", "2016-08-27"])
def test_keeps_a_date_as_it_is_written(make_signal: MakeSignal, date: str) -> None:
    signal = make_signal(DataBar={"Acquisition Date": date, "Acquisition Time": "4:26:37 PM"})

    assert signal.metadata.entries["Acquisition Date"] == date
    assert signal.metadata.entries["Acquisition Time"] == "4:26:37 PM"


@pytest.mark.parametrize("date", ["31.8.201", "1/1/1904", "yesterday"])
def test_says_so_of_a_date_that_cannot_be(make_signal: MakeSignal, date: str) -> None:
    signal = make_signal(DataBar={"Acquisition Date": date})

    assert "Acquisition Date" not in signal.metadata.entries
    assert signal.metadata.notes == (f"left out the acquisition date {date!r}: no microscope can have written it",)


def test_a_stack_takes_its_metadata_from_its_first_image(make_signal: MakeSignal) -> None:
    frame = {"source tags": {"Microscope Info": {"Illumination Mode": "STEM"}, "GMS Version": {"Created": "3.1"}}}

    signal = make_signal((4, 2, 3), plane_info={"TagGroup0": frame})

    assert signal.metadata.entries["GMS Version"] == "3.1"
    assert signal.metadata.data_type == "STEM_Imaging"
