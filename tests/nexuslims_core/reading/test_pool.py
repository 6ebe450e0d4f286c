import ctypes
import os
import subprocess
import sys
import time
from datetime import UTC
from pathlib import Path

import pytest

from nexuslims_core.datasets.models import Dataset, DatasetType, Extracted, Metadata, Outcome, Unreadable
from nexuslims_core.errors import StorageError
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.opening import Job
from nexuslims_core.reading.pool import Limits, read_files

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow  # each test starts a pool of its own
LIMITS = Limits(workers=2, timeout_s=3.0, memory_mb=512)


def job(name: str, size: int = 1) -> Job:
    file = FoundFile(path=Path("/store") / name, size=size, mtime=0.0)
    return Job(source=Source(file=file, zone=UTC), mirror=None)


def behave(job: Job) -> Outcome:
    """Do what the file's name says; stands for the foreign readers, which do all of this."""
    name = job.source.path.name
    if name == "crash":
        ctypes.string_at(0)
    if name == "exit":
        os._exit(3)
    if name == "hang":
        time.sleep(60)
    if name == "eat":
        bytearray(2 << 30)
    if name == "print":
        os.write(1, b"a reader's warning\n")
    if name == "raise":
        raise KeyError("no such tag\x00")
    if name == "full disk":
        raise StorageError("cannot write: no space left on device")
    metadata = Metadata(dataset_type=DatasetType.MISC, data_type="Misc", creation_time=None)
    return Extracted(file=job.source.file, datasets=(Dataset(name=name, metadata=metadata, extractor="x"),))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("crash", "its reader crashed (SIGSEGV)"),
        ("exit", "its reader crashed (exit code 3)"),
        ("hang", "reading it took longer than 3 s, so it was stopped"),
        ("eat", "reading it needs more than the 512 MB that one file may take"),
        ("raise", "its reader failed: KeyError: 'no such tag\\x00'"),
    ],
)
def test_what_a_reader_does_to_its_process_costs_one_file(name: str, reason: str) -> None:
    outcomes = read_files([job("good"), job(name), job("better")], LIMITS, work=behave)

    assert [type(outcome) for outcome in outcomes] == [Extracted, Unreadable, Extracted]
    assert isinstance(outcomes[1], Unreadable)
    assert outcomes[1].reason == reason


def test_what_a_reader_prints_stays_out_of_the_output() -> None:
    here = "tests.nexuslims_core.reading.test_pool"
    code = f"from {here} import *; read_files([job('print')], LIMITS, work=behave)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("", "a reader's warning\n")


def test_outcomes_come_in_the_order_of_the_files_whatever_their_size() -> None:
    names = [f"file{i}" for i in range(7)]

    outcomes = read_files([job(name, size=i % 3) for i, name in enumerate(names)], LIMITS, work=behave)

    assert [outcome.file.path.name for outcome in outcomes] == names


def test_a_full_disk_is_no_fault_of_the_file() -> None:
    with pytest.raises(StorageError, match="no space left"):
        read_files([job("good"), job("full disk")], LIMITS, work=behave)


def test_no_files_start_no_processes() -> None:
    assert read_files([], LIMITS, work=behave) == ()


def test_every_caller_is_told_of_each_outcome_as_it_comes() -> None:
    seen: list[Outcome] = []

    outcomes = read_files([job("a"), job("b"), job("raise")], LIMITS, work=behave, done=seen.append)

    assert sorted(map(repr, seen)) == sorted(map(repr, outcomes))
