"""MRC files: real ones, and small ones written here from the layout of the standard."""

import struct
from collections.abc import Callable
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
from nexuslims_core.extractors.mrc import names as mrc_names
from nexuslims_core.extractors.mrc.extractor import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]

MODES = {"u1": 0, "i1": 0, "i2": 1, "f4": 2, "c8": 4, "u2": 6, "f2": 12}


def header(
    shape: tuple[int, ...], mode: int, *, order: str = "<", spacing_a: float = 0.0, extended: int = 0, **more: Any
) -> bytearray:
    *stack, rows, columns = shape
    sections = stack[0] if stack else 1
    head = bytearray(1024)
    struct.pack_into(f"{order}10i", head, 0, columns, rows, sections, mode, 0, 0, 0, columns, rows, sections)
    struct.pack_into(f"{order}3f", head, 40, *(spacing_a * size for size in (columns, rows, sections)))
    struct.pack_into(f"{order}3i", head, 64, *more.get("axes", (1, 2, 3)))
    struct.pack_into(f"{order}3f", head, 76, *more.get("statistics", (0, -1, -2)))
    struct.pack_into(f"{order}2i", head, 88, more.get("group", 0), extended)
    head[104:108] = more.get("kind", "").encode().ljust(4, b"\0")
    struct.pack_into(f"{order}2h", head, 128, *more.get("serialem", (0, 0)))
    if more.get("marked", True):
        head[208:216] = b"MAP " + (b"DD\0\0" if order == "<" else b"\x11\x11\0\0")
    struct.pack_into(f"{order}fi", head, 216, more.get("rms", -1), len(more.get("labels", ())))
    for i, label in enumerate(more.get("labels", ())):
        head[224 + 80 * i : 304 + 80 * i] = label.encode().ljust(80)
    return head


def write(path: Path, data: NDArray[Any], *, order: str = "<", extended: bytes = b"", **more: Any) -> Path:
    mode = MODES[data.dtype.str[1:]]
    head = header(data.shape, mode, order=order, extended=len(extended), **more)
    path.write_bytes(bytes(head) + extended + data.astype(data.dtype.newbyteorder(order)).tobytes())
    return path


def fei_record(*, version: int = 1, unset: frozenset[str] = frozenset(), **values: Any) -> bytes:
    """Write one record of Thermo Fisher's, with the bits of what is given set."""
    words = (mrc_names.FEI1_FIELDS + (mrc_names.FEI2_FIELDS if version == 2 else "")).split()
    pairs = [tuple(word.split(":")) for word in words]
    record = np.zeros(1, np.dtype([(name, code if code[0] == "S" else f"<{code}") for name, code in pairs]))
    record["size"], record["version"] = record.dtype.itemsize, version
    mask, bit = "", 0
    for name, _ in pairs:
        if name.startswith("mask"):
            mask, bit = name, 0
        elif mask:
            if name in values:
                record[name] = values[name]
                record[mask] |= np.uint32(0 if name in unset else 1 << bit)
            bit += 1
    return record.tobytes()


@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "f2", "f4", "c8"])
def test_reads_every_type_of_number_in_both_byte_orders(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf, order: str, dtype: str
) -> None:
    data = np.arange(24).reshape(2, 3, 4).astype(dtype)

    (signal,) = extractor.read(source_of(write(tmp_path / "a.mrc", data, order=order)))

    assert np.array_equal(numbers_of(signal), data)
    assert signal.kind is SignalKind.IMAGE_STACK


@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
def test_reads_files_from_before_the_word_map(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf, order: str
) -> None:
    path = write(tmp_path / "old.st", np.full((3, 4), 7, np.int16), order=order, marked=False)

    (signal,) = choose(path).read(source_of(path))

    assert np.array_equal(numbers_of(signal), np.full((3, 4), 7))


