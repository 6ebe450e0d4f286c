"""FEI and Thermo Fisher TIFF: names and units of the settings, the image itself, and files that lie."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.tiff.fei import extractor
from nexuslims_core.quantities import MetadataValue, Quantity
from nexuslims_core.testing.writers.fei_tiff import write_fei_tiff

SourceOf = Callable[..., Source]
NumbersOf = Callable[[Signal], NDArray[Any]]
Read = Callable[..., Signal]
PeerValues = Mapping[str, Mapping[str, Mapping[str, Any]]]

IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)
DIFFERENCES = {
    "Creation Time": "the file's own date is used where it can be believed, not the time it was last written",
    "Instrument ID": "written by the record, not by the extractor",
    "DatasetType": "a field of its own",
    "Data Type": "a field of its own",
    "warnings": "a field of its own",
}
UNITS = {"μA": "µA", "μm": "µm", "μs": "µs", "°": "degree"}
RADIANS, METRES = {"R", "α", "β"}, {"X", "Y", "Z"}


@pytest.fixture
def read(tmp_path: Path, source_of: SourceOf) -> Read:
    """Write an image with some settings and read it back."""

    def write_and_read(metadata: Mapping[str, Mapping[str, object]], **options: Any) -> Signal:
        zone = options.pop("zone", UTC)
        path = write_fei_tiff(tmp_path / "a.tif", options.pop("image", IMAGE), metadata=metadata, **options)
        (signal,) = extractor.read(source_of(path, zone=zone))
        return signal

    return write_and_read


def beam(**values: object) -> dict[str, dict[str, object]]:
    return {"User": {}, "Beam": {"Beam": "EBeam", "Scan": "EScan"}, "EBeam": values}


@pytest.mark.parametrize(
    ("key", "text", "name", "value"),
    [
        ("HV", "5000", "Voltage", Quantity(value=5.0, unit="kV")),
        ("HFW", "0.000452548", "Horizontal Field Width", Quantity(value=452.548, unit="µm")),
        ("WD", "0.011051", "Working Distance", Quantity(value=11.051, unit="mm")),
        ("EmissionCurrent", "0.000156", "Emission Current", Quantity(value=156.0, unit="µA")),
        ("StageX", "-0.0105162", "Stage Position X", Quantity(value=-10.5162, unit="mm")),
        ("StageTa", "0.0121551", "Stage Position α", Quantity(value=0.6964359296, unit="degree")),
    ],
)
def test_gives_values_in_the_units_that_people_read(
    read: Read, key: str, text: str, name: str, value: Quantity
) -> None:
    signal = read(beam(**{key: text}))

    assert signal.metadata.entries[name] == value


def test_turns_the_rotation_of_the_scan_into_degrees(read: Read) -> None:
    signal = read(beam(ScanRotation="3.14159265358979"))

    rotation = signal.metadata.entries["Scan Rotation"]
    assert isinstance(rotation, Quantity)
    assert (rotation.value, rotation.unit) == (pytest.approx(180.0), "degree")


def test_does_not_swap_the_sides_of_a_pixel(read: Read) -> None:
    signal = read({**beam(), "EScan": {"PixelWidth": "1e-9", "PixelHeight": "2e-9"}})

    assert signal.metadata.entries["Pixel Width"] == Quantity(value=1.0, unit="nm")
    assert [(axis.name, axis.scale, axis.unit) for axis in signal.axes] == [("y", 2.0, "nm"), ("x", 1.0, "nm")]


def test_calibrates_by_the_field_of_view_where_no_pixel_size_is_given(read: Read) -> None:
    signal = read({**beam(HFW="8e-6"), "Image": {"ResolutionX": "4", "ResolutionY": "3"}})

    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(2.0, "µm"), (2.0, "µm")]


@pytest.mark.parametrize(
    ("mode", "pressure"),
    [("High vacuum", Quantity(value=0.553, unit="mPa")), ("Low vacuum", Quantity(value=0.000553, unit="Pa"))],
)
def test_gives_pressure_in_the_unit_of_the_vacuum(read: Read, mode: str, pressure: Quantity) -> None:
    signal = read({"User": {}, "Vacuum": {"UserMode": mode, "ChPressure": "0.000553"}})

    assert signal.metadata.entries["Chamber Pressure"] == pressure


def test_marks_the_operator_as_not_to_be_trusted(read: Read) -> None:
    signal = read({"User": {"User": "supervisor"}})

    assert signal.metadata.warnings == ("Operator",)


@pytest.mark.parametrize(
    ("name", "data_type"), [("EBeam", "SEM_Imaging"), ("IBeam", "FIB_Imaging"), ("IRBeam", "Optical_Imaging")]
)
def test_tells_the_beams_apart(read: Read, name: str, data_type: str) -> None:
    signal = read({"User": {}, "Beam": {"Beam": name}, "EBeam": {"HV": 1}, "IBeam": {"HV": 2}})

    assert signal.metadata.data_type == data_type


def test_takes_the_settings_of_the_beam_and_detector_in_use(read: Read) -> None:
    sections = {
        "User": {},
        "Beam": {"Beam": "IBeam"},
        "EBeam": {"HV": 5000},
        "IBeam": {"HV": 30000},
        "Detectors": {"Name": "ICE"},
        "ETD": {"Signal": "SE"},
        "ICE": {"Signal": "SI"},
    }

    entries = read(sections).metadata.entries

    assert entries["Voltage"] == Quantity(value=30.0, unit="kV")
    assert entries["Detector Signal"] == "SI"


def test_takes_the_only_beam_that_is_described_where_none_is_named(read: Read) -> None:
    signal = read({"User": {}, "IBeam": {"HV": 30000}})

    assert signal.metadata.data_type == "FIB_Imaging"
    assert signal.metadata.entries["Voltage"] == Quantity(value=30.0, unit="kV")


def test_the_beam_in_use_says_more_than_the_microscope(read: Read) -> None:
    signal = read({**beam(StageX="0.001"), "Stage": {"StageX": "0.002", "StageY": "0.003"}})

    assert signal.metadata.entries["Stage Position X"] == Quantity(value=1.0, unit="mm")
    assert signal.metadata.entries["Stage Position Y"] == Quantity(value=3.0, unit="mm")


@pytest.mark.parametrize(
    ("section", "key", "name"),
    [
        ("EScan", "InternalScan", "Internal Scan"),
        ("EBeam", "TiltCorrectionIsOn", "Tilt Correction Enabled"),
        ("EBeam", "DynamicWDIsOn", "Dynamic WD Enabled"),
    ],
)
@pytest.mark.parametrize(("text", "value"), [("yes", True), ("true", True), ("no", False), ("", None)])
def test_says_what_was_switched_on(
    read: Read, section: str, key: str, name: str, text: str, value: bool | None
) -> None:
    signal = read({**beam(), section: {key: text}})

    assert signal.metadata.entries.get(name) == value


def test_gives_the_angle_of_a_tilt_correction_that_is_on(read: Read) -> None:
    signal = read(beam(TiltCorrectionIsOn="yes", TiltCorrectionAngle="0.5235987756"))

    assert signal.metadata.entries["Tilt Correction Angle"] == Quantity(value=30.0, unit="degree")


@pytest.mark.parametrize(("mode", "told"), [("On", True), ("Off", False)])
def test_gives_the_landing_energy_of_a_decelerated_beam_only(read: Read, mode: str, told: bool) -> None:
    signal = read({**beam(), "EBeamDeceleration": {"ModeOn": mode, "LandingEnergy": "1000", "StageBias": "4000"}})

    assert ("Landing Energy" in signal.metadata.entries) is told


def test_survives_sections_that_come_twice(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_fei_tiff(
        tmp_path / "a.tif", IMAGE, metadata={"User": {"User": "a"}, "MultiGISGas1": {"GasState": "Off"}}
    )
    path.write_bytes(path.read_bytes().replace(b"[MultiGISGas1]", b"[User]\r\nUser=b"))

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.entries["Operator"] == "a"


@pytest.mark.parametrize("text", ["n/a", "79.8.38", "1e999", "nan", "<b>"])
def test_leaves_out_and_notes_what_is_no_number(read: Read, text: str) -> None:
    signal = read(beam(HV=text))

    assert "Voltage" not in signal.metadata.entries
    assert any(note.startswith("Voltage") for note in signal.metadata.notes)


@pytest.mark.parametrize(
    ("date", "clock", "made"),
    [
        ("12/18/2017", "01:04:14 PM", datetime(2017, 12, 18, 18, 4, 14, tzinfo=UTC)),
        ("18.12.2017", "13:04:14", datetime(2017, 12, 18, 18, 4, 14, tzinfo=UTC)),
        ("18/12/2017", "13:04:14", datetime(2017, 12, 18, 18, 4, 14, tzinfo=UTC)),
    ],
    ids=["US", "Germany", "UK"],
)
def test_takes_the_date_in_the_instruments_zone(read: Read, date: str, clock: str, made: datetime) -> None:
    signal = read({"User": {"Date": date, "Time": clock}}, zone=ZoneInfo("America/New_York"))

    assert signal.metadata.creation_time == made


def test_tells_day_and_month_apart_by_the_time_of_creation(read: Read) -> None:
    stated = {"User": {"Date": "05/06/2022", "Time": "09:07:08"}}

    signal = read({**stated, "PrivateFei": {"TimeOfCreation": "05.06.2022 09:07:08"}})

    assert signal.metadata.creation_time == datetime(2022, 6, 5, 9, 7, 8, tzinfo=UTC)


@pytest.mark.parametrize("date", ["99/99/9999", "31.8.201", "'; DROP TABLE"])
def test_a_hostile_date_is_noted_and_not_fatal(read: Read, date: str) -> None:
    signal = read({"User": {"Date": date, "Time": "01:00:00 PM"}}, mtime=1_542_135_802.0)

    assert signal.metadata.creation_time == datetime(2018, 11, 13, 19, 3, 22, tzinfo=UTC)
    assert signal.metadata.notes


def test_prefers_the_time_with_a_zone_in_the_xml_part(read: Read) -> None:
    xml = '<?xml version="1.0"?><M><AcquisitionDatetime>2024-02-20T09:46:32+02:00</AcquisitionDatetime></M>'

    signal = read({"User": {"Date": "02/20/2024", "Time": "09:46:32 AM"}}, xml=xml)

    assert signal.metadata.creation_time == datetime(2024, 2, 20, 7, 46, 32, tzinfo=UTC)


XML = """<?xml version="1.0"?>
<Metadata xmlns:nil="http://schemas.fei.com/Metadata/v1/2013/07">
  <Core><UserID>ada</UserID></Core>
  <Acquisition><BeamType>Ion</BeamType></Acquisition>
  <Optics><AccelerationVoltage>2000</AccelerationVoltage><BeamCurrent>5E-11</BeamCurrent></Optics>
  <StageSettings><StagePosition><X>-0.0044612</X><Tilt><Alpha>0.5235987756</Alpha></Tilt></StagePosition></StageSettings>
  <BinaryResult><PixelSize><X unit="m">2.5E-07</X><Y unit="m">2.5E-07</Y></PixelSize></BinaryResult>
