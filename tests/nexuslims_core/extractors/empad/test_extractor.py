"""EMPAD: the real descriptions, and small acquisitions written here after them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.empad.extractor import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
TIMESTAMP = '<timestamp timestamp="1559906242.5" isoformat="2019-06-07T13:17:22.500000"/>'


def describe(path: Path, raw: str = "scan_x3_y2.raw", more: str = "", stamp: str = TIMESTAMP) -> Path:
    path.write_text(
        f'<root name="a">{stamp}<software_version>1.2</software_version><raw_file filename="{raw}"/>{more}</root>'
    )
    return path


def patterns(path: Path, count: int) -> NDArray[np.float32]:
    rows = np.arange(count * 130 * 128, dtype="<f4").reshape(count, 130, 128)
    path.write_bytes(rows.tobytes())
    return rows[:, :128]


def test_names_what_a_real_description_says(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "empad" / "EMPAD_v1.2.2_x32_y64_size0.8.xml"))

    entries = signal.metadata.entries
    assert entries["Voltage"] == Quantity(value=300.0, unit="kV")
    assert entries["Camera Length"] == Quantity(value=369.0, unit="mm")
    assert entries["Spot Size"] == 7
    assert entries["Exposure Time"] == Quantity(value=0.001, unit="s")
    assert entries["Detector Temperature"] == Quantity(value=-5.0, unit="degC")
    assert (entries["Scan Columns"], entries["Scan Rows"]) == (32, 64)
    assert entries["Pixel Width"] == Quantity(value=27.61312, unit="nm")  # 1.2724 µm / 0.72 / 64
    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.DIFFRACTION, "4D_STEM")


def test_the_two_statements_of_its_time_tell_its_zone(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "empad" / "EMPAD_v1.2.2_x32_y64_size0.8.xml"))

    made = signal.metadata.creation_time
    assert made is not None
    assert made.utcoffset() == timedelta(hours=-4)
    assert made.timestamp() == pytest.approx(1774471672.586728)


@pytest.mark.parametrize(
    ("stamp", "made"),
    [
        ('<timestamp isoformat="2019-06-07T13:17:22"/>', datetime(2019, 6, 7, 13, 17, 22, tzinfo=UTC)),
        ('<timestamp timestamp="1559906242"/>', datetime(2019, 6, 7, 11, 17, 22, tzinfo=UTC)),
        ('<timestamp timestamp="1e99" isoformat="2019-06-07T13:17:22"/>', datetime(2019, 6, 7, 13, 17, 22, tzinfo=UTC)),
        ('<timestamp timestamp="5" isoformat="2019-06-07T13:17:22"/>', datetime(2019, 6, 7, 13, 17, 22, tzinfo=UTC)),
    ],
    ids=["local only", "seconds only", "impossible seconds", "a reset clock"],
)
def test_takes_the_time_that_makes_sense(tmp_path: Path, source_of: SourceOf, stamp: str, made: datetime) -> None:
    (signal,) = extractor.read(source_of(describe(tmp_path / "a.xml", stamp=stamp)))

    assert signal.metadata.creation_time == made


def test_reads_a_scan_without_the_rows_below_each_pattern(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf
) -> None:
    wanted = patterns(tmp_path / "scan_x3_y2.raw", 6)

    (signal,) = extractor.read(source_of(describe(tmp_path / "a.xml")))

    assert np.array_equal(numbers_of(signal), wanted.reshape(2, 3, 128, 128))
    assert signal.kind is SignalKind.IMAGE_STACK


def test_reads_a_series(all_em_files: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(all_em_files / "empad" / "stack_images.xml"))

    assert signal.data is not None
    assert signal.data.shape == (10, 128, 128)
    assert signal.metadata.data_type == "STEM_Diffraction"
    assert signal.metadata.warnings == ("Data Type",)  # it does not say that the column is in STEM mode


def test_older_files_state_the_scan_and_its_calibrations(tmp_path: Path, source_of: SourceOf) -> None:
    patterns(tmp_path / "acquired.raw", 6)
    more = "<pix_x>3</pix_x><pix_y>2</pix_y><iom_measurements><calibrated_pixelsize>3.3e-10</calibrated_pixelsize>"
    more += "<optics.get_full_scan_field_of_view>[2e-8, 6e-8]</optics.get_full_scan_field_of_view></iom_measurements>"

    (signal,) = extractor.read(source_of(describe(tmp_path / "a.xml", raw="acquired.raw", more=more)))

    assert [axis.size for axis in signal.axes] == [2, 3, 128, 128]
    assert [axis.scale for axis in signal.axes[:2]] == pytest.approx([10.0, 20.0])
    assert (signal.axes[2].scale, signal.axes[2].unit) == (pytest.approx(0.33), "1/nm")


def test_keeps_the_settings_where_the_patterns_are_gone(tmp_path: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(describe(tmp_path / "a.xml")))

    assert signal.data is None
    assert signal.metadata.entries["Software Version"] == "1.2"
    assert signal.metadata.notes == ("no picture: the file of the patterns, scan_x3_y2.raw, is not beside it",)


@pytest.mark.parametrize("name", ["/etc/passwd", "../other/scan_x1_y1.raw", "..", ""])
def test_a_description_cannot_point_out_of_its_folder(tmp_path: Path, source_of: SourceOf, name: str) -> None:
    path = describe(tmp_path / "a.xml", raw=name, more="<pix_x>1</pix_x><pix_y>1</pix_y>")

    (signal,) = extractor.read(source_of(path))

    assert signal.data is None
    assert "in its own folder" in signal.metadata.notes[0]


@pytest.mark.parametrize(("held", "shape"), [(5, (1, 3, 128, 128)), (2, (2, 128, 128)), (0, None)])
def test_keeps_what_is_there_of_an_interrupted_scan(
    tmp_path: Path, source_of: SourceOf, held: int, shape: tuple[int, ...] | None
) -> None:
    patterns(tmp_path / "scan_x3_y2.raw", held)

    (signal,) = extractor.read(source_of(describe(tmp_path / "a.xml")))

    assert (signal.data.shape if signal.data else None) == shape
    assert "claims 6 patterns and holds" in signal.metadata.notes[0]


@pytest.mark.parametrize(
    "content", ["<root><raw_file filename='a.raw'/></root>", "<root><software_version>1", "no xml", "<a/>"]
)
def test_refuses_what_describes_no_acquisition(tmp_path: Path, source_of: SourceOf, content: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(content)

    with pytest.raises(ExtractionError, match="EMPAD"):
        extractor.read(source_of(path))


@pytest.mark.parametrize(
    ("content", "owner"),
    [
        ("<?xml version='1.0'?><LSX_Data_Version/>", "general"),
        ("<html><body>a page</body></html>", "basic"),
        ("<root><timestamp/></root>", "basic"),
    ],
    ids=["Jobin Yvon", "a page", "a look-alike"],
)
def test_other_descriptions_go_to_their_readers(tmp_path: Path, content: str, owner: str) -> None:
    (tmp_path / "a.xml").write_text(content)

    assert choose(tmp_path / "a.xml").name == owner


def test_real_descriptions_come_to_it(all_em_files: Path) -> None:
    assert {choose(path).name for path in (all_em_files / "empad").glob("*.xml")} == {"empad"}