def test_takes_bytes_below_zero_for_signed(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    data = np.array([[-3, 4]], np.int8)

    (signal,) = extractor.read(source_of(write(tmp_path / "a.mrc", data, statistics=(-3, 4, 0.5))))

    assert np.array_equal(numbers_of(signal), data)


def test_reads_two_pixels_a_byte(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    path = tmp_path / "counted.mrc"
    path.write_bytes(bytes(header((2, 2, 3), 101)) + bytes([0x21, 0xF3, 0x54, 0x06, 0x87, 0x09, 0xBA, 0x0C]))

    (signal,) = extractor.read(source_of(path))

    assert numbers_of(signal).tolist() == [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]


def test_pixels_have_the_size_that_the_cell_tells(tmp_path: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(write(tmp_path / "a.mrc", np.zeros((3, 4), "f4"), spacing_a=2.5)))

    assert signal.metadata.entries["Pixel Width"] == Quantity(value=0.25, unit="nm")
    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(0.25, "nm"), (0.25, "nm")]


def test_a_volume_has_depth_and_a_stack_has_not(tmp_path: Path, source_of: SourceOf) -> None:
    volume, stack = (
        extractor.read(
            source_of(write(tmp_path / f"{group}.rec", np.zeros((2, 3, 4), "f4"), spacing_a=10, group=group))
        )[0]
        for group in (1, 0)
    )

    assert volume.metadata.entries["Pixel Depth"] == Quantity(value=1.0, unit="nm")
    assert volume.metadata.entries["Number of Sections"] == 2
    assert stack.metadata.entries["Number of Images"] == 2
    assert "Pixel Depth" not in stack.metadata.entries


def test_axes_that_are_stored_in_another_order_keep_their_scale(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "mrc" / "EMD-3001.map"))

    assert [axis.name for axis in signal.axes] == ["y", "x", "z"]
    assert signal.axes[2].scale == pytest.approx(33.03 / 72 / 10)  # columns run along z, whose cell has 72 parts
    assert signal.metadata.entries["Density RMS"] == pytest.approx(0.1570572)


def test_statistics_that_nobody_reckoned_are_left_out(tmp_path: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(write(tmp_path / "a.mrc", np.zeros((3, 4), "f4"), statistics=(3, 2, 1))))

    assert not [name for name in signal.metadata.entries if name.startswith("Density")]


def test_names_what_velox_writes(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "mrc" / "HAADFscan.mrc", zone=ZoneInfo("Europe/Berlin")))

    entries = signal.metadata.entries
    assert entries["Voltage"] == Quantity(value=300.0, unit="kV")
    assert entries["Camera Length"] == Quantity(value=91.1, unit="mm")
    assert entries["Pixel Dwell Time"] == Quantity(value=10000.0, unit="µs")  # 16 × 16 of them fill 2.72 s
    assert entries["Detector Name"] == "HAADF"
    assert entries["Pixel Width"] == Quantity(value=5.679131, unit="nm")  # 1.4538 µm over 256
    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.IMAGE, "STEM_Imaging")
    assert signal.metadata.creation_time == datetime(2022, 12, 5, 12, 13, 7, tzinfo=ZoneInfo("Europe/Berlin"))


def test_fields_that_were_not_filled_in_are_left_out(tmp_path: Path, source_of: SourceOf) -> None:
    record = fei_record(HT=200e3, Defocus=-1e-6, Alpha_tilt=3.0, unset=frozenset({"Defocus"}))

    (signal,) = extractor.read(
        source_of(write(tmp_path / "a.mrc", np.zeros((3, 4)).astype("f4"), extended=record, kind="FEI1"))
    )

    assert signal.metadata.entries["Voltage"] == Quantity(value=200.0, unit="kV")
    assert signal.metadata.entries["Stage Position α"] == Quantity(value=3.0, unit="degree")
    assert "Defocus" not in signal.metadata.entries


def test_a_tilt_series_has_a_range(tmp_path: Path, source_of: SourceOf) -> None:
    records = b"".join(fei_record(version=2, Alpha_tilt=tilt, Instrument_mode=1) for tilt in (-60.0, 0.0, 58.0))

    (signal,) = extractor.read(
        source_of(write(tmp_path / "a.mrc", np.zeros((3, 3, 4)).astype("f4"), extended=records, kind="FEI2"))
    )

    entries = signal.metadata.entries
    assert entries["Tilt Angle Minimum"] == Quantity(value=-60.0, unit="degree")
    assert entries["Tilt Angle Maximum"] == Quantity(value=58.0, unit="degree")
    assert signal.metadata.warnings == ()


def test_counts_acquisition_times_from_1970_in_utc(tmp_path: Path, source_of: SourceOf) -> None:
    made = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    record = fei_record(version=2, Acquisition_time_stamp=int(made.timestamp() * 1e6), Timestamp=45000.0)

    (signal,) = extractor.read(
        source_of(write(tmp_path / "a.mrc", np.zeros((3, 4)).astype("f4"), extended=record, kind="FEI2"))
    )

    assert signal.metadata.creation_time == made


