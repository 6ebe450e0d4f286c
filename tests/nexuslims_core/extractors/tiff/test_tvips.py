"""TVIPS TIFF: a real file against RosettaSciIO, whole and damaged."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import tifffile

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.tiff.tvips import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]

REAL = Path("tif_tvips", "TVIPS_bin4.tif")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Voltage", Quantity(value=99.0, unit="kV")),
        ("Magnification", 32_000),
        ("Exposure Time", Quantity(value=0.4, unit="s")),
        ("Camera Name", "F416"),
        ("Binning (Horizontal)", 4),
        ("Pixel Width", Quantity(value=1.420804, unit="nm")),
        ("Stage Position Y", Quantity(value=-0.092, unit="µm")),
        ("Stage Position α", Quantity(value=-0.007, unit="degree")),
    ],
)
def test_names_the_settings(all_em_files: Path, source_of: SourceOf, name: str, value: object) -> None:
    (signal,) = extractor.read(source_of(all_em_files / REAL))

    assert signal.metadata.entries[name] == value


def test_understands_the_date(all_em_files: Path, source_of: SourceOf) -> None:
    metadata = extractor.read(source_of(all_em_files / REAL))[0].metadata

    assert metadata.creation_time == datetime(2017, 4, 12, 9, 1, 17, tzinfo=UTC)
    assert "_12-04-2017_" in str(metadata.entries["Original Filename"])


def test_calibrates_as_rosettasciio_does(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / REAL))

    assert [(axis.scale, axis.unit) for axis in signal.axes] == [(pytest.approx(1.4208036661148071), "nm")] * 2


def test_keeps_the_settings_of_a_file_that_was_cut_short(
    tmp_path: Path, all_em_files: Path, source_of: SourceOf
) -> None:
    path = tmp_path / "cut.tif"
    path.write_bytes((all_em_files / REAL).read_bytes()[:100_000])

    (signal,) = extractor.read(source_of(path))

    assert signal.data is None
    assert signal.metadata.entries["Camera Name"] == "F416"


@pytest.mark.parametrize("place", [0, 8, 1 << 31])
def test_shows_the_image_whose_settings_are_elsewhere(tmp_path: Path, source_of: SourceOf, place: int) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((3, 4), np.uint8), extratags=[(37706, "I", 1, place, True)])

    (signal,) = extractor.read(source_of(path))

    assert signal.data is not None


def test_leaves_other_files_to_others(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((3, 4), np.uint8))

    assert not extractor.claims(path, path.read_bytes()[:4096])
    with pytest.raises(ExtractionError, match="37706"):
        extractor.read(source_of(path))
