"""Ripple headers: HyperSpy's, Bruker's and INCA's ways of writing them, with their numbers beside them."""

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
from nexuslims_core.extractors.ripple import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
CODES = {"u": "unsigned", "i": "signed", "f": "float"}


def write(path: Path, data: NDArray[Any], *, record_by: str = "vector", **keys: object) -> Path:
    """Write a header and its numbers: (height, width, depth) for vectors, (depth, height, width) for images."""
    names = ("height", "width", "depth") if record_by == "vector" else ("depth", "height", "width")
    names = names if data.ndim == 3 else ("height", "width")
    facts: dict[str, object] = {"depth": 1} | dict(zip(names, data.shape, strict=True))
    order = "dont-care" if data.dtype.itemsize == 1 else "big-endian" if data.dtype.str[0] == ">" else "little-endian"
    facts |= {"offset": 0, "data-length": data.dtype.itemsize, "data-type": CODES[data.dtype.kind], "byte-order": order}
    facts |= {"record-by": record_by, **{key.replace("_", "-"): value for key, value in keys.items()}}
    path.write_text("key\tvalue\n" + "".join(f"{key}\t{value}\n" for key, value in facts.items()))
    path.with_suffix(".raw").write_bytes(data.tobytes())
    return path


@pytest.mark.parametrize("dtype", ["u1", "<i2", ">u2", "<i4", "<f4", ">f8"])
def test_reads_every_type_of_number(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf, dtype: str) -> None:
    data = np.arange(24).reshape(2, 3, 4).astype(dtype)

    (signal,) = extractor.read(source_of(write(tmp_path / "a.rpl", data)))

    assert np.array_equal(numbers_of(signal), data)


def test_names_the_settings_with_their_units(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(
        tmp_path / "a.rpl",
        np.zeros((2, 3, 4), "u1"),
        beam_energy=200,
        live_time=12.5,
        collection_angle=20,
        convergence_angle=10,
        detector_peak_width_ev=130,
        elevation_angle=35,
        tilt_stage=-5,
        date="2023-04-05",
        time="06:07:08",
        signal="EDS_TEM",
        title="A map",
    )

    (signal,) = extractor.read(source_of(path))

    entries = signal.metadata.entries
    assert entries["Voltage"] == Quantity(value=200, unit="kV")
    assert entries["Live Time"] == Quantity(value=12.5, unit="s")
    assert entries["Collection Angle"] == Quantity(value=20, unit="mrad")
    assert entries["Energy Resolution"] == Quantity(value=130, unit="eV")
    assert entries["Stage Position α"] == Quantity(value=-5, unit="degree")
    assert signal.metadata.creation_time == datetime(2023, 4, 5, 6, 7, 8, tzinfo=UTC)
    assert signal.title == "A map"


EDS, EELS = {"ev_per_chan": 10}, {"signal": "EELS"}


@pytest.mark.parametrize(
    ("shape", "keys", "kind", "types"),
    [
        ((1, 1, 9), EELS, SignalKind.SPECTRUM, (DatasetType.SPECTRUM, "TEM_EELS")),
        ((1, 4, 9), EDS, SignalKind.LINE_SCAN, (DatasetType.SPECTRUM_IMAGE, "EDS_Spectrum_Imaging")),
        ((3, 4, 9), EDS, SignalKind.SPECTRUM_IMAGE, (DatasetType.SPECTRUM_IMAGE, "EDS_Spectrum_Imaging")),
        (
            (9, 3, 4),
            {"record_by": "image", "depth_units": "eV"},
            SignalKind.SPECTRUM_IMAGE,
            (DatasetType.SPECTRUM_IMAGE, "Spectrum_Imaging"),
        ),
        ((9, 3, 4), {"record_by": "image"}, SignalKind.IMAGE_STACK, (DatasetType.IMAGE, "Imaging")),
        ((3, 4), {"record_by": "dont-care"}, SignalKind.IMAGE, (DatasetType.IMAGE, "Imaging")),
    ],
    ids=["spectrum", "line", "map", "map by images", "stack", "image"],
)
def test_tells_spectra_maps_and_images(
    tmp_path: Path,
    source_of: SourceOf,
    shape: tuple[int, ...],
    keys: dict[str, Any],
    kind: SignalKind,
    types: tuple[DatasetType, str],
) -> None:
    (signal,) = extractor.read(source_of(write(tmp_path / "a.rpl", np.zeros(shape, "u1"), **keys)))

    assert signal.kind is kind
    assert (signal.metadata.dataset_type, signal.metadata.data_type) == types


def test_calibrates_energy_and_places(tmp_path: Path, source_of: SourceOf) -> None:
    keys = {"ev_per_chan": 10, "width_scale": 0.5, "width_units": "um", "width_name": "x"}

    (signal,) = extractor.read(source_of(write(tmp_path / "a.rpl", np.zeros((2, 3, 4), "u1"), **keys)))

    assert [(axis.name, axis.scale, axis.unit) for axis in signal.axes] == [
        ("y", 1.0, ""), ("x", 0.5, "µm"), ("Energy", 10.0, "eV"),
    ]  # fmt: skip
    assert signal.metadata.entries["Pixel Width"] == Quantity(value=0.5, unit="µm")


def test_reads_what_inca_writes(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    path = tmp_path / "a.rpl"
    path.write_text(
        "(MLX::LISPIX\n(MLX::WIDTH : 3)\n(MLX::HEIGHT : 2)\n(MLX::DEPTH : 4)\n(MLX::OFFSET : 5)\n"
        "(MLX::DATA-LENGTH : 2)\n"
        "(MLX::DATA-TYPE : UNSIGNED)\n(MLX::BYTE-ORDER : LITTLE-ENDIAN)\n(MLX::RECORD-BY : VECTOR)\n"
    )
    data = np.arange(24, dtype="<u2").reshape(2, 3, 4)
    (tmp_path / "a.RAW").write_bytes(b"12345" + data.tobytes())

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), data)


