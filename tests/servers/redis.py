"""A private Redis on this machine, from Debian's ``redis-server``, for as long as a ``with`` block lasts."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from nexuslims_core.demo import processes
from nexuslims_core.demo.ports import reserved_port

REQUIRE = os.environ.pop("NEXUSLIMS_REQUIRE_REDIS", "") == "1"
FIRST_PORT = 26379
LIMIT_S = 30.0


def redis_program() -> str:
    """Return the path of the server's program; a test that needs it is skipped where there is none, or fails in CI."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "there is no redis-server here: apt-get install redis-server"
        if REQUIRE:
            pytest.fail(reason)
        pytest.skip(reason)
    return program


class RedisServer:
    """Listens on 127.0.0.1, keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.url = ""

    def __enter__(self) -> Self:
        program = redis_program()
        self._folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            port = stack.enter_context(reserved_port(FIRST_PORT))
            command = (program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
            log = self._folder / "redis.log"
            server = processes.start(command, env=os.environ, cwd=self._folder, log=log)
            stack.callback(processes.stop, [server], limit_s=5)
            _wait(server, port, log)
            self.url = f"redis://127.0.0.1:{port}/0"
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"redis-server does not listen: {log.read_text(errors='replace')}")
