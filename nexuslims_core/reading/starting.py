"""Starting wards, the processes that watch over readers: when files are to be read, or before it is known which.

A ward loads its readers first and then waits to be asked, so a command that will read files starts one before it loads
what it needs itself. Nothing beyond the standard library is imported here for that reason.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket, socketpair
from threading import Thread
from types import TracebackType

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from nexuslims_core.reading import program; "
_START += "program.main(int(sys.argv[2]))"
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
_ENVIRONMENT = {
    **_ONE_THREAD,  # a worker is one of several, and each thread takes memory of its own
    "DASK_SCHEDULER": "synchronous",
    "HDF5_USE_FILE_LOCKING": "FALSE",  # files are only read, and some file servers refuse locks
}
_END_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A ward, which serves one request; as a context it ends with its block.

    Attributes
    ----------
    line
        To ask it, and to hear its answers; it ends when this is closed.
    """

    process: "subprocess.Popen[bytes]"
    line: socket

    def __enter__(self) -> socket:
        """Give the line to it."""
        return self.line

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up, and wait for its end."""
        self.line.close()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class Wards:
    """Where whoever reads files gets a ward: one that was started ahead, else a new one.

    As a context, it ends what was started and never taken.

    Attributes
    ----------
    meanwhile
        Called in a thread whenever one is taken: loads what is needed next while the files are read.
    """

    meanwhile: Callable[[], object] | None = None
    _ahead: list[Started] = field(default_factory=list, init=False)

    def start_ahead(self) -> None:
        """Start a ward for the next one who takes one."""
        self._ahead.append(_start())

    def take(self) -> Started:
        """Return a ward; it is the caller's to end."""
        if self.meanwhile is not None:
            Thread(target=self.meanwhile, daemon=True).start()
        return self._ahead.pop() if self._ahead else _start()

    def __enter__(self) -> "Wards":
        """Give these wards."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End those that nobody took, at once."""
        for started in self._ahead:
            started.process.kill()  # it may still be loading, and has no workers yet
            with started:
                pass
        self._ahead.clear()


def _start() -> Started:
    ours, theirs = socketpair()
    search = json.dumps([str(Path(entry).absolute()) for entry in sys.path])  # workers go to a folder of their own
    with theirs:
        process = subprocess.Popen(
            (sys.executable, "-P", "-c", _START, search, str(theirs.fileno())),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=os.environ | _ENVIRONMENT,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # Ctrl-C is ours; the ward ends when we hang up
        )
    return Started(process=process, line=ours)
