"""A receiver of StatsD on this machine: what Airflow and its tasks send by UDP, line by line."""

import time
from collections.abc import Mapping
from socketserver import BaseRequestHandler, UDPServer

from nexuslims_core.testing.servers.thread import ServerThread

LARGEST = 65535
LIMIT_S = 10.0


class StatsdServer(ServerThread):
    """Keeps each line that comes."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        lines = self._lines

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                lines.extend(self.request[0].decode().splitlines())

        server = UDPServer(("127.0.0.1", 0), Handler)
        server.max_packet_size = LARGEST
        super().__init__(server)

    @property
    def options(self) -> Mapping[str, str]:
        """Settings of Airflow, without their ``AIRFLOW__``, that make it send here."""
        return {
            "METRICS__STATSD_ON": "True",
            "METRICS__STATSD_HOST": "127.0.0.1",
            "METRICS__STATSD_PORT": str(self.port),
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
