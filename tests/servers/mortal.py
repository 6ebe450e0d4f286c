"""A function in a process of its own that a faulty proxy may kill, as `kill -9` would."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable

from tests.servers.faulty_proxy import FaultyProxy

LIMIT_S = 120
KILLED = -signal.SIGKILL
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.servers.mortal", "nexuslims_core.publishing.cdcs", "tests.soak.uploader"])


def live(proxy: FaultyProxy, deed: Callable[..., None], *given: object) -> int:
    """Do a deed in a process that the proxy may kill; returns its exit code, ``KILLED`` for one that was killed."""
    process = _processes.Process(target=deed, args=given)

    ended = threading.Event()

    def kill() -> None:
        os.kill(proxy.client, signal.SIGKILL)
        ended.wait(LIMIT_S)  # here, since only one thread may join a process

    proxy.kill = kill
    process.start()
    proxy.client = process.pid or 0
    process.join(LIMIT_S)
    ended.set()
    assert process.exitcode is not None, f"{deed.__name__} did not end within {LIMIT_S} s"
    return process.exitcode
