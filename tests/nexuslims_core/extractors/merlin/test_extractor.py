"""Merlin detectors: real files, and small ones written here from the manual's layout."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.merlin.extractor import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
KINDS = {"u1": "U08", "u2": "U16", "u4": "U32"}
BEGUN = datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC)


def head(
    number: int, columns: int, rows: int, kind: str, made: datetime, *, exact: bool = True, depth: int = 6
) -> bytes:
    local = (made + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    thresholds = ",".join(["2.000000E+1", "5.110000E+2", *["0.000000E+0"] * 6])
    text = f"MQ1,{number:06d},00384,01,{columns:04d},{rows:04d},{kind},   1x1,01,{local},0.002000,0,0,0,"
    text += f"{thresholds},3RX,1,2,"
    text += f"MQ1A,{made:%Y-%m-%dT%H:%M:%S.%f}000Z,2000000ns,{depth}," if exact else ""
    return text.encode().ljust(384, b"\0")


def write(path: Path, data: NDArray[Any], times: Sequence[datetime] = (), **more: Any) -> Path:
    """Write images; the lowest row lies first in the file."""
    content = b""
    for number, image in enumerate(data):
        made = times[number] if times else BEGUN + number * timedelta(milliseconds=2)
        content += head(number + 1, image.shape[1], image.shape[0], KINDS[data.dtype.str[1:]], made, **more)
        content += image[::-1].astype(image.dtype.newbyteorder(">")).tobytes()
    path.write_bytes(content)
    return path


def hdr(path: Path, **lines: object) -> Path:
    text = "".join(f"{key.replace('_', ' ')}:\t{value}\n" for key, value in lines.items())
    path.write_text(f"HDR,\t\n{text}End\t     ")
    return path


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4"])
def test_reads_a_series_top_row_first(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf, dtype: str) -> None:
    data = np.arange(36).reshape(3, 4, 3).astype(dtype)

    (signal,) = extractor.read(source_of(write(tmp_path / "a.mib", data)))

    assert np.array_equal(numbers_of(signal), data)
    assert signal.kind is SignalKind.IMAGE_STACK


def test_names_what_a_real_file_and_its_companion_say(all_em_files: Path, source_of: SourceOf) -> None:
    path = all_em_files / "mib" / "001_4x2_6bit.mib"

    (signal,) = extractor.read(source_of(path, path.with_suffix(".hdr")))

    entries = signal.metadata.entries
    assert entries["Exposure Time"] == Quantity(value=0.1, unit="s")
    assert entries["Threshold 0"] == Quantity(value=40.0, unit="keV")
    assert entries["Counter Depth"] == Quantity(value=6, unit="bit")
    assert entries["Detector Gain"] == "SLGM"
    assert entries["Sensor Bias"] == Quantity(value=120, unit="V")
    assert entries["Number of Images"] == 8
    assert "Threshold 1" not in entries  # the end of the scale: not in use
    assert "Detector Temperature" not in entries  # 0.000000: no sensor
    assert signal.metadata.creation_time == datetime(2021, 5, 7, 16, 51, 10, 905800, tzinfo=UTC)


def test_a_temperature_that_was_measured_is_kept(all_em_files: Path, source_of: SourceOf) -> None:
    path = all_em_files / "mib" / "Single_1_Frame_CounterDepth_6_Rows_256.mib"

    (signal,) = extractor.read(source_of(path, path.with_suffix(".hdr")))

    assert signal.metadata.entries["Detector Temperature"] == Quantity(value=43.616199, unit="degC")


@pytest.mark.parametrize(
    ("name", "shape", "data_type"),
    [
        ("001_4x2_6bit", (2, 4, 256, 256), "4D_STEM"),  # by its pauses
        ("002_merlin_test_roi_sig256x128_nav4x2_hot_pixel_52x_39y", (2, 4, 128, 256), "4D_STEM"),  # by its words
        ("Quad_9_Frame_CounterDepth_24_Rows_256", (9, 512, 512), "TEM_Diffraction"),  # pauses without a pattern
        ("Single_1_Frame_CounterDepth_12_Rows_256", (256, 256), "TEM_Diffraction"),
    ],
)
def test_real_files_are_scans_or_series(
    all_em_files: Path, source_of: SourceOf, name: str, shape: tuple[int, ...], data_type: str
) -> None:
    path = all_em_files / "mib" / f"{name}.mib"

    (signal,) = extractor.read(source_of(path, path.with_suffix(".hdr")))

    assert signal.data is not None
    assert signal.data.shape == shape
    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.DIFFRACTION, data_type)
    assert signal.metadata.warnings == (() if data_type == "4D_STEM" else ("Data Type",))


def test_a_scan_is_known_by_its_frames_per_trigger(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(tmp_path / "a.mib", np.zeros((12, 2, 2), "u1"))
    beside = hdr(tmp_path / "a.hdr", Frames_in_Acquisition=12, Frames_per_Trigger=4)

    (signal,) = extractor.read(source_of(path, beside))

    assert signal.data is not None
    assert signal.data.shape == (3, 4, 2, 2)


def test_an_interrupted_scan_keeps_its_whole_lines(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    data = np.arange(44).reshape(11, 2, 2).astype("u1")
    path = write(tmp_path / "a.mib", data)
    path.write_bytes(path.read_bytes()[:-100])
    beside = hdr(tmp_path / "a.hdr", Frames_in_Acquisition=20, Frames_per_Trigger=4, ScanX=4, ScanY=5)

    (signal,) = extractor.read(source_of(path, beside))

    assert np.array_equal(numbers_of(signal), data[:8].reshape(2, 4, 2, 2))
    assert "claims 20 images and holds 10 of them whole" in signal.metadata.notes[0]


def test_pauses_that_mark_no_lines_make_no_scan(tmp_path: Path, source_of: SourceOf) -> None:
    jitter = np.random.default_rng(4).integers(0, 50, 12)
    times = [BEGUN + timedelta(microseconds=int(2000 * i + jitter[i])) for i in range(12)]

    (signal,) = extractor.read(source_of(write(tmp_path / "a.mib", np.zeros((12, 2, 2), "u1"), times)))

    assert signal.data is not None
    assert signal.data.shape == (12, 2, 2)


def test_older_headers_state_local_time_and_exposure_in_seconds(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(tmp_path / "a.mib", np.zeros((1, 2, 2), "u1"), exact=False)

    (signal,) = extractor.read(source_of(path, zone=ZoneInfo("Europe/Berlin")))

    assert signal.metadata.creation_time == BEGUN
    assert signal.metadata.entries["Exposure Time"] == Quantity(value=0.002, unit="s")
    assert "there is no .hdr file beside it" in signal.metadata.notes[0]


def test_raw_images_of_one_chip_are_unpacked(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    wanted = np.random.default_rng(1).integers(0, 4096, (2, 64)).astype("u2")
    backwards = wanted[::-1].reshape(-1, 4)[:, ::-1].astype(">u2")
    path = tmp_path / "a.mib"
    path.write_bytes(head(1, 64, 2, "R64", BEGUN, depth=12) + backwards.tobytes())

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), wanted)


def test_raw_images_of_24_bits_have_their_higher_half_first(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    wanted = np.random.default_rng(1).integers(0, 1 << 24, (2, 64)).astype("u4")
    halves = [half[::-1].reshape(-1, 4)[:, ::-1].astype(">u2") for half in (wanted >> 12, wanted & 4095)]
    path = tmp_path / "a.mib"
    path.write_bytes(head(1, 64, 2, "R64", BEGUN, depth=24) + b"".join(half.tobytes() for half in halves))

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), wanted)


@pytest.mark.parametrize("chips", ["Single", "Quad"])
def test_real_raw_images_show_what_the_processed_ones_show(
    all_em_files: Path, source_of: SourceOf, numbers_of: NumbersOf, chips: str
) -> None:
    folder = all_em_files / "mib"

    raw, processed = (
        numbers_of(extractor.read(source_of(folder / f"{chips}_1_Frame_CounterDepth_{name}.mib"))[0]) > 0
        for name in ("1_Rows_256RAW", "6_Rows_256")
    )

    assert raw.shape == processed.shape
    assert (raw == processed).mean() > 0.99  # a written number and letters in the corners; single pixels are noise
    assert (raw[:, ::-1] == processed).mean() < 0.97


def test_keeps_the_settings_of_a_file_cut_in_its_first_image(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(tmp_path / "a.mib", np.zeros((1, 20, 20), "u1"))
    path.write_bytes(path.read_bytes()[:-1])

    (signal,) = extractor.read(source_of(path))

    assert signal.data is None
    assert signal.metadata.entries["Exposure Time"] == Quantity(value=0.002, unit="s")
    assert "the file ends early" in signal.metadata.notes[-1]


@pytest.mark.parametrize(
    "content",
    [b"", b"MQ1,", b"MQ1,000001,00384,01,xx", head(1, 0, 4, "U08", BEGUN), head(1, 4, 4, "Z99", BEGUN), b"PK\3\4" * 99],
    ids=["empty", "four bytes", "damaged", "no columns", "unknown type", "another format"],
)
def test_refuses_damaged_headers(tmp_path: Path, source_of: SourceOf, content: bytes) -> None:
    path = tmp_path / "a.mib"
    path.write_bytes(content)

    with pytest.raises(ExtractionError):
        extractor.read(source_of(path))


def test_knows_its_files_under_wrong_names(tmp_path: Path) -> None:
    assert choose(write(tmp_path / "a.dat", np.zeros((1, 2, 2), "u1"))).name == "merlin"
