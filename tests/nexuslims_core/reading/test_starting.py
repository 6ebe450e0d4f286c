import signal
import subprocess
import sys
import time
from datetime import UTC
from pathlib import Path

import pytest

from nexuslims_core.datasets.models import Extracted, Unreadable
from nexuslims_core.errors import ReadingError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import catalogue
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.pool import read_ahead, read_files
from nexuslims_core.reading.starting import Started, Wards

pytestmark = pytest.mark.slow  # each test starts processes of its own

LIMITS = Limits(workers=1, timeout_s=60, memory_mb=1024)
JOB = Job(source=Source(file=FoundFile(path=Path("/absent/a.dm3"), size=1, mtime=0.0), zone=UTC), mirror=None)


def ward_of(wards: Wards) -> Started:
    """Return the ward that was started ahead."""
    assert wards._ahead is not None
    return wards._ahead


def writing(folder: Path, name: str) -> Job:
    """Return the job to read a text that is there."""
    path = folder / name
    path.write_text("Dwell time: 10 us")
    found = FoundFile(path=path, size=path.stat().st_size, mtime=path.stat().st_mtime)
    return Job(source=Source(file=found, zone=UTC), mirror=None)


def test_files_are_read_under_the_ward_that_was_started_ahead_and_later_ones_under_another() -> None:
    with Wards() as wards:
        wards.start_ahead()
        ahead = ward_of(wards)

        outcomes = [*read_files([JOB], LIMITS, wards=wards), *read_files([JOB], LIMITS, wards=wards)]

        assert ahead.process.returncode == 0
        assert [type(outcome) for outcome in outcomes] == [Unreadable, Unreadable]


def test_a_ward_that_nobody_asks_ends_with_the_block() -> None:
    with Wards() as wards:
        wards.start_ahead()
        ahead = ward_of(wards)

    assert ahead.process.returncode is not None


def test_files_asked_for_ahead_are_read_once_in_whatever_order_they_are_wanted(tmp_path: Path) -> None:
    jobs = [writing(tmp_path, name) for name in ("a.txt", "b.txt")]
    with Wards() as wards:
        wards.start_ahead()
        ahead = ward_of(wards)
        read_ahead(jobs, LIMITS, wards)

        outcomes = read_files(jobs[::-1], LIMITS, wards=wards)

        assert [outcome.file.path.name for outcome in outcomes] == ["b.txt", "a.txt"]
        assert ahead.process.returncode == 0


def test_a_ward_asked_ahead_for_other_files_is_ended_and_another_reads(tmp_path: Path) -> None:
    first, second = (writing(tmp_path, name) for name in ("a.txt", "b.txt"))
    with Wards() as wards:
        wards.start_ahead()
        ahead = ward_of(wards)
        read_ahead([first], LIMITS, wards)

        (outcome,) = read_files([second], LIMITS, wards=wards)

        assert isinstance(outcome, Extracted)
        assert ahead.process.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
        assert not wards.stand_ready


def test_a_ward_that_is_ended_while_it_practises_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Wards() as wards:
        wards.start_ahead()
        while ward_of(wards).process.poll() is None and not any(tmp_path.iterdir()):
            time.sleep(0.001)
        practised = any(tmp_path.iterdir())

    assert practised
    assert not any(tmp_path.iterdir())


def test_what_readers_declare_comes_from_the_ward_that_has_loaded_them() -> None:
    code = """
import sys
from nexuslims_core.reading.starting import Started, Wards
with Wards() as wards:
    wards.start_ahead()
    told = wards.catalogue()
loaded = [name for name in sys.modules if name.startswith("nexuslims_core.extractors.digital")]
from nexuslims_core.extractors.choosing import catalogue
print(told == catalogue(), loaded)
"""

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said == "True []\n"


def test_what_readers_declare_is_known_when_the_ward_died() -> None:
    with Wards() as wards:
        wards.start_ahead()
        ward_of(wards).process.kill()

        assert wards.catalogue() == catalogue()
        assert not wards.stand_ready


def test_a_ward_that_dies_before_it_is_asked_is_told_of_in_a_sentence() -> None:
    with Wards() as wards:
        wards.start_ahead()
        ward_of(wards).process.kill()
        ward_of(wards).process.wait()

        with pytest.raises(ReadingError, match="ended by itself"):
            read_files([JOB], LIMITS, wards=wards)


def test_starting_a_ward_loads_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; from nexuslims_core.reading import starting; print(*{name.split('.')[0] for name in sys.modules})"
    )

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {"numpy", "pydantic", "sqlalchemy"}.isdisjoint(loaded)
