"""The program that a ward is, a process of its own: nothing of its caller, such as Airflow, reaches a reader."""

import gc
import os
import pickle
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nexuslims_core.reading import fence, frames
from nexuslims_core.reading.frames import ANSWER, Kind, Request
from nexuslims_core.reading.preloading import preload
from nexuslims_core.reading.ward import CallerGoneError, Ward

COMPILED = "NUMBA_CACHE_DIR"
"""Where readers keep machine code from one process to the next."""

PATIENCE = 50_000
"""New objects between two searches for garbage: libraries and tags are many objects, nearly all of which are kept."""


def main(descriptor: int) -> None:
    """Serve the caller at the other end of a socket, then end."""
    gc.set_threshold(PATIENCE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller hangs up when it is interrupted
    signal.signal(signal.SIGTERM, leave)
    with socket.socket(fileno=descriptor) as caller:
        serve(caller, preload())
    os._exit(0)  # there is nothing to tidy up in memory, and the caller waits


def leave(number: int, _: object) -> None:
    """Heed a signal by leaving what is being done the usual way, so that nothing is left behind."""
    raise SystemExit(128 + number)


def serve(caller: socket.socket, greeting: tuple[Kind, bytes]) -> None:
    """Greet a caller, and answer the one request that it makes, if it makes one.

    Parameters
    ----------
    greeting
        What :func:`preloading.preload` returned: what the readers declare, or why no file can be read.
    """
    kind, said = greeting
    with suppress(ConnectionError):  # who has hung up asks for nothing
        frames.send(caller, ANSWER.pack(0, kind), said)
    asked = frames.receive(caller)
    if asked is None or kind is Kind.REFUSED:
        return
    _watch(caller, pickle.loads(asked))  # noqa: S301 - from our own caller


def _watch(caller: socket.socket, request: Request) -> None:
    fence.adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="nexuslims-", ignore_cleanup_errors=True) as scratch:
        compiled = os.environ.setdefault(COMPILED, _folder_for_compiled() or scratch)
        ward = Ward(caller, replace(request, writable=(*request.writable, compiled)), Path(scratch))
        gc.freeze()  # the garbage collector would else copy what workers share
        try:
            with suppress(CallerGoneError):
                ward.run()
        finally:
            ward.end()


def _folder_for_compiled() -> str | None:
    """Return a folder of this user that outlives the ward, if there can be one."""
    try:
        stated = Path(os.environ.get("XDG_CACHE_HOME", ""))
        folder = (stated if stated.is_absolute() else Path.home() / ".cache") / "nexuslims"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError):
        return None
    return str(folder) if os.access(folder, os.W_OK) else None


if __name__ == "__main__":
    main(int(sys.argv[1]))
