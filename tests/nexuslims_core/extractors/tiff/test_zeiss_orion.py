"""TIFF of Zeiss's Orion and of Fibics: names, units and times of the XML in their tags."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import tifffile

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.tiff.zeiss_orion import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
ReadXml = Callable[[int, str], Signal]

IMAGE = np.arange(12, dtype=np.uint8).reshape(3, 4)
FIBICS = """<?xml version="1.0" encoding="iso-8859-1"?><Fibics version="1.0">
<Application><Date>2025-05-27T10:32:12.498-04:00</Date></Application>
<Image><Beam>{beam}</Beam><Aperture>10 \xb5m</Aperture></Image>
<Scan><Dwell units="ns">10000</Dwell><FOV_X units="um">2.5</FOV_X></Scan>
<BeamInfo><item name="BeamI">1.32</item><item name="AccV">30000</item></BeamInfo>
<DetectorInfo><item name="Collector">=500.0 V</item></DetectorInfo></Fibics>"""


def write_xml(path: Path, tag: int, xml: str) -> Path:
    content = xml.encode("iso-8859-1")
    tifffile.imwrite(path, IMAGE, extratags=[(tag, "B", len(content), content, True)])
    return path


@pytest.fixture
def read_xml(tmp_path: Path, source_of: SourceOf) -> ReadXml:
    def write_and_read(tag: int, xml: str) -> Signal:
        path = write_xml(tmp_path / "a.tif", tag, xml)
        assert extractor.claims(path, path.read_bytes()[:4096])
        (signal,) = extractor.read(source_of(path))
        return signal

    return write_and_read


def test_names_the_settings_of_an_orion(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "tif_zeiss" / "orion-zeiss_dataZeroed.tif"))

    entries = signal.metadata.entries
    assert signal.metadata.data_type == "HIM_Imaging"
    assert entries["Voltage"] == Quantity(value=29.997, unit="kV")
    assert entries["GFIS Beam Current"] == Quantity(value=0.938, unit="pA")
    assert entries["Working Distance"] == Quantity(value=11.977, unit="mm")
    assert signal.metadata.creation_time == datetime(2025, 1, 1, 13, tzinfo=UTC)
    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(0.97656606023011, "nm"), (0.9765625, "nm")]


def test_reads_the_colours_of_an_orion_image_without_its_bar_of_text(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "tif_zeiss" / "orion-zeiss_dataZeroed.tif"))

    assert signal.data is not None
    assert sum(len(block) for block in signal.data.blocks()) == 1024
    assert signal.data.shape == (1024, 1024, 4)


def test_names_the_settings_of_fibics_software(read_xml: ReadXml) -> None:
    metadata = read_xml(51023, FIBICS.format(beam="Orion")).metadata

    assert metadata.data_type == "HIM_Imaging"
    assert metadata.entries["Pixel Dwell Time"] == Quantity(value=10.0, unit="µs")
    assert metadata.entries["Voltage"] == Quantity(value=30.0, unit="kV")
    assert metadata.entries["Beam Current"] == Quantity(value=1.32, unit="pA")
    assert metadata.entries["Detector Collector Voltage"] == Quantity(value=500.0, unit="V")
    assert metadata.entries["Image Aperture Description"] == "10 µm"
    assert metadata.creation_time == datetime(2025, 5, 27, 10, 32, 12, 498000, tzinfo=timezone(timedelta(hours=-4)))


@pytest.mark.parametrize(("beam", "data_type"), [("SEM", "SEM_Imaging"), ("FIB", "FIB_Imaging")])
def test_tells_the_beams_of_fibics_software_apart(read_xml: ReadXml, beam: str, data_type: str) -> None:
    assert read_xml(51023, FIBICS.format(beam=beam)).metadata.data_type == data_type


@pytest.mark.parametrize(
    ("unit", "value"), [("Volts", 30.0), ("kV", 30_000.0), ("mV", 0.03)], ids=["volts", "kilovolts", "millivolts"]
)
def test_believes_the_unit_that_the_file_states(read_xml: ReadXml, unit: str, value: float) -> None:
    xml = f"<ImageTags><AccelerationVoltage><Value>30000</Value><Units>{unit}</Units></AccelerationVoltage></ImageTags>"

    assert read_xml(65000, xml).metadata.entries["Voltage"] == Quantity(value=value, unit="kV")


@pytest.mark.parametrize("value", ["n/a", "1.#INF", "many"])
def test_one_bad_number_loses_itself_only(read_xml: ReadXml, value: str) -> None:
    xml = (
        f"<ImageTags><Fov><Value>{value}</Value><Units>Microns</Units></Fov>"
        "<GunTemp><Value>75.5</Value><Units>K</Units></GunTemp></ImageTags>"
    )

    metadata = read_xml(65000, xml).metadata

    assert "Horizontal Field Width" not in metadata.entries
    assert metadata.entries["System Gun Temperature"] == Quantity(value=75.5, unit="K")
    assert metadata.notes


@pytest.mark.parametrize(
    "xml", ["<ImageTags><a>", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><ImageTags>&x;']
)
def test_shows_the_image_whose_settings_are_damaged(read_xml: ReadXml, xml: str) -> None:
    signal = read_xml(65000, xml)

    assert signal.data is not None
    assert any("damaged" in note for note in signal.metadata.notes)


def test_leaves_other_files_with_the_tag_to_others(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_xml(tmp_path / "a.tif", 65000, "nothing of Zeiss's")

    assert not extractor.claims(path, path.read_bytes()[:4096])
    with pytest.raises(ExtractionError, match="65000"):
        extractor.read(source_of(path))
