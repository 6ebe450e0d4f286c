"""Sample FEI images are what RosettaSciIO and Pillow take for real ones."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nexuslims_core.testing.writers.fei_tiff import TEXT_TAG, write_fei_tiff

SETTINGS = {
    "User": {"Date": "12/18/2017", "Time": "01:04:14 PM", "User": "a"},
    "System": {"SystemType": "Quanta"},
    "Beam": {"Beam": "EBeam", "Scan": "EScan"},
    "EBeam": {"HV": 5000, "StageX": 0, "StageY": 0, "StageZ": 0, "StageR": 0, "StageTa": 0},
    "Scan": {"PixelWidth": 1e-9, "PixelHeight": 1e-9},
    "EScan": {"PixelWidth": 1e-9, "PixelHeight": 1e-9},
    "Stage": {},
    "Image": {},
    "Detectors": {"Name": "ETD"},
    "ETD": {"Signal": "SE"},
}


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_rosettasciio_reads_the_same_pixels(tmp_path: Path, dtype: str) -> None:
    from rsciio.tiff import file_reader

    image = np.arange(12, dtype=dtype).reshape(3, 4)

    (signal,) = file_reader(str(write_fei_tiff(tmp_path / "a.tif", image, metadata=SETTINGS)))

    assert np.array_equal(signal["data"], image)
    assert [axis["units"] for axis in signal["axes"]] == ["m", "m"]


def test_pillow_reads_pixels_and_text(tmp_path: Path) -> None:
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)

    with Image.open(write_fei_tiff(tmp_path / "a.tif", image, metadata=SETTINGS)) as opened:
        assert np.array_equal(np.asarray(opened), image)
        assert opened.getexif()[TEXT_TAG].startswith("[User]")


def test_sets_the_modification_time(tmp_path: Path) -> None:
    path = write_fei_tiff(tmp_path / "a.tif", np.zeros((1, 1), np.uint8), metadata={}, mtime=1_542_135_802.5)

    assert path.stat().st_mtime == 1_542_135_802.5