</Metadata>"""


def test_the_xml_part_fills_in_what_the_ini_text_lacks(read: Read) -> None:
    entries = read(beam(HV="5000"), xml=XML).metadata.entries

    assert entries["Voltage"] == Quantity(value=5.0, unit="kV")
    assert entries["Beam Current"] == Quantity(value=0.05, unit="nA")
    assert entries["Stage Position α"] == Quantity(value=30.0, unit="degree")
    assert entries["Operator"] == "ada"


def test_the_xml_part_alone_will_do(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, IMAGE, extratags=[(34683, "s", 0, XML, True)])

    assert extractor.claims(path, path.read_bytes()[:4096])
    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.data_type == "FIB_Imaging"
    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(250.0, "nm"), (250.0, "nm")]


def test_does_not_follow_entities_in_the_xml_part(read: Read) -> None:
    xml = (
        '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        "<m><AcquisitionDatetime>&x;</AcquisitionDatetime></m>"
    )

    signal = read({"User": {"User": "a"}}, xml=xml, mtime=1_542_135_802.0)

    assert signal.metadata.creation_time == datetime(2018, 11, 13, 19, 3, 22, tzinfo=UTC)


def test_leaves_the_pixels_in_the_file(read: Read, numbers_of: NumbersOf) -> None:
    signal = read({"User": {}})

    assert isinstance(signal.data, FileData)
    assert np.array_equal(numbers_of(signal), IMAGE)


@pytest.mark.parametrize(
    ("width", "height", "rows"),
    [(4, 2, 2), (4, 3, 3), (4, 99, 3), (4, 1, 1), (4, 0, 3), (8, 2, 3), (4, "9" * 9999, 3), (4, "n/a", 3)],
)
def test_leaves_out_the_data_bar_below_an_image_that_was_not_scaled(
    read: Read, numbers_of: NumbersOf, width: int, height: object, rows: int
) -> None:
    signal = read({"User": {}, "Image": {"ResolutionX": width, "ResolutionY": height}})

    assert np.array_equal(numbers_of(signal), IMAGE[:rows])
    assert signal.axes[0].size == rows


def test_keeps_the_settings_of_a_file_whose_pixels_are_a_lie(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_fei_tiff(tmp_path / "a.tif", IMAGE, metadata={"User": {"User": "a"}})
    width = b"\x00\x01\x04\x00\x01\x00\x00\x00"
    path.write_bytes(path.read_bytes().replace(width + b"\x04\x00\x00\x00", width + b"\xa0\x86\x01\x00"))

    (signal,) = extractor.read(source_of(path))

    assert signal.data is None
    assert any("100000 × 3 pixels" in note for note in signal.metadata.notes)


@pytest.mark.parametrize("content", [b"", b"II*\x00", b"[User]\nDate=12/18/2017", b"II*\x00\xff\xff\xff\xff"])
def test_refuses_what_is_no_tiff(tmp_path: Path, source_of: SourceOf, content: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)

    with pytest.raises(ExtractionError):
        extractor.read(source_of(path))


@pytest.mark.parametrize(
    "name",
    [
        "quanta_image.tif",
        "quad1image_001_no_beam_scan_or_system_meta.tif",
        "quanta_no_beam_scan_or_system_meta.tif",
    ],
)
def test_agrees_with_the_peer(all_em_files: Path, source_of: SourceOf, peer_values: PeerValues, name: str) -> None:
    peer = dict(split(*item) for item in peer_values["1.4.1"][name].items() if item[0] not in DIFFERENCES)

    (signal,) = extractor.read(source_of(all_em_files / "tif_fei" / name))

    assert {key: in_si(key, signal.metadata.entries.get(key)) for key in peer} == peer
    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.IMAGE, "SEM_Imaging")


def test_reads_the_settings_that_tia_exports(all_em_files: Path, source_of: SourceOf) -> None:
    path = all_em_files / "tif_fei" / "titan_tem_saed_image_dataZeroed.tif"

    metadata = extractor.read(source_of(path))[0].metadata

    assert (metadata.dataset_type, metadata.data_type) == (DatasetType.DIFFRACTION, "TEM_Diffraction")
    assert metadata.entries["Stage Position X"] == Quantity(value=633.553, unit="µm")
    assert metadata.entries["High Tension"] == Quantity(value=200.0, unit="kV")


def in_si(name: str, value: MetadataValue | None) -> MetadataValue | None:
    """Return a place or an angle of the stage in m or rad, as the file states it and as the peer repeats it."""
    if not name.startswith("Stage Position") or not isinstance(value, Quantity):
        return value
    factor, unit = (1e-3, "m") if value.unit == "mm" else (math.pi / 180, "rad")
    return Quantity(value=pytest.approx(value.value * factor, rel=1e-9), unit=unit)


def split(name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - plain JSON
    """Return a name of the peer without its unit, and the value with it; the peer gives no units to stages."""
    found = re.fullmatch(r"(.*) \((.*)\)", name)
    if found:
        return found[1], Quantity(value=value, unit=UNITS.get(found[2], found[2]))
    *words, last = name.split()
    if words == ["Stage", "Position"]:
        return name, Quantity(value=value, unit="m" if last in METRES else "rad")
    return name, value