def test_reads_the_older_records_of_fei(tmp_path: Path, source_of: SourceOf) -> None:
    values = np.zeros((1024, 32), "<f4")
    values[:2, 0] = (-10, 10)
    values[:2, 2], values[:2, 7] = 12.5, -2e-6  # a stage at 12.5 m is one at 12.5 µm
    values[:2, 8], values[:2, 11], values[:2, 12], values[:2, 13] = 0.5, 3e-10, 50000, 120000

    (signal,) = extractor.read(
        source_of(write(tmp_path / "a.mrc", np.zeros((2, 3, 4)).astype("i2"), extended=values.tobytes()))
    )

    entries = signal.metadata.entries
    assert entries["Voltage"] == Quantity(value=120.0, unit="kV")
    assert entries["Exposure Time"] == Quantity(value=0.5, unit="s")
    assert entries["Stage Position X"] == Quantity(value=pytest.approx(12.5), unit="µm")
    assert entries["Defocus"] == Quantity(value=pytest.approx(-2), unit="µm")
    assert entries["Tilt Angle Maximum"] == Quantity(value=10.0, unit="degree")
    assert entries["Pixel Width"] == Quantity(value=pytest.approx(0.3), unit="nm")


def test_reads_the_records_of_serialem(tmp_path: Path, source_of: SourceOf) -> None:
    flags = 1 | 2 | 4 | 8  # tilt, place in a montage, stage, magnification
    records = b"".join(struct.pack("<h3h2hh", tilt, 0, 0, 0, 250, -50, 290) for tilt in (-3000, 3000))

    (signal,) = extractor.read(
        source_of(write(tmp_path / "a.st", np.zeros((2, 3, 4)).astype("i2"), extended=records, serialem=(14, flags)))
    )

    entries = signal.metadata.entries
    assert entries["Tilt Angle Minimum"] == Quantity(value=-30.0, unit="degree")
    assert entries["Stage Position X"] == Quantity(value=10.0, unit="µm")
    assert entries["Magnification"] == 29000


MDOC = """PixelSpacing = 3.4
Voltage = 200
ImageFile = tilts.st
[T = SerialEM: a microscope]

[ZValue = 0]
TiltAngle = -2.0
StagePosition = 11.5 -7.25
StageZ = 3
Magnification = 29000
ExposureDose = 1.5
ExposureTime = 0.8
Defocus = -3.2
FilterSlitAndLoss = 20 0
DateTime = 03-Mar-26  10:11:12

[ZValue = 1]
TiltAngle = 2.0
DateTime = 03-Mar-26  10:12:00
"""


def test_serialems_side_car_is_believed_before_the_header(tmp_path: Path, source_of: SourceOf) -> None:
    path = write(tmp_path / "tilts.st", np.zeros((2, 3, 4)).astype("i2"), spacing_a=1)
    (tmp_path / "tilts.st.mdoc").write_text(MDOC)

    (signal,) = extractor.read(source_of(path, tmp_path / "tilts.st.mdoc", zone=ZoneInfo("Asia/Tokyo")))

    entries = signal.metadata.entries
    assert entries["Voltage"] == Quantity(value=200, unit="kV")
    assert entries["Dose"] == Quantity(value=1.5, unit="1/Å²")
    assert entries["Stage Position Y"] == Quantity(value=-7.25, unit="µm")
    assert entries["Energy Slit Width"] == Quantity(value=20, unit="eV")
    assert entries["Pixel Width"] == Quantity(value=0.34, unit="nm")
    assert entries["Tilt Angle Maximum"] == Quantity(value=2.0, unit="degree")
    assert signal.metadata.creation_time == datetime(2026, 3, 3, 1, 11, 12, tzinfo=UTC)


def test_takes_the_date_from_the_last_label_that_has_one(tmp_path: Path, source_of: SourceOf) -> None:
    labels = ("SerialEM: Acquired on a microscope 01-Feb-24  10:00:00", "newstack: 02-Feb-24  11:30:00", "no date")

    (signal,) = extractor.read(source_of(write(tmp_path / "a.ali", np.zeros((3, 4)).astype("i2"), labels=labels)))

    assert signal.metadata.creation_time == datetime(2024, 2, 2, 11, 30, tzinfo=UTC)
    assert signal.metadata.entries["Labels"] == "; ".join(" ".join(label.split()) for label in labels)


