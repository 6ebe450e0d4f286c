"""JEOL SightX TIFF: real files against RosettaSciIO's calibration, and reports that the tests write themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import tifffile

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.tiff.jeol import extractor, wavelength_m
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]

IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)
MAGNIFIED, DIFFRACTED = "JEOL-SightX-TEM-mag-dummy.tif", "JEOL-SightX-SAED-dummy.tif"


def write_report(path: Path, inside: str) -> Path:
    report = f'<?xml version="1.0"?><TemReporter>{inside}</TemReporter>'
    tifffile.imwrite(path, IMAGE, description=report, resolution=(100, 100), resolutionunit="inch", metadata=None)
    return path


@pytest.mark.parametrize(
    ("file", "scale", "unit"), [(MAGNIFIED, 1.8207885304659497, "nm"), (DIFFRACTED, 0.2722542485800544, "1/nm")]
)
def test_calibrates_as_rosettasciio_does(
    all_em_files: Path, source_of: SourceOf, file: str, scale: float, unit: str
) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "tif_jeol" / file))

    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(pytest.approx(scale), unit)] * 2


def test_names_the_settings_of_an_image(all_em_files: Path, source_of: SourceOf) -> None:
    metadata = extractor.read(source_of(all_em_files / "tif_jeol" / MAGNIFIED))[0].metadata

    assert (metadata.dataset_type, metadata.data_type) == (DatasetType.IMAGE, "TEM_Imaging")
    assert metadata.entries["Magnification"] == 150_000
    assert metadata.entries["Voltage"] == Quantity(value=200.0, unit="kV")
    assert metadata.entries["Exposure Time"] == Quantity(value=0.1, unit="s")
    assert metadata.entries["Stage Position X"] == Quantity(value=-1.1963, unit="µm")
    assert metadata.entries["Stage Position α"] == Quantity(value=0.1, unit="degree")
    tokyo = timezone(timedelta(hours=9))
    assert metadata.creation_time == datetime(2019, 11, 27, 16, 11, 26, 620540, tzinfo=tokyo)


def test_names_the_settings_of_a_diffraction_pattern(all_em_files: Path, source_of: SourceOf) -> None:
    metadata = extractor.read(source_of(all_em_files / "tif_jeol" / DIFFRACTED))[0].metadata

    assert (metadata.dataset_type, metadata.data_type) == (DatasetType.DIFFRACTION, "TEM_Diffraction")
    assert metadata.entries["Camera Length"] == Quantity(value=400.0, unit="mm")


def test_adds_the_piezo_to_the_motor(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_report(
        tmp_path / "a.tif", "<GonioStage><StagePosition><MX>1000</MX><PX>50</PX></StagePosition></GonioStage>"
    )

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.entries["Stage Position X"] == Quantity(value=1.05, unit="µm")


def test_a_scanned_image_has_no_calibration_of_a_camera(tmp_path: Path, source_of: SourceOf) -> None:
    forming = (
        "<ModeString>MAG</ModeString><SelectorValue>1000</SelectorValue><SelectorUnitString>X</SelectorUnitString>"
    )
    path = write_report(
        tmp_path / "a.tif",
        f"<Eos><EosMode>eosASID</EosMode></Eos><ImageFormingSystem>{forming}</ImageFormingSystem>",
    )

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.data_type == "STEM_Imaging"
    assert [axis.unit for axis in signal.axes] == ["", ""]


@pytest.mark.parametrize(("voltage_v", "wavelength_pm"), [(200e3, 2.508), (300e3, 1.969)])
def test_knows_the_wavelength_of_electrons(voltage_v: float, wavelength_pm: float) -> None:
    assert wavelength_m(voltage_v) * 1e12 == pytest.approx(wavelength_pm, abs=1e-3)


@pytest.mark.parametrize(
    "inside",
    [
        "<DateTime>yesterday</DateTime>",
        "<ElectronGun><AccelerationVoltage>n/a</AccelerationVoltage></ElectronGun>",
        "<open>",
    ],
)
def test_a_damaged_field_is_noted_and_the_image_kept(tmp_path: Path, source_of: SourceOf, inside: str) -> None:
    (signal,) = extractor.read(source_of(write_report(tmp_path / "a.tif", inside)))

    assert signal.data is not None
    assert signal.metadata.notes


def test_leaves_other_files_to_others(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, IMAGE, description="JEOL", metadata=None)

    assert not extractor.claims(path, path.read_bytes()[:4096])
    with pytest.raises(ExtractionError, match="TemReporter"):
        extractor.read(source_of(path))
