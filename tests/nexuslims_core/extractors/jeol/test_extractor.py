"""Files of JEOL's Analysis Station: numbers are those of RosettaSciIO, and every file of a project counts once."""

import shutil
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SignalKind, SummedData
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.jeol.events import PtsStream
from nexuslims_core.extractors.jeol.extractor import extractor
from nexuslims_core.extractors.jeol.tags import read_tags
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
Read = Callable[[str], Signal]

VIEW = "Sample/00_View000/View000_000000"


@pytest.fixture
def read(all_em_files: Path, source_of: SourceOf) -> Read:
    return lambda name: extractor.read(source_of(all_em_files / "jeol_asw" / name))[0]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [f"{VIEW}0.img", f"{VIEW}4.map"])
def test_gives_the_image_that_rosettasciio_gives(
    read: Read, all_em_files: Path, numbers_of: NumbersOf, name: str
) -> None:
    from rsciio.jeol import file_reader

    (theirs,) = file_reader(str(all_em_files / "jeol_asw" / name))

    assert np.array_equal(numbers_of(read(name)), theirs["data"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_adds_up_the_spectrum_image_that_rosettasciio_unfolds(read: Read, all_em_files: Path) -> None:
    from rsciio.jeol import file_reader

    (theirs,) = file_reader(str(all_em_files / "jeol_asw" / f"{VIEW}6.pts"))

    data = read(f"{VIEW}6.pts").data

    assert isinstance(data, SummedData)
    places, spectrum = data.sums()
    assert np.array_equal(places, theirs["data"].sum(-1, dtype=np.int64))
    assert np.array_equal(spectrum, theirs["data"].sum((0, 1), dtype=np.int64))


def test_names_what_a_spectrum_image_was_taken_with(read: Read) -> None:
    metadata = read(f"{VIEW}6.pts").metadata

    assert metadata.data_type == "STEM_EDS_Spectrum_Imaging"
    told = {name: metadata.entries[name] for name in ("Voltage", "Live Time", "Pixel Dwell Time", "Elevation Angle")}
    assert told == {
        "Voltage": Quantity(value=200.0, unit="kV"),
        "Live Time": Quantity(value=325.46, unit="s"),
        "Pixel Dwell Time": Quantity(value=100.0, unit="µs"),
        "Elevation Angle": Quantity(value=22.3, unit="degree"),
    }


def test_takes_times_on_the_instruments_clock(all_em_files: Path, source_of: SourceOf) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    source = source_of(all_em_files / "jeol_asw" / f"{VIEW}0.img", zone=zone)

    assert extractor.read(source)[0].metadata.creation_time == datetime(2017, 4, 7, 18, 8, 5, tzinfo=zone)


def test_tells_the_map_of_an_element_from_an_image(read: Read) -> None:
    image, element = read(f"{VIEW}0.img").metadata, read(f"{VIEW}4.map").metadata

    assert (image.data_type, element.data_type) == ("STEM_Imaging", "STEM_EDS")
    assert element.entries["Elements"] == "Fe"
    assert element.dataset_type is DatasetType.IMAGE


def test_reads_a_spectrum_and_marks_who_took_it(read: Read) -> None:
    signal = read("met03.EDS")

    assert signal.kind is SignalKind.SPECTRUM
    assert signal.metadata.entries["Real Time"] == Quantity(value=34.97, unit="s")
    assert signal.metadata.entries["Elements"] == "Fe, S"
    assert signal.metadata.warnings == ("Operator",)


def test_lists_the_files_of_a_project_and_repeats_none_of_them(all_em_files: Path, source_of: SourceOf) -> None:
    signals = extractor.read(source_of(all_em_files / "jeol_asw" / "rawdata.ASW"))

    assert [one.kind for one in signals] == [SignalKind.TEXT]
    assert signals[0].text.splitlines()[1] == f"{VIEW}1.map  (View000: MAP,C K)"
    assert signals[0].metadata.entries["Number of Files"] == 7
    assert signals[0].metadata.notes == ()


def test_says_which_files_of_a_project_are_missing(all_em_files: Path, tmp_path: Path, source_of: SourceOf) -> None:
    alone = Path(shutil.copy(all_em_files / "jeol_asw" / "rawdata.ASW", tmp_path))

    (signal,) = extractor.read(source_of(alone))

    assert signal.metadata.notes == (f"7 of its 7 files are not beside it, such as {VIEW}0.img",)


def test_leaves_images_and_maps_of_others_to_their_readers(all_em_files: Path) -> None:
    others = {name: choose(all_em_files / name).name for name in ("hamamatsu_img/focus_mode.img", "mrc/EMD-3001.map")}
    ours = {choose(all_em_files / "jeol_asw" / name).name for name in ("rawdata.ASW", f"{VIEW}0.img", f"{VIEW}1.map")}

    assert "jeol" not in others.values()
    assert ours == {"jeol"}


@pytest.mark.parametrize(
    "words",
    [
        (
            0x9000,
            0x8000,
            0xB001,
            0x8800,
            0xB002,
            0x9800,
            0x8000,
            0xB003,
            0xB003,
            0x9000,
            0x8000,
            0xB001,
            0x9800,
            0x8800,
        ),
    ],
)
def test_counts_x_rays_at_the_place_that_was_named_last(tmp_path: Path, words: tuple[int, ...]) -> None:
    path = tmp_path / "two by two.pts"
    path.write_bytes(np.array(words, "<u2").tobytes())

    events = list(PtsStream(path=path, offset=0, size=2 * len(words), rows=2, columns=2).events())

    places, channels = (np.concatenate(side).tolist() for side in zip(*events, strict=True))
    assert list(zip(places, channels, strict=True)) == [(0, 1), (1, 2), (2, 3), (2, 3), (0, 1)]


def test_leaves_out_a_frame_that_was_not_ended(tmp_path: Path) -> None:
    frame = (0x9000, 0x8000, 0xB001, 0x9800, 0x8000, 0xB002)
    words = np.array((*frame, *frame[:3]), "<u2")
    path = tmp_path / "interrupted.pts"
    path.write_bytes(words.tobytes())

    events = list(PtsStream(path=path, offset=0, size=words.nbytes, rows=2, columns=2).events())

    assert sum(len(places) for places, _ in events) == 2


def test_keeps_the_settings_of_an_image_that_is_cut_short(
    all_em_files: Path, tmp_path: Path, source_of: SourceOf
) -> None:
    whole = (all_em_files / "jeol_asw" / f"{VIEW}0.img").read_bytes()
    path = tmp_path / "cut.img"
    path.write_bytes(whole[:100_000])

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.entries["Magnification"] == 40000
    assert signal.metadata.notes[-1].startswith("no image")


@pytest.mark.parametrize("name", [f"{VIEW}0.img", f"{VIEW}6.pts", "met03.EDS"])
def test_refuses_what_ends_before_it_says_anything(
    all_em_files: Path, tmp_path: Path, source_of: SourceOf, name: str
) -> None:
    path = tmp_path / Path(name).name
    path.write_bytes((all_em_files / "jeol_asw" / name).read_bytes()[:40])

    with pytest.raises(ExtractionError):
        extractor.read(source_of(path))


def test_reads_tags_up_to_a_length_that_cannot_be() -> None:
    good = b"\1" + struct.pack("<i", 4) + b"Mag\0" + struct.pack("<iii", 3, 4, 40000) + b"\xff"
    bad = b"\1" + struct.pack("<i", 4) + b"Big\0" + struct.pack("<ii", 3, 1 << 30)

    assert read_tags(good + bad) == {"Mag": 40000}


def test_keeps_a_projects_files_in_its_folder(tmp_path: Path, source_of: SourceOf) -> None:
    def tag(name: bytes, value: bytes | None = None, inside: bytes = b"") -> bytes:
        kind, size = (12, len(value)) if value is not None else (0, 0)
        told = struct.pack("<i", len(name)) + name + struct.pack("<ii", kind, size)
        return b"\1" + told + (value or b"") + inside + b"\xff"

    member = tag(b"0", inside=tag(b"Filename", b"..\\..\\C:\\etc\\passwd"))
    view = tag(b"0", inside=tag(b"ViewData", inside=member))
    sample = tag(b"0", inside=tag(b"ViewInfo", inside=view))
    path = tmp_path / "hostile.asw"
    path.write_bytes(bytes(12) + tag(b"FileType", b"Analysis Station") + tag(b"SampleInfo", inside=sample))

    (signal,) = extractor.read(source_of(path))

    assert signal.text.startswith("etc/passwd")
    assert signal.metadata.creation_time is not None
    assert signal.metadata.creation_time.tzinfo is UTC
