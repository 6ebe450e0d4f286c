"""TIA data: which series, numbers and calibration, and whose settings; with a good, a bad and no ``.emi``."""

import os
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.tia.extractor import extractor
from nexuslims_core.files.models import FoundFile

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
Acquisition = Callable[..., Path]

NEW_YORK = ZoneInfo("America/New_York")


def series(
    data: NDArray[Any], *, delta: float = 1e-9, planned: int | None = None, steps: tuple[int, ...] = (), across: int = 0
) -> bytes:
    """Return a ``.ser`` of elements ``data[i]`` that were stepped as ``steps`` says, after the format's description."""
    image = data.ndim == 3
    sizes = steps or (planned or len(data),)
    dimensions = b"".join(struct.pack("<IddII6sI", size, 0, 2e-9, 0, 6, b"Number", 6) + b"meters" for size in sizes)
    table = 30 + len(dimensions)
    code = {"u1": 1, "u2": 2, "i4": 6}[data.dtype.str[1:]]
    elements, offsets = b"", []
    for i, element in enumerate(data):
        offsets.append(table + 8 * len(data) + len(elements))
        calibration = struct.pack("<ddI", 0, delta, 0) * (2 if image else 1)
        elements += calibration + struct.pack("<H", code) + struct.pack(f"<{element.ndim}I", *element.shape[::-1])
        elements += element[::-1].tobytes() if image else element.tobytes()
        elements += struct.pack("<HHIdd", 0x4142, 0, 0, i, i // across if across else i)
    head = struct.pack(
        "<HHHIIII", 0x4949, 0x197, 0x210, 0x4122 if image else 0x4120, 0x4142, planned or len(data), len(data)
    )
    pointers = struct.pack("<II", table, len(sizes)) + dimensions + struct.pack(f"<{len(offsets)}I", *offsets)
    return head + pointers + bytes(4 * len(data)) + elements


IMAGE = series(np.ones((1, 2, 2), np.uint8))


@pytest.fixture
def read(tmp_path: Path, source_of: SourceOf) -> Callable[..., Signal]:
    """Write a series and read it back, through its ``.emi`` if one is given."""

    def write_and_read(content: bytes, emi: bytes | None = None) -> Signal:
        path, series = tmp_path / ("a_1.ser" if emi is None else "a.emi"), tmp_path / "a_1.ser"
        path.write_bytes(emi or b"")
        series.write_bytes(content)
        (signal,) = extractor.read(source_of(path, zone=NEW_YORK))
        return signal

    return write_and_read


@pytest.fixture
def acquisition(tmp_path: Path) -> Callable[..., Path]:
    """Write ``a.emi``, which names a maker for each of ten series, and the series that are given."""

    def write(*others: str, **contents: bytes) -> Path:
        for name, content in {**dict.fromkeys(others, IMAGE), **contents}.items():
            (tmp_path / f"{name}.ser").write_bytes(content)
        path = tmp_path / "a.emi"
        makers = (f"<ObjectInfo><Manufacturer>maker {i}</Manufacturer></ObjectInfo>\0" for i in range(1, 11))
        path.write_text("".join(makers))
        return path

    return write


def test_reads_an_image_top_row_first(read: Callable[..., Signal], numbers_of: NumbersOf) -> None:
    image = np.arange(6, dtype=np.uint16).reshape(1, 2, 3)

    signal = read(series(image))

    assert np.array_equal(numbers_of(signal), image[0])
    assert (signal.kind, [(axis.name, axis.scale, axis.unit) for axis in signal.axes]) == (
        SignalKind.IMAGE,
        [("y", 1.0, "nm"), ("x", 1.0, "nm")],
    )


def test_reads_a_spectrum_image_row_by_row(read: Callable[..., Signal], numbers_of: NumbersOf) -> None:
    spectra = np.arange(24, dtype=np.int32).reshape(6, 4)

    signal = read(series(spectra, delta=10.0, steps=(3, 2), across=3))

    assert signal.kind is SignalKind.SPECTRUM_IMAGE
    assert np.array_equal(numbers_of(signal), spectra.reshape(2, 3, 4))
    assert np.array_equal(numbers_of(signal, 1, 2), spectra[5])


def test_keeps_what_a_stopped_acquisition_has(read: Callable[..., Signal]) -> None:
    signal = read(series(np.zeros((5, 2, 2), np.uint8), planned=20))

    assert signal.data is not None
    assert signal.data.shape == (5, 2, 2)
    assert "the acquisition ended after 5 of 20 elements" in signal.metadata.notes


def test_knows_diffraction_by_its_calibration(read: Callable[..., Signal]) -> None:
    signal = read(series(np.zeros((1, 2, 2), np.uint8), delta=1e8))

    assert signal.metadata.dataset_type is DatasetType.DIFFRACTION
    assert (signal.axes[0].scale, signal.axes[0].unit) == (pytest.approx(0.1), "1/nm")


@pytest.mark.parametrize(
    ("channels", "delta", "data_type"),
    [
        (1000, 10.0, "TEM_EDS_Spectrum"),
        (2048, 0.2, "TEM_EELS_Spectrum"),
        (1024, 0.2, "TEM_EELS_Spectrum"),
        (1024, 2.5, "TEM_Spectrum"),
    ],
)
def test_tells_spectrometers_apart_by_range(
    read: Callable[..., Signal], channels: int, delta: float, data_type: str
) -> None:
    signal = read(series(np.zeros((1, channels), np.int32), delta=delta, planned=10))

    assert signal.metadata.data_type == data_type
    assert signal.metadata.warnings == ("Data Type",)


def test_takes_the_date_on_the_instruments_clock(read: Callable[..., Signal]) -> None:
    emi = b"..<ObjectInfo><AcquireDate>Mon Feb 22 18:50:01 2016</AcquireDate></ObjectInfo>.."

    signal = read(series(np.zeros((1, 2, 2), np.uint8)), emi)

    assert signal.metadata.creation_time == datetime(2016, 2, 22, 23, 50, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "emi",
    [None, b"", b"\xff" * 100, b"<ObjectInfo><a></ObjectInfo>", b"<ObjectInfo>", b"</ObjectInfo><ObjectInfo>"],
    ids=["none", "empty", "random", "broken XML", "cut short", "back to front"],
)
def test_reads_the_series_without_a_good_emi(
    read: Callable[..., Signal], numbers_of: NumbersOf, emi: bytes | None
) -> None:
    signal = read(series(np.ones((1, 2, 2), np.uint8)), emi)

    assert numbers_of(signal).sum() == 4
    assert any("settings are not known" in note for note in signal.metadata.notes)


def test_does_not_expand_entities_of_the_emi(read: Callable[..., Signal]) -> None:
    emi = b"<ObjectInfo>&lol;<Manufacturer>FEI</Manufacturer></ObjectInfo>"

    signal = read(series(np.ones((1, 2, 2), np.uint8)), emi)

    assert "Manufacturer" not in signal.metadata.entries


@pytest.mark.parametrize("kept", [0, 3, 20, 60, 100, 140], ids=lambda kept: f"{kept} bytes")
def test_refuses_a_series_that_is_cut_short(read: Callable[..., Signal], kept: int) -> None:
    whole = series(np.zeros((1, 9, 9), np.uint8))

    with pytest.raises(ExtractionError):
        read(whole[:kept])


def test_refuses_a_series_that_claims_more_than_it_holds(read: Callable[..., Signal]) -> None:
    lie = series(np.zeros((1, 2, 2), np.uint8)).replace(
        struct.pack("<HII", 1, 2, 2), struct.pack("<HII", 1, 10**5, 10**5)
    )

    with pytest.raises(ExtractionError, match="before its data does"):
        read(lie)


@settings(max_examples=150, deadline=None)
@given(damage=st.dictionaries(st.integers(0, 300), st.integers(0, 255), min_size=1, max_size=8), images=st.booleans())
def test_any_damage_ends_in_a_reading_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, damage: dict[int, int], images: bool
) -> None:
    content = bytearray(series(np.ones((2, 3, 3) if images else (2, 9), np.uint8), steps=(2,)))
    for place, value in damage.items():
        content[place % len(content)] = value
    path = tmp_path_factory.mktemp("damaged") / "a_1.ser"
    path.write_bytes(content)

    try:
        (signal,) = extractor.read(Source(file=FoundFile(path=path, size=len(content), mtime=0.0), zone=UTC))
        sizes = [piece.size for piece in signal.data.blocks()] if signal.data else []
    except ExtractionError:
        return

    assert sum(sizes) > 0
    assert all(np.isfinite([axis.scale, axis.offset]).all() for axis in signal.axes)