def test_reads_what_bruker_writes(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(tmp_path / "a.rpl", np.zeros((2, 3, 4), "u1"))
    path.write_text(path.read_text().replace("data-length", "data-Length") + "; a remark\n")

    assert extractor.read(source_of(path))[0].data is not None


def test_names_what_the_real_files_say(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "rpl" / "test_ripple_sdim-1_ndim-1_float32.rpl"))

    assert signal.metadata.entries["Elevation Angle"] == Quantity(value=35.0, unit="degree")
    assert (signal.axes[1].name, signal.axes[1].scale, signal.axes[1].offset) == ("Energy", 200.0, 1.0)
    assert signal.kind is SignalKind.LINE_SCAN


@pytest.mark.parametrize(
    ("date", "clock", "said"),
    [("31.8.201", "10:00", "is no date and time"), ("2023-04-05", "", "not when"), ("", "", "")],
    ids=["impossible", "a day", "none"],
)
def test_a_doubtful_date_costs_the_date_only(
    tmp_path: Path, source_of: SourceOf, date: str, clock: str, said: str
) -> None:
    (signal,) = extractor.read(source_of(write(tmp_path / "a.rpl", np.zeros((2, 3, 4), "u1"), date=date, time=clock)))

    assert said in " ".join(signal.metadata.notes)
    assert signal.metadata.creation_time is not None


def test_a_number_that_is_none_is_noted(tmp_path: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(write(tmp_path / "a.rpl", np.zeros((2, 3, 4), "u1"), beam_energy="high")))

    assert signal.metadata.notes == ("Voltage: 'high' is no number, left out",)


def test_keeps_the_settings_where_the_numbers_are_gone(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(tmp_path / "a.rpl", np.zeros((2, 3, 4), "u1"), beam_energy=20)
    path.with_suffix(".raw").unlink()

    (signal,) = extractor.read(source_of(path))

    assert (signal.data, signal.kind) == (None, SignalKind.NONE)
    assert signal.metadata.entries["Voltage"] == Quantity(value=20, unit="kV")
    assert signal.metadata.notes[0].startswith("no picture: its numbers")


def test_keeps_the_whole_lines_of_numbers_that_end_early(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    data = np.arange(24).reshape(2, 3, 4).astype("u1")
    path = write(tmp_path / "a.rpl", data)
    path.with_suffix(".raw").write_bytes(data.tobytes()[:-1])

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), data[:1])
    assert "claims 2 × 3 × 4 numbers and holds 23 bytes" in signal.metadata.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "a picture's name\n",
        "width\t3\nrecord-by\tvector\n",
        "width\t3\nheight\t2\ndata-type\tsigned\ndata-length\t3\n",
        "width\t-3\nheight\t2\ndepth\t0\n",
    ],
    ids=["empty", "something else", "no height", "three bytes", "below zero"],
)
def test_refuses_headers_that_lay_out_nothing(tmp_path: Path, source_of: SourceOf, content: str) -> None:
    path = tmp_path / "a.rpl"
    path.write_text(content)

    with pytest.raises(ExtractionError):
        extractor.read(source_of(path))


def test_comes_to_its_reader(tmp_path: Path) -> None:
    assert choose(write(tmp_path / "a.rpl", np.zeros((2, 3, 4), "u1"))).name == "ripple"
