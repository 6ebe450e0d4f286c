"""Bruker's maps and spectra: what RosettaSciIO reads, under NexusLIMS's names, with its slips put right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SummedData
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.bruker import map as bruker_map
from nexuslims_core.extractors.bruker.extractor import extractor
from nexuslims_core.extractors.bruker.map import BrukerMap
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
Read = Callable[[str], tuple[Signal, ...]]


@pytest.fixture
def read(all_em_files: Path, source_of: SourceOf) -> Read:
    return lambda name: extractor.read(source_of(all_em_files / name))


def test_gives_images_and_map_with_their_kinds(read: Read) -> None:
    told = [(one.title, one.metadata.data_type) for one in read("bcf/P45_the_default_job.bcf")]

    assert told == [("BSE", "SEM_Imaging"), ("SE", "SEM_Imaging"), ("EDS map", "SEM_EDS_Spectrum_Imaging")]


def test_knows_a_high_voltage_for_a_transmission_microscope(read: Read) -> None:
    kinds = [one.metadata.data_type for one in read("bcf/-10.bcf")]

    assert kinds == ["STEM_Imaging", "STEM_EDS_Spectrum_Imaging"]


def test_puts_the_stage_where_a_stage_can_be(read: Read) -> None:
    entries = read("bcf/P45_the_default_job.bcf")[0].metadata.entries

    assert entries["Stage Position X"] == Quantity(value=62409.2, unit="µm")
    assert entries["Stage Position R"] == Quantity(value=329.49719, unit="degree")


def test_names_what_a_map_was_taken_with(read: Read) -> None:
    entries = read("bcf/P45_the_default_job.bcf")[-1].metadata.entries

    assert entries["Working Distance"] == Quantity(value=7.69044, unit="mm")
    assert entries["Pixel Dwell Time"] == Quantity(value=32, unit="µs")
    assert entries["Detector Name"] == "XFlash 6|10"
    assert entries["Elevation Angle"] == Quantity(value=35.0, unit="degree")


def test_leaves_out_what_esprit_was_not_told(read: Read) -> None:
    entries = read("bcf/-10.bcf")[0].metadata.entries

    assert not {"Working Distance", "Stage Position X"} & set(entries)


def test_sets_the_columns_of_a_map_as_far_apart_as_those_of_its_image(read: Read) -> None:
    image, _, spectra = read("bcf/bcf_v2_50x50px.bcf")

    assert spectra.axes[1].scale == image.axes[1].scale != spectra.axes[0].scale


def test_gives_images_the_time_of_their_map(all_em_files: Path, source_of: SourceOf) -> None:
    zone = ZoneInfo("Europe/Berlin")
    signals = extractor.read(source_of(all_em_files / "bcf" / "-10.bcf", zone=zone))

    assert {one.metadata.creation_time for one in signals} == {datetime(2018, 11, 29, 21, 44, 9, tzinfo=zone)}


def test_tells_the_surroundings_of_a_map(read: Read) -> None:
    assert [one.title for one in read("bcf/bcf_v2_50x50px.bcf")] == ["Ch 1", "Ch 1 (overview)", "EDS map"]


@pytest.mark.parametrize("name", ["P45_the_default_job", "over16bit", "bcf_v2_50x50px"])
def test_adds_a_map_up_as_its_unpacked_numbers(read: Read, numbers_of: NumbersOf, name: str) -> None:
    signal = read(f"bcf/{name}.bcf")[-1]
    numbers = numbers_of(signal)

    assert isinstance(signal.data, SummedData)
    places, spectrum = signal.data.sums()

    assert np.array_equal(places, numbers.sum(-1, dtype=np.int64))
    assert np.array_equal(spectrum, numbers.sum((0, 1), dtype=np.int64))


def test_takes_places_together_where_a_map_would_not_fit(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    data = read("bcf/P45_the_default_job.bcf")[-1].data
    assert isinstance(data, BrukerMap)
    places, spectrum = data.sums()
    monkeypatch.setattr(bruker_map, "MOST_BYTES", 5 << 20)

    coarse, same = data.sums()

    assert data.places_together() == 4
    assert coarse.shape == (75, 100)
    assert coarse[:4, :4].sum() == pytest.approx(places[:4, :4].sum())
    assert coarse.sum() == pytest.approx(places.sum())
    assert np.array_equal(same, spectrum)


def test_reads_a_spectrum_with_its_times(read: Read) -> None:
    (signal,) = read("spx/extracted_from_bcf.spx")

    assert signal.metadata.data_type == "SEM_EDS"
    assert signal.metadata.entries["Live Time"] == Quantity(value=0.025, unit="s")
    assert signal.metadata.entries["Real Time"] == Quantity(value=0.04, unit="s")


def test_does_not_take_an_x_ray_tube_for_a_microscope(read: Read) -> None:
    (signal,) = read("spx/bruker_m6_jetstream_file_example.spx")

    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.SPECTRUM, "XRF")


def test_claims_its_files_by_content(all_em_files: Path) -> None:
    names = {choose(path).name for folder in ("bcf", "spx") for path in (all_em_files / folder).iterdir()}

    assert names == {"bruker"}


@pytest.mark.parametrize(
    ("name", "renamed", "signals"),
    [("bcf/P45_the_default_job.bcf", "job", 3), ("spx/extracted_from_bcf.spx", "a.xml", 1)],
)
def test_reads_its_files_under_other_names(
    all_em_files: Path, tmp_path: Path, source_of: SourceOf, name: str, renamed: str, signals: int
) -> None:
    path = tmp_path / renamed
    path.write_bytes((all_em_files / name).read_bytes())

    assert choose(path).name == "bruker"
    assert len(extractor.read(source_of(path))) == signals


def test_refuses_a_map_that_is_cut_short(all_em_files: Path, tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "cut.bcf"
    path.write_bytes((all_em_files / "bcf" / "over16bit.bcf").read_bytes()[:5000])

    with pytest.raises(ExtractionError):
        extractor.read(source_of(path))


def test_refuses_a_spectrum_that_defines_entities(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "bomb.spx"
    path.write_text('<!DOCTYPE a [<!ENTITY b "c">]><a><ClassInstance Type="TRTSpectrum">&b;</ClassInstance></a>')

    with pytest.raises(ExtractionError, match="entities"):
        extractor.read(source_of(path))


def test_refuses_a_spectrum_that_no_detector_fills(all_em_files: Path, source_of: SourceOf) -> None:
    source = source_of(all_em_files / "spx" / "extracted_from_bcf.spx")
    large = replace(source, file=replace(source.file, size=1 << 40))

    with pytest.raises(ExtractionError, match="larger than"):
        extractor.read(large)