def test_every_series_is_one_signal_with_its_own_settings(acquisition: Acquisition, source_of: SourceOf) -> None:
    emi = acquisition("a_1", "a_2", "a_10", "b_3", "a_x")

    signals = extractor.read(source_of(emi))

    assert [(told["Series File"], told["Manufacturer"]) for told in (one.metadata.entries for one in signals)] == [
        ("a_1.ser", "maker 1"),
        ("a_2.ser", "maker 2"),
        ("a_10.ser", "maker 10"),
    ]
    assert [(one.title, one.native["SeriesFile"]) for one in signals[:1]] == [("a_1.ser", "a_1.ser")]


def test_a_series_without_a_number_is_the_first(acquisition: Acquisition, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(acquisition("a")))

    assert signal.metadata.entries["Manufacturer"] == "maker 1"


def test_takes_the_series_that_the_scan_found(acquisition: Acquisition, tmp_path: Path, source_of: SourceOf) -> None:
    emi = acquisition("a_1", "a_2", "a_3")

    signals = extractor.read(source_of(emi, tmp_path / "a_3.ser", tmp_path / "a_2.ser"))

    assert [signal.title for signal in signals] == ["a_2.ser", "a_3.ser"]


def test_a_series_alone_finds_the_settings_beside_it(
    acquisition: Acquisition, tmp_path: Path, source_of: SourceOf
) -> None:
    acquisition("a_1", "a_2")

    (signal,) = extractor.read(source_of(tmp_path / "a_2.ser"))

    assert signal.metadata.entries["Manufacturer"] == "maker 2"


