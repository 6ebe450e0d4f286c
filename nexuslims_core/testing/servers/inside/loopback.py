"""How every server of this folder serves on 127.0.0.1; runs in the server's own virtual environment.

As soon as it answers it writes one line of JSON to stdout. It runs until SIGTERM or SIGINT, or with a lifeline until
its stdin ends, so that it never outlives the process that holds the other end.
"""

import json
import os
import signal
import socket
import sys
import threading
from typing import Any, TextIO


def only_announce() -> TextIO:
    """Return what was stdout; from now on all that is printed goes to stderr."""
    announce, sys.stdout = sys.stdout, sys.stderr
    return announce


def stop_when_told(*, lifeline: bool) -> None:
    """End in good order on SIGTERM, and with a ``lifeline`` when stdin ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if lifeline:
        threading.Thread(target=_wait_for_stdin, daemon=True).start()


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """Take the port, 0 for a free one, before the slow part, so that a taken one fails at once.

    Parameters
    ----------
    host
        Another than this machine alone only inside a container, whose engine says who may come in.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise SystemExit(f"port {port} of this machine cannot be taken: {error.strerror}") from error
    return listener


def serve(application: Any, listener: socket.socket, ready: dict[str, Any], announce: TextIO) -> None:  # noqa: ANN401 - WSGI
    """Say that the server answers, and answer."""
    import waitress

    server = waitress.create_server(application, sockets=[listener], threads=4)
    announce.write(json.dumps(ready) + "\n")
    announce.close()
    server.run()


def _wait_for_stdin() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
