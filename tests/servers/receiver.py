"""What receives on this machine while a ``with`` block lasts, in a thread of its own."""

from socketserver import BaseServer
from types import TracebackType
from typing import Self

from nexuslims_core.testing.servers.thread import ServerThread


class Receiver:
    """Serves between ``__enter__`` and ``__exit__``."""

    def __init__(self, server: BaseServer) -> None:
        self._server = server
        self._thread = ServerThread(server)

    def __enter__(self) -> Self:
        """Begin to receive."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Receive no more."""
        self._thread.stop()

    @property
    def port(self) -> int:
        """Where it receives, on 127.0.0.1."""
        return int(self._server.server_address[1])
