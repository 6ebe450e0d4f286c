"""Any file is listed, with the time it was last written."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import SignalKind
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.basic import extractor
from nexuslims_core.testing.writers.text import write_text

SourceOf = Callable[..., Source]


def test_lists_a_file_that_nobody_reads(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_text(tmp_path / "Réglage.xyz", "?")

    (signal,) = extractor.read(source_of(path))

    assert (signal.title, signal.kind, signal.data) == ("Réglage", SignalKind.NONE, None)
    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.UNKNOWN, "Unknown")


def test_says_when_it_was_written_on_the_instruments_clock(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_text(tmp_path / "a.xyz", "", mtime=1_542_135_802.0)

    (signal,) = extractor.read(source_of(path, zone=ZoneInfo("America/New_York")))

    assert signal.metadata.creation_time == datetime(2018, 11, 13, 14, 3, 22, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize("mtime", [-62_135_596_801.0, 253_402_300_800.0], ids=["before year 1", "after year 9999"])
def test_survives_a_modification_time_that_no_calendar_has(tmp_path: Path, source_of: SourceOf, mtime: float) -> None:
    from dataclasses import replace

    source = source_of(write_text(tmp_path / "a.xyz", ""))

    (signal,) = extractor.read(replace(source, file=replace(source.file, mtime=mtime)))

    assert signal.metadata.creation_time is not None
