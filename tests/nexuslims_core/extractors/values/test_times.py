"""Which statements of a file on its own time are believed."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.values.times import creation_time

SourceOf = Callable[..., Source]
WRITTEN = datetime(2020, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def written_in_2020(tmp_path: Path, source_of: SourceOf) -> Source:
    path = tmp_path / "a.bin"
    path.write_bytes(b"a")
    os.utime(path, (WRITTEN.timestamp(), WRITTEN.timestamp()))
    return source_of(path, zone=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize("year", [1, 201, 1979, 2022, 2093, 2100, 9999])
def test_a_year_that_cannot_be_is_not_believed(written_in_2020: Source, year: int) -> None:
    made, notes = creation_time(written_in_2020, datetime(year, 1, 2))  # noqa: DTZ001 - as files state it

    assert made == WRITTEN
    assert str(year) in notes[0]


@pytest.mark.parametrize("year", [1980, 2019, 2021])
def test_a_year_before_the_file_was_written_or_just_after_is_believed(written_in_2020: Source, year: int) -> None:
    made, notes = creation_time(written_in_2020, datetime(year, 1, 2))  # noqa: DTZ001 - as files state it

    assert (made, notes) == (datetime(year, 1, 2, tzinfo=ZoneInfo("Asia/Tokyo")), ())


def test_a_file_store_that_forgot_the_time_proves_nothing(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"a")
    os.utime(path, (0, 0))

    made, notes = creation_time(source_of(path), datetime(2022, 1, 2))  # noqa: DTZ001 - as files state it

    assert (made, notes) == (datetime(2022, 1, 2, tzinfo=UTC), ())
