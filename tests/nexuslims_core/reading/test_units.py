"""Units of every value of every real file."""

import os
from datetime import UTC
from pathlib import Path

import pint
import pytest

from nexuslims_core.datasets.models import Extracted
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import companions
from nexuslims_core.files.models import FoundFile
from nexuslims_core.files.parts import parts_of
from nexuslims_core.quantities import Quantity
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.pool import read_files


@pytest.mark.slow
def test_units_of_all_values_are_units_to_pint(all_em_files: Path) -> None:
    paths = [path for path in sorted(all_em_files.rglob("*")) if path.is_file()]
    parts = {part for owned in parts_of([str(path) for path in paths], companions()).values() for part in owned}
    jobs = [job(path) for path in paths if str(path) not in parts]

    outcomes = read_files(jobs, Limits(workers=os.cpu_count() or 1, timeout_s=60, memory_mb=2048))
    entries = [
        (outcome.file.path.name, name, value.unit)
        for outcome in outcomes
        if isinstance(outcome, Extracted)
        for dataset in outcome.datasets
        for name, value in dataset.metadata.entries.items()
        if isinstance(value, Quantity)
    ]

    assert len(entries) > 1500
    assert [entry for entry in entries if not is_unit(entry[2])] == []


def job(path: Path) -> Job:
    status = path.stat()
    file = FoundFile(path=path, size=status.st_size, mtime=status.st_mtime)
    return Job(source=Source(file=file, zone=UTC), mirror=None)


def is_unit(text: str) -> bool:
    try:
        pint.Unit(text)
    except (pint.errors.PintError, ValueError, TypeError, AttributeError):
        return False
    return True
