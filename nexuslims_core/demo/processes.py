"""Processes that the demo starts: each in a session of its own, so that all that it starts in turn can be ended too."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

STOP_LIMIT_S = 20.0
LIFELINE = Path(__file__).with_name("lifeline.py")


def start(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a program that says what it says into ``log``, and that ends when this process is killed."""
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, str(LIFELINE), *command],
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours; we stop it in our own time
        )


def stop(processes: Collection[subprocess.Popen[bytes]], limit_s: float = STOP_LIMIT_S) -> None:
    """Ask programs to end, all at the same time; whatever is left of them after ``limit_s`` is killed."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + limit_s
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(deadline - time.monotonic(), 0))
    kill(processes)


def kill(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """End programs and all that they started at once, as a machine that loses its power would."""
    for process in processes:
        for pid in _session_of(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def _session_of(leader: int) -> list[int]:
    """Return the processes of a session, those that made a process group of their own included."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError):
            if os.getsid(int(folder.name)) == leader:
                found.append(int(folder.name))
    return found
