"""A function in a process of its own that a faulty proxy may kill, as `kill -9` would."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess

from tests.servers.faulty_proxy import FaultyProxy

LIMIT_S = 120
LOOK_S = 0.005
KILLED = -signal.SIGKILL
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.servers.mortal", "nexuslims_core.publishing.cdcs", "tests.soak.uploader"])
_one_looks = threading.Lock()
"""A start looks after all other processes, and of two threads that look at one only the first learns of its end."""


def live(proxy: FaultyProxy, deed: Callable[..., None], *given: object) -> int:
    """Do a deed in a process that the proxy may kill; returns its exit code, ``KILLED`` for one that was killed."""
    process = _processes.Process(target=deed, args=given)
    started, ended = threading.Event(), threading.Event()

    def kill() -> None:
        started.wait(LIMIT_S)
        if process.pid and not ended.is_set():
            os.kill(process.pid, signal.SIGKILL)
        ended.wait(LIMIT_S)

    proxy.kill = kill
    with _one_looks:
        process.start()
    proxy.client = process.pid or 0
    started.set()
    code = _end(process)
    ended.set()
    assert code is not None, f"{deed.__name__} did not end within {LIMIT_S} s"
    return code


def _end(process: ForkServerProcess) -> int | None:
    """Wait for the end of a process, and return its exit code; None if it does not come."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        with _one_looks:
            code = process.exitcode
        if code is not None:
            return code
        time.sleep(LOOK_S)
    return None
