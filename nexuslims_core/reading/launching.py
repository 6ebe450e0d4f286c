"""Starting a program of this package as a process of its own, which shares nothing with its starter but a socket.

Nothing beyond the standard library is imported here: a command starts its ward before it loads what it needs itself.
"""

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from socket import socket

_START = (
    "import json, sys; from importlib import import_module; sys.path[:] = json.loads(sys.argv[1]); "
    "import_module(sys.argv[2]).main(int(sys.argv[3]))"
)
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
_ENVIRONMENT = {
    **_ONE_THREAD,  # a worker is one of several, and each thread takes memory of its own
    "DASK_SCHEDULER": "synchronous",
    "HDF5_USE_FILE_LOCKING": "FALSE",  # files are only read, and some file servers refuse locks
}


class Launched(subprocess.Popen[bytes]):
    """A process that was started; its end is seen at once."""

    def wait(self, timeout: float | None = None) -> int:  # type: ignore[explicit-override]  # not in the standard library yet
        """Wait until it has ended; raises :class:`subprocess.TimeoutExpired`."""
        if timeout is not None and self.returncode is None:
            with suppress(OSError), os.fdopen(os.pidfd_open(self.pid)) as handle:  # some kernels know no handles
                ended(handle.fileno(), timeout)  # Popen looks every now and then, up to 50 ms late
        return super().wait(timeout)


def launch(program: str, line: socket, environment: Mapping[str, str]) -> Launched:
    """Start a program of this folder.

    Parameters
    ----------
    program
        Its module; ``main`` gets the number of ``line``.
    environment
        What it is to find, beside what holds for all that read files.
    """
    search = json.dumps([str(Path(entry).absolute()) for entry in sys.path])  # workers go to a folder of their own
    return Launched(
        (sys.executable, "-P", "-c", _START, search, f"{__package__}.{program}", str(line.fileno())),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**environment, **_ENVIRONMENT},
        pass_fds=(line.fileno(),),
        start_new_session=True,  # Ctrl-C is its starter's; it ends when that hangs up
    )


def ended(handle: int, timeout: float | None) -> bool:
    """Wait for the end of the process of a handle, and tell whether it came."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(None if timeout is None else 1000 * timeout))