def test_a_movie_of_direct_electron_is_a_scan(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "mrc" / "20241021_00405_movie.mrc"))

    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.DIFFRACTION, "4D_STEM")
    assert [(axis.name, axis.size, axis.unit) for axis in signal.axes] == [
        ("y", 4, "nm"), ("x", 8, "nm"), ("ky", 4, ""), ("kx", 8, ""),
    ]  # fmt: skip
    assert signal.metadata.entries["Voltage"] == Quantity(value=300.0, unit="kV")
    assert signal.metadata.creation_time == datetime.fromtimestamp(1729539410, UTC)


@pytest.mark.parametrize(
    ("name", "data_type"),
    [("20241021_00405_final.mrc", "STEM_Diffraction"), ("20241021_00405_ext1_Ext 1.mrc", "STEM_Imaging")],
)
def test_other_files_of_a_scan_are_what_their_names_say(
    all_em_files: Path, source_of: SourceOf, name: str, data_type: str
) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "mrc" / name))

    assert signal.metadata.data_type == data_type


def test_says_that_nobody_told_which_microscope(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "mrc" / "temp.mrc"))

    assert signal.metadata.data_type == "TEM_Imaging"
    assert signal.metadata.warnings == ("Data Type",)


def test_keeps_the_whole_images_of_a_file_that_ends_early(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    data = np.arange(60).reshape(5, 3, 4).astype("i2")
    path = write(tmp_path / "a.mrc", data, spacing_a=10)
    path.write_bytes(path.read_bytes()[:-30])

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal), data[:3])
    assert signal.metadata.notes == ("claims 5 images and holds 3 of them whole: the file ends early",)


def test_keeps_the_settings_of_a_file_without_numbers(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.mrc"
    path.write_bytes(bytes(header((2048, 2048), 2, spacing_a=2)))

    (signal,) = extractor.read(source_of(path))

    assert signal.data is None
    assert signal.metadata.entries["Pixel Width"] == Quantity(value=0.2, unit="nm")
    assert "holds not one whole image" in signal.metadata.notes[0]


def test_an_unknown_mode_costs_the_picture_only(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.mrc"
    path.write_bytes(bytes(header((3, 4), 77)) + bytes(100))

    (signal,) = extractor.read(source_of(path))

    assert (signal.kind, signal.data) == (SignalKind.NONE, None)
    assert "mode 77" in signal.metadata.notes[0]


@pytest.mark.parametrize(
    "content", [b"", bytes(50), bytes(2000), b"a shopping list" * 100], ids=["0", "50", "zeros", "text"]
)
def test_refuses_what_is_no_mrc_file(tmp_path: Path, source_of: SourceOf, content: bytes) -> None:
    path = tmp_path / "a.mrc"
    path.write_bytes(content)

    with pytest.raises(ExtractionError, match="MRC"):
        extractor.read(source_of(path))


def test_impossible_times_and_numbers_cost_no_file(tmp_path: Path, source_of: SourceOf) -> None:
    record = fei_record(version=2, Timestamp=1e300, HT=float("nan"), Camera_name=b"\xff\x01Ceta", Spot_index=4)

    (signal,) = extractor.read(
        source_of(write(tmp_path / "a.mrc", np.zeros((3, 4)).astype("f4"), extended=record, kind="FEI2"))
    )

    assert signal.metadata.entries["Spot Size"] == 4
    assert signal.metadata.entries["Camera Name"] == "ÿCeta"
    assert abs(signal.metadata.creation_time - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("mrc/EMD-3001.map", "mrc"),
        ("jeol_asw/Sample/00_View000/View000_0000001.map", "jeol"),
        ("mrc/temp.mrc", "mrc"),
    ],
)
def test_maps_of_other_programs_go_to_their_readers(all_em_files: Path, name: str, owner: str) -> None:
    assert choose(all_em_files / name).name == owner


def test_knows_its_files_under_wrong_names(tmp_path: Path) -> None:
    assert choose(write(tmp_path / "renamed.dat", np.zeros((3, 4)).astype("i2"))).name == "mrc"
    (tmp_path / "backup.st").write_bytes(b"no image of a microscope" * 100)
    assert choose(tmp_path / "backup.st").name == "basic"
