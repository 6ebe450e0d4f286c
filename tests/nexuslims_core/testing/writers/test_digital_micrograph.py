"""Sample DM3 and DM4 files are what RosettaSciIO takes for real ones."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from nexuslims_core.testing.writers.digital_micrograph import Calibration, DmImage, write_dm, write_dm_images

TYPES = ["int16", "float32", "complex64", "uint8", "int32", "int8", "uint16", "uint32", "float64", "complex128", "bool"]


def read(path: Path) -> list[dict[str, Any]]:
    from rsciio.digitalmicrograph import file_reader

    signals: list[dict[str, Any]] = file_reader(str(path), lazy=False)
    return signals


@pytest.mark.parametrize("version", [3, 4], ids=["dm3", "dm4"])
@pytest.mark.parametrize("dtype", TYPES)
def test_rosettasciio_reads_the_same_numbers(tmp_path: Path, version: Literal[3, 4], dtype: str) -> None:
    data = np.arange(6).reshape(2, 3).astype(dtype)

    (signal,) = read(write_dm(tmp_path / "a.dm", data, version=version))

    assert signal["data"].dtype == data.dtype
    assert np.array_equal(signal["data"], data)


@pytest.mark.parametrize("version", [3, 4], ids=["dm3", "dm4"])
def test_rosettasciio_reads_the_same_tags(tmp_path: Path, version: Literal[3, 4]) -> None:
    tags = {
        "Meta Data": {"Format": "Image", "µ": "°C"},
        "Numbers": {
            "i": -7,
            "u": 4_000_000_000,
            "f": 2.5,
            "yes": True,
            "list": [1, 2],
            "floats": [0.5],
            "pair": (1, 2),
        },
        "Processing": {"TagGroup0": {"Operation": "Background Removal"}, "TagGroup1": {"Operation": "x"}},
        "Empty": [],
    }

    (signal,) = read(write_dm(tmp_path / "a.dm", np.zeros((2, 2), np.uint8), tags=tags, name="Gold", version=version))

    image = signal["original_metadata"]["ImageList"]["TagGroup0"]
    assert image["ImageTags"] == tags
    assert image["Name"] == "Gold"


def test_rosettasciio_reads_the_same_calibrations(tmp_path: Path) -> None:
    calibrations = (Calibration(scale=2.0, unit="µm"), Calibration(origin=10.0, scale=0.5, unit="nm"))

    (signal,) = read(write_dm(tmp_path / "a.dm3", np.zeros((2, 3), np.int16), calibrations=calibrations))

    stated = [(axis["name"], axis["size"], axis["scale"], axis["offset"], axis["units"]) for axis in signal["axes"]]
    assert stated == [("y", 2, 2.0, 0.0, "µm"), ("x", 3, 0.5, -5.0, "nm")]


def test_a_file_holds_several_images_and_its_thumbnail_is_none_of_them(tmp_path: Path) -> None:
    images = [DmImage(data=np.full((2, 2), i, np.int32), name=f"image {i}") for i in range(3)]

    signals = read(write_dm_images(tmp_path / "a.dm4", images, version=4))

    assert [signal["metadata"]["General"]["title"] for signal in signals] == ["image 0", "image 1", "image 2"]


def test_keeps_the_modification_time_that_is_asked_for(tmp_path: Path) -> None:
    path = write_dm(tmp_path / "a.dm3", np.zeros(4, np.float32), mtime=1542135802.5)

    assert path.stat().st_mtime == 1542135802.5


def test_refuses_a_value_that_no_tag_can_hold(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no tag can hold None"):
        write_dm(tmp_path / "a.dm3", np.zeros(4, np.float32), tags={"x": None})
