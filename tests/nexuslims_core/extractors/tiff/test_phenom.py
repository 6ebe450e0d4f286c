"""Phenom TIFF: files that the tests write after what other programs read from real ones."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import tifffile

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.tiff.phenom import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
ReadXml = Callable[[str], Signal]

XML = """<?xml version="1.0"?><FeiImage><pixelWidth unit="um">0.25</pixelWidth><pixelHeight unit="um">0.25</pixelHeight>
<workingDistance unit="mm">6.1</workingDistance><integrations>16</integrations>
<instrument><type>Phenom</type><edition>G4 Phenom ProX</edition></instrument>
<acquisition><scan><dwellTime unit="ns">500</dwellTime><highVoltage unit="kV">-10.0</highVoltage>
<emissionCurrent unit="A">4.5e-05</emissionCurrent><detector>BSD Full</detector></scan></acquisition>
<multiStage><axis id="X" unit="m">0.0015</axis><axis id="Y">0.002</axis></multiStage></FeiImage>"""


@pytest.fixture
def read_xml(tmp_path: Path, source_of: SourceOf) -> ReadXml:
    def write_and_read(xml: str) -> Signal:
        path = tmp_path / "a.tif"
        tifffile.imwrite(
            path, np.zeros((3, 4), np.uint8), extratags=[(34683, "s", 0, xml, True)], datetime="2021:02:03 04:05:06"
        )
        (signal,) = extractor.read(source_of(path))
        return signal

    return write_and_read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Voltage", Quantity(value=10.0, unit="kV")),
        ("Emission Current", Quantity(value=45.0, unit="µA")),
        ("Working Distance", Quantity(value=6.1, unit="mm")),
        ("Pixel Dwell Time", Quantity(value=0.5, unit="µs")),
        ("Pixel Width", Quantity(value=250.0, unit="nm")),
        ("Stage Position X", Quantity(value=1.5, unit="mm")),
        ("Detector Name", "BSD Full"),
        ("Microscope", "G4 Phenom ProX"),
        ("Frames Integrated", 16),
    ],
)
def test_names_the_settings(read_xml: ReadXml, name: str, value: object) -> None:
    assert read_xml(XML).metadata.entries[name] == value


def test_calibrates_and_dates_the_image(read_xml: ReadXml) -> None:
    signal = read_xml(XML)

    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(250.0, "nm")] * 2
    assert signal.metadata.creation_time == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_leaves_out_and_notes_a_length_without_unit(read_xml: ReadXml) -> None:
    metadata = read_xml(XML).metadata

    assert "Stage Position Y" not in metadata.entries
    assert any(note.startswith("Stage Position Y") for note in metadata.notes)


def test_shows_the_image_whose_settings_are_damaged(read_xml: ReadXml) -> None:
    signal = read_xml("<FeiImage><pixelWidth>")

    assert signal.data is not None
    assert any("damaged" in note for note in signal.metadata.notes)


def test_leaves_other_files_to_others(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((3, 4), np.uint8))

    assert not extractor.claims(path, path.read_bytes()[:4096])
    with pytest.raises(ExtractionError, match="34683"):
        extractor.read(source_of(path))
