import subprocess
import sys
from datetime import UTC
from pathlib import Path

import pytest

from nexuslims_core.datasets.models import Unreadable
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.pool import read_files
from nexuslims_core.reading.starting import Wards

pytestmark = pytest.mark.slow  # each test starts processes of its own

JOB = Job(source=Source(file=FoundFile(path=Path("/absent/a.dm3"), size=1, mtime=0.0), zone=UTC), mirror=None)


def test_files_are_read_under_the_ward_that_was_started_ahead_and_later_ones_under_another() -> None:
    limits = Limits(workers=1, timeout_s=60, memory_mb=1024)
    with Wards() as wards:
        wards.start_ahead()
        (ahead,) = wards._ahead

        outcomes = [*read_files([JOB], limits, wards=wards), *read_files([JOB], limits, wards=wards)]

        assert ahead.process.returncode == 0
        assert [type(outcome) for outcome in outcomes] == [Unreadable, Unreadable]


def test_a_ward_that_nobody_asks_ends_with_the_block() -> None:
    with Wards() as wards:
        wards.start_ahead()
        (ahead,) = wards._ahead

    assert ahead.process.returncode is not None


def test_starting_a_ward_loads_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; from nexuslims_core.reading import starting; print(*{name.split('.')[0] for name in sys.modules})"
    )

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {"numpy", "pydantic", "sqlalchemy"}.isdisjoint(loaded)
