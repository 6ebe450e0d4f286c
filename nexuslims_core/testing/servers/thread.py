"""A server in a thread of this process, from its start to its stop."""

import threading
from socketserver import TCPServer
from types import TracebackType
from typing import Self

_LOOK_S = 0.02


class ServerThread:
    """Serves between :meth:`start` and :meth:`stop`, or while a ``with`` block lasts; once."""

    def __init__(self, server: TCPServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(_LOOK_S,), daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Where it serves, on this machine."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more, and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
