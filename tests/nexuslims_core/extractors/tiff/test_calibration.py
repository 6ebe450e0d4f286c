"""What programs write into TIFF files about sizes, axes and times."""

import gc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.general import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]

IMAGE = np.arange(48, dtype=np.uint8).reshape(6, 8)


def test_reads_the_axes_of_an_ome_tiff(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    path = tmp_path / "a.ome.tif"
    images = np.arange(2 * 3 * 8 * 9, dtype=np.uint16).reshape(2, 3, 8, 9)
    sizes = {"PhysicalSizeX": 0.25, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.5, "PhysicalSizeZ": 2.0}
    tifffile.imwrite(path, images, metadata={"axes": "TZYX", **sizes}, photometric="minisblack")

    (signal,) = extractor.read(source_of(path))

    assert [(axis.name, axis.scale, axis.unit) for axis in signal.axes] == [
        ("t", 1.0, ""),
        ("z", 2.0, "µm"),
        ("y", 0.5, "µm"),
        ("x", 0.25, "µm"),
    ]
    assert np.array_equal(numbers_of(signal), images)


@pytest.mark.parametrize(
    ("name", "scales", "entries"),
    [
        (
            "tif_imagej/test_loading_image_saved_with_imageJ_stack.tif",
            [(2.5, "µm"), (0.16867471098853332, "µm"), (0.16867471098853332, "µm")],
            {"Images": 2, "Slices": 2},
        ),
        ("tif_dm/test_loading_image_saved_with_DM.tif", [(0.16867469251155853, "µm")] * 2, {}),
        ("tif_imagej/test_loading_image_saved_with_imageJ.tif", [(0.16867471098853332, "µm")] * 2, {}),
    ],
)
def test_calibrates_as_rosettasciio_does(
    all_em_files: Path, source_of: SourceOf, name: str, scales: list[tuple[float, str]], entries: dict[str, object]
) -> None:
    (signal,) = extractor.read(source_of(all_em_files / name))

    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(pytest.approx(scale), unit) for scale, unit in scales]
    assert entries.items() <= signal.metadata.entries.items()


def test_names_what_an_olympus_camera_says(all_em_files: Path, source_of: SourceOf) -> None:
    _, signal = extractor.read(source_of(all_em_files / "tif_olympus" / "olympus_SIS.tif"))

    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(pytest.approx(0.023928), "nm")] * 2
    assert signal.metadata.entries["Magnification"] == 600_000
    assert signal.metadata.entries["Device Model"] == "Quemesa"
    assert signal.metadata.data_type == "TEM_Imaging"
    assert signal.metadata.creation_time == datetime(2018, 11, 15, 19, 42, tzinfo=UTC)


def test_says_what_the_standards_tags_say(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        IMAGE,
        description="grain boundary, second try",
        software="Acme 1.2",
        datetime="2021:02:03 04:05:06",
        metadata=None,
        resolution=(300, 300),
        resolutionunit="inch",
    )

    (signal,) = extractor.read(source_of(path))

    assert signal.metadata.entries["Description"] == "grain boundary, second try"
    assert signal.metadata.entries["Software Version"] == "Acme 1.2"
    assert signal.metadata.creation_time == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert [axis.unit for axis in signal.axes] == ["", ""]


@pytest.mark.parametrize(
    ("unit", "axis"),
    [
        ("um", (0.5, "µm")),
        ("\\u00B5m", (0.5, "µm")),
        ("nm", (0.5, "nm")),
        ("m", (5e8, "nm")),
        ("angstrom", (0.5, "Å")),
        ("pixel", (1.0, "")),
        ("inch", (1.0, "")),
        (None, (1.0, "")),
    ],
)
def test_reads_the_unit_of_imagej(
    tmp_path: Path, source_of: SourceOf, unit: str | None, axis: tuple[float, str]
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, IMAGE, imagej=True, resolution=(2, 2), metadata={"unit": unit} if unit else {})

    (signal,) = extractor.read(source_of(path))

    assert (signal.axes[1].scale, signal.axes[1].unit) == axis
    assert ("Pixel Width" in signal.metadata.entries) is bool(axis[1])


def test_knows_the_time_between_frames(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.tif"
    images = np.stack([IMAGE] * 3)
    tifffile.imwrite(path, images, imagej=True, metadata={"axes": "TYX", "finterval": 0.2})

    (signal,) = extractor.read(source_of(path))

    assert (signal.axes[0].name, signal.axes[0].scale, signal.axes[0].unit) == ("t", 0.2, "s")
    assert signal.metadata.entries["Frame Interval"] == Quantity(value=0.2, unit="s")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # RosettaSciIO leaves open files to the collector
def test_leaves_streak_images_to_rosettasciio(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.tif"
    scaling = (
        '[Scaling],ScalingXScalingFile="Other",ScalingYScalingFile="Focus mode",ScalingXUnit="nm",ScalingYUnit="ns"'
    )
    artist = (315, "s", 0, "Copyright Hamamatsu GmbH, 2018", True)
    tifffile.imwrite(path, IMAGE, description=scaling, metadata=None, extratags=[artist], software="HPD-TA 9.5")

    units = [axis.unit for signal in extractor.read(source_of(path)) for axis in signal.axes]
    gc.collect()

    assert units == ["ns", "nm"]
