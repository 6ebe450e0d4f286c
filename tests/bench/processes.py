"""What a command costs as a whole: wall time, CPU of it and all that it started, peak memory of its process tree.

Linux only: the measuring process adopts the orphans of what it measures, so that a fork server that outlives its parent
is counted too; memory is the proportional set size (PSS), which counts a page that several processes share once.
"""

import contextlib
import ctypes
import os
import resource
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
EVERY_S = 0.01
MB = 1 << 20
_IN_OPEN, _IN_ISDIR = 0x20, 0x40000000  # of inotify(7)
_EVENT = struct.Struct("iIII")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a command took."""

    wall_s: float
    cpu_s: float


def cost(command: Sequence[str], env: Mapping[str, str] | None = None) -> Cost:
    """Run a command in a fresh process and return what it took, its descendants included."""
    _adopt_orphans()
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with _running(command, env) as process:
        process.wait()
    wall_s = time.perf_counter() - begun
    _bury_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall_s=wall_s, cpu_s=after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def peak_memory_mb(command: Sequence[str], env: Mapping[str, str] | None = None) -> float:
    """Run a command and return the highest PSS of its process tree, sampled every 10 ms."""
    _adopt_orphans()
    peak, over = 0, threading.Event()

    def sample() -> None:
        nonlocal peak
        while not over.wait(EVERY_S):
            peak = max(peak, sum(map(_pss, psutil.Process().children(recursive=True))))

    sampler = threading.Thread(target=sample)
    with _running(command, env) as process:
        sampler.start()
        process.wait()
        over.set()
        sampler.join()
    _bury_orphans()
    return peak / MB


def opened_below(folder: Path, command: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...]:
    """Run a command and return the files below a folder that it or a descendant opened, by what the kernel says.

    Folders may be listed and files be looked up; neither reads a file.
    """
    kernel, mask = ctypes.CDLL(None, use_errno=True), _IN_OPEN
    watcher = kernel.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if watcher < 0:
        raise SystemExit(f"the kernel does not watch files: {os.strerror(ctypes.get_errno())}")
    try:
        for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            if kernel.inotify_add_watch(watcher, os.fsencode(place), mask) < 0:
                raise SystemExit(f"the kernel does not watch {place}: {os.strerror(ctypes.get_errno())}")
        cost(command, env)
        return tuple(_opened(watcher))
    finally:
        os.close(watcher)


def _opened(watcher: int) -> Iterator[str]:
    with contextlib.suppress(BlockingIOError):
        while events := os.read(watcher, 1 << 20):
            at = 0
            while at < len(events):
                _, mask, _, length = _EVENT.unpack_from(events, at)
                name = events[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0")
                at += _EVENT.size + length
                if not mask & _IN_ISDIR:
                    yield os.fsdecode(name)


@contextlib.contextmanager
def _running(command: Sequence[str], env: Mapping[str, str] | None) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command; leaving waits for its end, and if it failed, ends the measuring with what it said."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=said, stderr=said)
        yield process
        if process.wait():
            said.seek(0)
            raise SystemExit(f"{command[:3]} ended with {process.returncode}:\n{said.read().decode()[-2000:]}")


def _pss(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):  # it ended meanwhile
        return int(process.memory_full_info().pss)
    return 0


def _adopt_orphans() -> None:
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)


def _bury_orphans() -> None:
    """Wait for what the command left behind, so that its CPU time is counted."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
