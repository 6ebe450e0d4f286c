"""Starting wards, the processes that watch over readers: when files are to be read, or before it is known which.

A ward loads its readers first and then waits to be asked, so a command that will read files starts one before it loads
what it needs itself. Nothing beyond the standard library is imported here for that reason.
"""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from socket import socket, socketpair
from threading import Thread
from types import TracebackType

from nexuslims_core.reading.launching import launch
from nexuslims_core.reading.nursery import Forked, Nursery

_END_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A ward, which serves one request; as a context it ends with its block.

    Attributes
    ----------
    line
        To ask it, and to hear its answers; it ends when this is closed.
    """

    process: "subprocess.Popen[bytes] | Forked"
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
    """Where whoever reads files gets a ward: one that was started ahead, else one from the nursery, else a new one.

    As a context, it ends what was started and never taken.

    Attributes
    ----------
    meanwhile
        Called in a thread whenever one is taken: loads what is needed next while the files are read.
    nursery
        Where there is one that was opened by whoever forked this process.
    """

    meanwhile: Callable[[], object] | None = None
    nursery: Nursery | None = None
    _ahead: list[Started] = field(default_factory=list, init=False)

    def start_ahead(self) -> None:
        """Start a ward for the next one who takes one."""
        self._ahead.append(_start())

    def take(self) -> Started:
        """Return a ward; it is the caller's to end."""
        if self.meanwhile is not None:
            Thread(target=self.meanwhile, daemon=True).start()
        return self._ahead.pop() if self._ahead else self._new()

    def _new(self) -> Started:
        forked = self.nursery.ward() if self.nursery else None
        if forked is None:
            return _start()
        process, line = forked
        return Started(process=process, line=line)

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
    with theirs:
        return Started(process=launch("program", theirs, os.environ), line=ours)
