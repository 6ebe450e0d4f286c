"""Wards that are forked from a process in which readers are loaded already."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

import pytest

from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.nursery import Forked, Nursery
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import OPEN_FILE, read_files
from nexuslims_core.reading.starting import Wards
from nexuslims_core.testing.writers.msa import write_msa

ROOT = Path(__file__).resolve().parents[3]
MISBEHAVING = "tests.nexuslims_core.reading.misbehaving:behave"
LIMITS = Limits(workers=1, timeout_s=60, memory_mb=512)
LONG_S = 60.0

pytestmark = pytest.mark.slow  # each test starts processes of its own


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    opened = Nursery.open(os.environ)
    yield opened
    opened.close()


def jobs(names: Sequence[str], folder: Path = Path("/store"), data: Path | None = None) -> list[Job]:
    mirror = Mirror(filestore=folder, data_path=data) if data else None
    files = [FoundFile(path=folder / name, size=1, mtime=0.0) for name in names]
    return [Job(source=Source(file=file, zone=UTC), mirror=mirror) for file in files]


def reasons(outcomes: Sequence[Outcome]) -> list[str | None]:
    return [outcome.reason if isinstance(outcome, Unreadable) else None for outcome in outcomes]


def read(nursery: Nursery, names: Sequence[str] = ("good",), work: str = MISBEHAVING) -> tuple[Outcome, ...]:
    return read_files(jobs(names), LIMITS, work=work, wards=Wards(nursery=nursery))


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + LONG_S
    while time.monotonic() < deadline:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def test_a_file_is_read_as_under_a_ward_that_was_started(nursery: Nursery, tmp_path: Path) -> None:
    write_msa(tmp_path / "a.msa", [1, 5, 2], header={"BEAMKV   -kV": 300.0}, mtime=1e9)
    forked, started = (jobs(["a.msa"], tmp_path, tmp_path / name) for name in ("forked", "started"))

    (outcome,) = read_files(forked, LIMITS, work=OPEN_FILE, wards=Wards(nursery=nursery))

    (expected,) = read_files(started, LIMITS, work=OPEN_FILE)
    assert isinstance(outcome, Extracted)
    assert isinstance(expected, Extracted)
    assert outcome.datasets[0].metadata == expected.datasets[0].metadata
    pictures = [each.datasets[0].preview for each in (outcome, expected)]
    assert len({picture.read_bytes() for picture in pictures if picture}) == 1


def test_what_a_reader_does_to_its_process_costs_one_file_there_too(nursery: Nursery) -> None:
    names = ["crash", "good", "leave", "eat", "close_everything", "fail", "litter", "better"]

    outcomes = read(nursery, names)

    expected = read_files(jobs(names), LIMITS, work=MISBEHAVING)
    assert reasons(outcomes) == reasons(expected)
    assert reasons(outcomes).count(None) == 3
    assert reasons(read(nursery)) == [None]


def test_ward_and_worker_have_ended_when_the_files_are_read(nursery: Nursery) -> None:
    wards = Wards(nursery=nursery)

    (outcome,) = read_files(jobs(["good"]), LIMITS, work=MISBEHAVING, wards=wards)

    assert isinstance(outcome, Extracted)
    worker = outcome.datasets[0].metadata.entries["pid"]
    assert not Path(f"/proc/{worker}").exists()
    assert not Path(f"/proc/{nursery.process.pid}/task/{nursery.process.pid}/children").read_text()


def test_a_ward_that_is_hung_up_on_ends(nursery: Nursery) -> None:
    forked = nursery.ward()

    assert forked is not None
    process, line = forked
    line.close()
    process.wait(LONG_S)
    assert not Path(f"/proc/{process.number}").exists()


def test_the_end_of_a_ward_is_waited_for_no_longer_than_asked(nursery: Nursery) -> None:
    forked = nursery.ward()

    assert forked is not None
    process, line = forked
    with line, pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.kill()
    process.wait(LONG_S)


def test_without_its_nursery_a_process_starts_wards_itself(nursery: Nursery) -> None:
    os.kill(nursery.process.pid, signal.SIGKILL)
    nursery.process.wait()

    assert reasons(read(nursery)) == [None]


def test_a_nursery_that_hangs_is_not_waited_for_forever(nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nexuslims_core.reading.nursery.PATIENCE_S", 0.2)
    os.kill(nursery.process.pid, signal.SIGSTOP)

    outcomes = read(nursery)

    os.kill(nursery.process.pid, signal.SIGCONT)
    assert reasons(outcomes) == [None]


def test_nothing_is_sent_to_a_file_that_took_the_place_of_the_bell() -> None:
    opened = Nursery.open(os.environ)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    number = opened.bell.fileno()
    os.dup2(theirs.fileno(), number)

    assert opened.ward() is None

    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours.recv(1)
    for each in (ours, theirs):
        each.close()
    opened.close()


def test_it_ends_with_the_last_process_that_could_ask() -> None:
    script = (
        "import os, sys, time; from nexuslims_core.reading.nursery import Nursery\n"
        "nursery = Nursery.open(os.environ)\n"
        "if os.fork() == 0:\n"
        "    sys.stdin.readline(); forked = nursery.ward(); print(forked is not None, flush=True); os._exit(0)\n"
        "print(nursery.process.pid, flush=True); os._exit(0)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as opener:
        assert opener.stdin
        assert opener.stdout
        number = int(opener.stdout.readline())
        opener.wait()

        opener.stdin.write("\n")
        opener.stdin.flush()

        assert opener.stdout.readline() == "True\n"
        assert wait_until_gone(number)


def test_readers_see_only_what_the_opener_lets_them_see() -> None:
    opened = Nursery.open({name: value for name, value in os.environ.items() if name != "SECRET"})
    forked = opened.ward()

    assert isinstance(forked, tuple)
    process, line = forked
    assert isinstance(process, Forked)
    seen = Path(f"/proc/{process.number}/environ").read_bytes()
    line.close()
    opened.close()
    assert b"SECRET=" not in seen
    assert b"OPENBLAS_NUM_THREADS=1" in seen


def child_that_holds(nursery: Nursery, said: int, ends: int) -> int:
    """Fork a process that has its output held, closes it, and lives until ``ends`` is closed."""
    child = os.fork()
    if child == 0:
        nursery.hold(said)
        os.close(said)
        os.read(ends, 1)
        os._exit(0)
    return child


def test_the_end_of_what_is_held_comes_after_the_end_of_its_process(nursery: Nursery) -> None:
    (reads, said), (ends, end) = os.pipe(), os.pipe()
    child = child_that_holds(nursery, said, ends)
    os.close(said)
    look = select.poll()
    look.register(reads, select.POLLIN)

    assert not look.poll(200)

    os.write(end, b"!")
    assert os.read(reads, 1) == b""
    assert os.waitpid(child, os.WNOHANG)[0] == child
    for number in (reads, ends, end):
        os.close(number)


def test_a_ward_keeps_nothing_that_is_held_for_others(nursery: Nursery) -> None:
    (reads, said), (ends, end) = os.pipe(), os.pipe()
    child = child_that_holds(nursery, said, ends)
    os.close(said)
    look = select.poll()
    look.register(reads, select.POLLIN)
    look.poll(200)  # it is held by now
    forked = nursery.ward()
    assert forked is not None
    process, line = forked

    os.write(end, b"!")
    os.waitpid(child, 0)

    assert look.poll(1000 * LONG_S)
    line.close()
    process.wait(LONG_S)
    for number in (reads, ends, end):
        os.close(number)
