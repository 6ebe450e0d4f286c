"""A server in a thread of this process, from its start to its stop."""

import threading
from socketserver import BaseServer

_LOOK_S = 0.02


class ServerThread:
    """Serves between :meth:`start` and :meth:`stop`, once."""

    def __init__(self, server: BaseServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(_LOOK_S,), daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more, and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
