"""A receiver of StatsD on this machine: what Airflow and its tasks send by UDP, line by line."""

import socket
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

LARGEST = 65535
LIMIT_S = 10.0


class StatsdServer:
    """Receives between ``__enter__`` and ``__exit__``."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self._lines: list[str] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._receive, daemon=True)

    def __enter__(self) -> Self:
        """Begin to receive."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Receive no more."""
        self._ends.set()
        self._thread.join()
        self._socket.close()

    @property
    def options(self) -> Mapping[str, str]:
        """Settings of Airflow, without their ``AIRFLOW__``, that make it send here."""
        return {
            "METRICS__STATSD_ON": "True",
            "METRICS__STATSD_HOST": "127.0.0.1",
            "METRICS__STATSD_PORT": str(self._socket.getsockname()[1]),
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """What came so far, such as ``airflow.nexuslims.sessions.waiting:3|g``."""
        return tuple(self._lines)

    def ours(self) -> tuple[str, ...]:
        """Return the lines of NexusLIMS."""
        return tuple(line for line in self.lines if line.startswith("airflow.nexuslims."))

    def values(self, name: str, at_least: int = 1) -> list[float]:
        """Return what was sent under a name, without the prefix, once so much was; what came if that never was."""
        deadline = time.monotonic() + LIMIT_S
        while len(found := self._found(name)) < at_least and time.monotonic() < deadline:
            time.sleep(0.02)
        return found

    def _found(self, name: str) -> list[float]:
        said = [line.rpartition(":")[2] for line in self.lines if line.startswith(f"airflow.{name}:")]
        return [float(each.split("|")[0]) for each in said]

    def _receive(self) -> None:
        while not self._ends.is_set():
            try:
                packet = self._socket.recv(LARGEST)
            except TimeoutError:
                continue
            self._lines += packet.decode().splitlines()
