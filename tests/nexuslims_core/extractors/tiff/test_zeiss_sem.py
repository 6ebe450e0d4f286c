"""Zeiss SmartSEM TIFF: a real file against RosettaSciIO, and settings that the tests write themselves."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.tiff.zeiss_sem import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
Read = Callable[..., Signal]

IMAGE = np.arange(12, dtype=np.uint8).reshape(3, 4)


def write_smart_sem(path: Path, parameters: Mapping[str, str], *, pixel_size_m: float = 0.0) -> Path:
    """Write an image with ``identifier`` to ``label = value unit``, after unnamed numbers, as SmartSEM does."""
    unnamed = ["0", "0", "0", f"{pixel_size_m:.6e}" if pixel_size_m else "0"]
    lines = [*unnamed, *(line for pair in parameters.items() for line in pair), ""]
    text = "\r\n".join(lines).encode("cp1252")
    tifffile.imwrite(path, IMAGE, extratags=[(34118, "B", len(text), text, True)])
    return path


@pytest.fixture
def read(tmp_path: Path, source_of: SourceOf) -> Read:
    def write_and_read(parameters: Mapping[str, str], **options: Any) -> Signal:
        (signal,) = extractor.read(source_of(write_smart_sem(tmp_path / "a.tif", parameters, **options)))
        return signal

    return write_and_read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Voltage", Quantity(value=25.0, unit="kV")),
        ("Working Distance", Quantity(value=14.808, unit="mm")),
        ("Magnification", 105),
        ("Pixel Width", Quantity(value=2614.514, unit="nm")),
        ("Beam Current", Quantity(value=1.0, unit="nA")),
        ("Pixel Dwell Time", Quantity(value=0.05, unit="µs")),
        ("Stage Position X", Quantity(value=75.6442, unit="mm")),
        ("Stage Position R", Quantity(value=10.2, unit="degree")),
        ("Chamber Pressure", Quantity(value=0.187, unit="mPa")),
        ("Detector Name", "HE-SE2"),
        ("Noise Reduction", "Frame Avg"),
        ("Serial Number", "Merlin-61-08"),
        ("Operator", "LIM"),
    ],
)
def test_names_the_settings_of_a_merlin(all_em_files: Path, source_of: SourceOf, name: str, value: object) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "tif_zeiss" / "test_tiff_Zeiss_SEM_1k.tif"))

    assert signal.metadata.entries[name] == value


def test_calibrates_and_dates_the_image_of_a_merlin(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "tif_zeiss" / "test_tiff_Zeiss_SEM_1k.tif"))

    assert [(axis.size, axis.scale, axis.unit) for axis in signal.axes] == [
        (768, 2614.514, "nm"),
        (1024, 2614.514, "nm"),
    ]
    assert signal.metadata.creation_time == datetime(2015, 12, 23, 9, 40, 32, tzinfo=UTC)
    assert (signal.metadata.data_type, signal.metadata.warnings) == ("SEM_Imaging", ("Operator",))


@pytest.mark.parametrize(
    ("identifier", "stated", "name", "value"),
    [
        ("AP_MAG", "Mag =  100.00 K X", "Magnification", 100_000),
        ("AP_WD", "WD = 0.0052 m", "Working Distance", Quantity(value=5.2, unit="mm")),
        ("AP_IPROBE", "I Probe = 50 pA", "Beam Current", Quantity(value=0.05, unit="nA")),
        ("AP_IMAGE_PIXEL_SIZE", "Image Pixel Size = 558.2 pm", "Pixel Width", Quantity(value=0.5582, unit="nm")),
        ("AP_FRAME_TIME", "Cycle Time = 1.5 Mins", "Total Frame Time", Quantity(value=90.0, unit="s")),
        ("AP_CHAMBER_PRESSURE", "Chamber = 1.2e-006 mbar", "Chamber Pressure", Quantity(value=1.2e-6, unit="mbar")),
        ("AP_STAGE_AT_T", "Stage at T =  -0.0 °", "Stage Position α", Quantity(value=0.0, unit="degree")),
    ],
)
def test_turns_units_into_those_that_people_read(
    read: Read, identifier: str, stated: str, name: str, value: object
) -> None:
    signal = read({identifier: stated})

    assert signal.metadata.entries[name] == value


def test_gives_the_pressure_of_a_chamber_with_gas_in_pa(read: Read) -> None:
    signal = read({"DP_VAC_MODE": "Vacuum Mode = Variable Pressure", "AP_CHAMBER_PRESSURE": "Chamber = 30 Pa"})

    assert signal.metadata.entries["Chamber Pressure"] == Quantity(value=30.0, unit="Pa")


@pytest.mark.parametrize(("switch", "told"), [("On", True), ("Off", False)])
def test_says_how_far_the_scan_was_turned_only_if_it_was(read: Read, switch: str, told: bool) -> None:
    signal = read({"DP_SCAN_ROT": f"Scan Rot = {switch}", "AP_SCANROTATION": "Scan Rotation = 145.6 °"})

    assert signal.metadata.entries["Scan Rotation Enabled"] is told
    assert ("Scan Rotation" in signal.metadata.entries) is told


def test_takes_the_digits_of_the_unnamed_size_of_a_pixel(read: Read) -> None:
    signal = read({"AP_IMAGE_PIXEL_SIZE": "Image Pixel Size = 26.15 nm"}, pixel_size_m=2.614514e-8 * 4 / 1024)

    assert signal.axes[0].scale == pytest.approx(26.14514)


def test_believes_the_named_size_of_a_pixel_where_the_two_differ(read: Read) -> None:
    signal = read({"AP_IMAGE_PIXEL_SIZE": "Image Pixel Size = 26.15 nm"}, pixel_size_m=1e-9)

    assert signal.axes[0].scale == 26.15


def test_takes_the_ion_beams_settings_for_an_image_that_it_made(read: Read) -> None:
    signal = read(
        {
            "DP_FIB_IMAGING": "FIB Imaging = FIB",
            "AP_ACTUALKV": "EHT = 5.00 kV",
            "AP_FIB_EHT_ACTUAL": "FIB EHT = 30.000 kV",
        }
    )

    assert signal.metadata.data_type == "FIB_Imaging"
    assert signal.metadata.entries["Voltage"] == Quantity(value=30.0, unit="kV")


@pytest.mark.parametrize("stated", ["EHT = n/a", "EHT = 1.#INF kV", "EHT = 5 parsec"])
def test_leaves_out_and_notes_what_it_cannot_understand(read: Read, stated: str) -> None:
    signal = read({"AP_ACTUALKV": stated, "AP_WD": "WD = 5 mm"})

    assert "Voltage" not in signal.metadata.entries
    assert [note for note in signal.metadata.notes if note.startswith("Voltage")]
    assert "Working Distance" in signal.metadata.entries


def test_an_impossible_date_is_noted_and_not_fatal(read: Read) -> None:
    signal = read({"AP_DATE": "Date :99 Foo 2015", "AP_TIME": "Time :9:40:32"})

    assert any("99 Foo 2015" in note for note in signal.metadata.notes)


def test_keeps_the_settings_of_a_file_that_was_cut_short(
    tmp_path: Path, all_em_files: Path, source_of: SourceOf
) -> None:
    path = tmp_path / "cut.tif"
    path.write_bytes((all_em_files / "tif_zeiss" / "test_tiff_Zeiss_SEM_1k.tif").read_bytes()[:200_000])

    (signal,) = extractor.read(source_of(path))

    assert signal.data is None
    assert signal.metadata.entries["Voltage"] == Quantity(value=25.0, unit="kV")


def test_says_that_further_images_are_left_out(tmp_path: Path, source_of: SourceOf) -> None:
    path, text = tmp_path / "a.tif", b"0\r\nAP_WD\r\nWD = 5 mm\r\n"
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(IMAGE, extratags=[(34118, "B", len(text), text, True)])
        tiff.write(IMAGE[:2])

    (signal,) = extractor.read(source_of(path))

    assert any("further images" in note for note in signal.metadata.notes)


def test_leaves_bare_numbers_in_the_tag_to_others(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_smart_sem(tmp_path / "a.tif", {}, pixel_size_m=1e-9)

    assert not extractor.claims(path, path.read_bytes()[:4096])
    with pytest.raises(ExtractionError, match="34118"):
        extractor.read(source_of(path))