def test_a_series_that_the_emi_does_not_describe_is_read(acquisition: Acquisition, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(acquisition("a_11")))

    assert signal.metadata.notes == ("a.emi says nothing of this series, so the microscope's settings are not known",)


def test_a_series_without_a_date_was_made_when_it_was_written(
    acquisition: Acquisition, tmp_path: Path, source_of: SourceOf
) -> None:
    emi = acquisition("a_1")
    os.utime(tmp_path / "a_1.ser", (1e9, 1e9))

    (signal,) = extractor.read(source_of(emi))

    assert signal.metadata.creation_time == datetime.fromtimestamp(1e9, UTC)


def test_refuses_an_emi_without_its_series(acquisition: Acquisition, source_of: SourceOf) -> None:
    emi = acquisition("b_1")

    with pytest.raises(ExtractionError, match=r"its data lie in \.ser files, and there are none beside it"):
        extractor.read(source_of(emi))


def test_one_bad_series_costs_only_itself(acquisition: Acquisition, source_of: SourceOf) -> None:
    emi = acquisition("a_2", "a_3", a_1=b"no series")

    signals = extractor.read(source_of(emi))

    assert [signal.title for signal in signals] == ["a_2.ser", "a_3.ser"]
    assert signals[0].metadata.notes == ("a_1.ser cannot be read: does not begin like a TIA series",)
    assert signals[1].metadata.notes == ()


def test_a_series_that_went_away_costs_only_itself(
    acquisition: Acquisition, tmp_path: Path, source_of: SourceOf
) -> None:
    emi = acquisition("a_1")

    (signal,) = extractor.read(source_of(emi, tmp_path / "a_1.ser", tmp_path / "a_2.ser"))

    assert signal.metadata.notes == ("a_2.ser cannot be read: cannot be looked at (No such file or directory)",)


def test_only_bad_series_make_an_unreadable_dataset(acquisition: Acquisition, source_of: SourceOf) -> None:
    emi = acquisition(a_1=b"no series", a_2=IMAGE[:60])

    with pytest.raises(ExtractionError) as caught:
        extractor.read(source_of(emi))

    assert (caught.value.path, *caught.value.reason.split("; ")) == (
        emi,
        "a_1.ser cannot be read: does not begin like a TIA series",
        "a_2.ser cannot be read: its header is damaged or cut short, so not a TIA series",
    )


def test_a_name_that_is_no_text_is_told_as_text(tmp_path: Path, source_of: SourceOf) -> None:
    emi = tmp_path / os.fsdecode(b"\xff\n.emi")
    emi.write_bytes(b"<ObjectInfo></ObjectInfo>")
    emi.with_name(os.fsdecode(b"\xff\n_1.ser")).write_bytes(IMAGE)

    (signal,) = extractor.read(source_of(emi))

    assert (signal.title, signal.metadata.entries["emi Filename"]) == ("�\n_1.ser", "�\n.emi")


@pytest.mark.parametrize("head", [b"", b"\x89HDF\r\n\x1a\n", b"II*\0", b"\xff\xd8\xff\xe0"], ids=repr)
def test_an_emi_is_never_taken_for_something_else(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "a.emi"
    path.write_bytes(head)

    assert choose(path) is extractor


def test_reads_the_same_numbers_as_rosettasciio(all_em_files: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    from rsciio.tia import file_reader

    for path in sorted((all_em_files / "ser_emi").glob("1*.ser")):
        signal = read_through_its_emi(path, source_of)
        theirs = np.asarray(file_reader(str(path))[0]["data"])
        assert signal.data is not None
        assert np.array_equal(numbers_of(signal), theirs.reshape(signal.data.shape)), path.name


def read_through_its_emi(series: Path, source_of: SourceOf) -> Signal:
    """Return the signal of a series, which is a dataset of its own only where it has no ``.emi``."""
    emi = series.with_name(f"{series.stem.rpartition('_')[0]}.emi")
    signals = extractor.read(source_of(emi if emi.exists() else series, zone=NEW_YORK))
    (signal,) = (one for one in signals if one.metadata.entries["Series File"] == series.name)
    return signal
