"""Tescan TIFF: settings in the tag, in the text file beside it, or lost."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import tifffile

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import catalogue
from nexuslims_core.extractors.tiff.tescan import extractor
from nexuslims_core.files.parts import parts_of
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]

IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)
SETTINGS = (
    b"[MAIN]\r\nDate=2025-12-03\r\nTime=17:19:26\r\nFullUserName=Ada\r\nMagnification=160000.0\r\nPixelSizeX=0.000000002\r\n"
    b"PixelSizeY=0.000000003\r\n[SEM]\r\nHV=15000.0\r\nWD=0.005947501\r\nStageX=0.00407293\r\nChamberPressure=0.00061496\r\n"
)
PICTURE = b"\x99\x15\x00\x00\x00\x0cjP  [\x00]=\xff\xd9\x00"


def write_tescan(path: Path, content: bytes = b"", *, make: str = "TESCAN - http://www.tescan.com/") -> Path:
    tags = [(271, "s", 0, make, True)] if make else []
    tags += [(50431, "B", len(content), content, True)] if content else []
    tifffile.imwrite(path, IMAGE, extratags=tags)
    return path


@pytest.fixture
def read(tmp_path: Path, source_of: SourceOf) -> Callable[..., Signal]:
    def write_and_read(content: bytes, *parts: Path) -> Signal:
        (signal,) = extractor.read(source_of(write_tescan(tmp_path / "a.tif", content), *parts))
        return signal

    return write_and_read


@pytest.mark.parametrize(
    "content",
    [
        SETTINGS,
        PICTURE + SETTINGS,
        PICTURE + SETTINGS.replace(b"[MAIN]\r\n", b"AccFrames=1\r\n").replace(b"[SEM]\r\n", b""),
    ],
    ids=["text", "picture and text", "no headers"],
)
def test_reads_the_settings_in_the_tag(read: Callable[..., Signal], content: bytes) -> None:
    signal = read(content)

    entries = signal.metadata.entries
    assert entries["Voltage"] == Quantity(value=15.0, unit="kV")
    assert entries["Working Distance"] == Quantity(value=5.947501, unit="mm")
    assert entries["Stage Position X"] == Quantity(value=4.07293, unit="mm")
    assert entries["Chamber Pressure"] == Quantity(value=0.61496, unit="mPa")
    assert entries["Magnification"] == 160_000
    assert [(axis.name, axis.scale, axis.unit) for axis in signal.axes] == [("y", 3.0, "nm"), ("x", 2.0, "nm")]
    assert signal.metadata.creation_time == datetime(2025, 12, 3, 17, 19, 26, tzinfo=UTC)
    assert (entries["Operator"], signal.metadata.warnings) == ("Ada", ("Operator",))


def test_reads_the_settings_beside_a_file_without_any(tmp_path: Path, read: Callable[..., Signal]) -> None:
    header = tmp_path / "a.hdr"
    header.write_bytes(SETTINGS)

    assert read(b"", header).metadata.entries["Voltage"] == Quantity(value=15.0, unit="kV")


def test_believes_the_file_more_than_the_text_beside_it(tmp_path: Path, read: Callable[..., Signal]) -> None:
    header = tmp_path / "a.hdr"
    header.write_bytes(SETTINGS.replace(b"15000", b"5000"))

    assert read(SETTINGS, header).metadata.entries["Voltage"] == Quantity(value=15.0, unit="kV")


@pytest.mark.parametrize("content", [b"HDR,\r\nAcquisition Mode (Normal):\tNormal\r\n", b"", b"\x00\xff" * 99])
def test_takes_nothing_from_a_header_of_another_format(
    tmp_path: Path, read: Callable[..., Signal], content: bytes
) -> None:
    header = tmp_path / "a.hdr"
    header.write_bytes(content)

    signal = read(b"", header)

    assert "Voltage" not in signal.metadata.entries
    assert any(".hdr" in note for note in signal.metadata.notes)
    assert signal.data is not None


def test_names_the_beam_that_made_the_image(read: Callable[..., Signal]) -> None:
    signal = read(SETTINGS.replace(b"[SEM]", b"[FIB]"))

    assert signal.metadata.data_type == "FIB_Imaging"
    assert signal.metadata.entries["Voltage"] == Quantity(value=15.0, unit="kV")


def test_names_the_settings_of_an_amber(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "tif_tescan" / "tescan-pfib_dataZeroed.tif"))

    entries = signal.metadata.entries
    assert entries["Pixel Dwell Time"] == Quantity(value=10.0, unit="µs")
    assert entries["Specimen Current"] == Quantity(value=-246.0, unit="pA")
    assert entries["Detector Name"] == "E-T"
    assert (signal.axes[0].size, signal.axes[0].scale) == (1280, 1.5625)
    assert entries["Data Dimensions"] == "(1280, 1578)"


def test_an_impossible_date_gives_way_to_the_files_own(read: Callable[..., Signal]) -> None:
    signal = read(SETTINGS.replace(b"2025-12-03", b"2025-33-33"))

    assert any("2025-33-33" in note for note in signal.metadata.notes)


@pytest.mark.parametrize("name", ["a.tif", "a.tiff", "a.mib"])
def test_a_header_belongs_to_the_image_of_its_name(name: str) -> None:
    assert parts_of([f"/d/{name}", "/d/a.hdr", "/d/b.hdr"], catalogue().companions) == {f"/d/{name}": ("/d/a.hdr",)}


def test_a_header_beside_two_images_of_its_name_is_that_of_the_detector() -> None:
    assert parts_of(["/d/a.tif", "/d/a.hdr", "/d/a.mib"], catalogue().companions) == {"/d/a.mib": ("/d/a.hdr",)}


def test_leaves_other_files_to_others(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_tescan(tmp_path / "a.tif", b"something else", make="Acme")

    assert not extractor.claims(path, path.read_bytes()[:4096])
    with pytest.raises(ExtractionError, match="50431"):
        extractor.read(source_of(path))
