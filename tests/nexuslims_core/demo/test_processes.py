"""Processes that the demo starts, and their end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nexuslims_core.demo import processes

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""
ENDS_POLITELY = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("goodbye", flush=True), sys.exit(0)))
print("ready", flush=True)
time.sleep(60)
"""
HAS_A_CHILD_IN_A_GROUP_OF_ITS_OWN = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
                          "print('ready', flush=True); time.sleep(60)"], process_group=0)
print(child.pid, flush=True)
time.sleep(60)
"""
STARTS_ONE_AND_IS_KILLED = """
import os, pathlib, signal, sys, time
from nexuslims_core.demo import processes
log = pathlib.Path(sys.argv[1])
process = processes.start([sys.executable, "-c", {program!r}], env=dict(os.environ), cwd=log.parent, log=log)
while "ready" not in log.read_text():
    time.sleep(0.01)
print(process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "said.log"


def started(program: str, log: Path) -> subprocess.Popen[bytes]:
    return processes.start([sys.executable, "-c", program], env=dict(os.environ), cwd=log.parent, log=log)


def wait_for(log: Path, word: str) -> str:
    deadline = time.monotonic() + 30
    while word not in (log.read_text() if log.exists() else "") and time.monotonic() < deadline:
        time.sleep(0.01)
    return log.read_text()


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_what_is_asked_to_end_may_do_so_in_its_own_way(log: Path) -> None:
    process = started(ENDS_POLITELY, log)
    wait_for(log, "ready")

    processes.stop([process])

    assert process.returncode == 0
    assert "goodbye" in log.read_text()


def test_a_child_that_hears_nothing_in_a_group_of_its_own_ends_too(log: Path) -> None:
    process = started(HAS_A_CHILD_IN_A_GROUP_OF_ITS_OWN, log)
    child = int(next(line for line in wait_for(log, "ready").splitlines() if line.isdigit()))

    processes.stop([process], limit_s=0.2)

    assert process.returncode == -signal.SIGTERM
    assert is_gone(child)


def test_several_are_asked_at_the_same_time(log: Path) -> None:
    many = [started(DEAF, log) for _ in range(4)]
    while log.read_text().count("ready") < len(many):
        time.sleep(0.01)

    begun = time.monotonic()
    processes.stop(many, limit_s=0.5)

    assert [process.returncode for process in many] == [-signal.SIGKILL] * 4
    assert time.monotonic() - begun < 1.9


def test_one_that_has_ended_before_is_no_trouble(log: Path) -> None:
    process = started("pass", log)
    process.wait()

    processes.stop([process])

    assert process.returncode == 0


def test_a_program_ends_when_the_one_who_started_it_is_killed(log: Path) -> None:
    script = STARTS_ONE_AND_IS_KILLED.format(program=ENDS_POLITELY)

    parent = subprocess.run([sys.executable, "-c", script, str(log)], stdout=subprocess.PIPE, text=True, check=False)

    assert parent.returncode == -signal.SIGKILL
    assert is_gone(int(parent.stdout))
    assert "goodbye" in log.read_text()
