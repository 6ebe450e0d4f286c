"""The nursery: a process in which readers are loaded already, so that a ward is forked from it in milliseconds.

Whoever will fork many processes that read files opens it once, as Airflow's scheduler does; what is forked from there
finds it open. It ends with the last process that could ask it. Nothing beyond the standard library is imported here.
"""

import os
import signal
import socket
import struct
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from nexuslims_core.reading.launching import Launched, ended, launch

NUMBER = struct.Struct(">I")
"""How a ward says its process number, before it is asked anything."""
PATIENCE_S = 10.0
"""For a ward to come; the nursery may still be loading its readers."""
WARD, HOLD = b"w", b"h"
"""What is asked: a ward, with its line and where to print; to hold a file, with the process whose end it outlasts."""
_STDERR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Forked:
    """The process of a ward that is no child of ours; as much of :class:`subprocess.Popen` as its end takes."""

    number: int
    handle: int

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended; raises :class:`subprocess.TimeoutExpired`."""
        if not ended(self.handle, timeout):
            raise subprocess.TimeoutExpired(f"ward {self.number}", timeout or 0)
        os.close(self.handle)

    def terminate(self) -> None:
        """Ask it to end, if it has not ended by itself."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, if it has not ended by itself."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nursery:
    """A nursery that was opened here, or by a process that this one was forked from.

    Attributes
    ----------
    bell
        Where it is asked: any number of processes may send to it at the same time.
    identity
        Of ``bell``: a descendant may have closed it, and then its number is another file's.
    """

    bell: socket.socket
    identity: tuple[int, int]
    process: Launched

    @classmethod
    def open(cls, environment: Mapping[str, str]) -> "Nursery":
        """Open one; it loads its readers while its opener goes on.

        Parameters
        ----------
        environment
            What readers may find.
        """
        bell, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = launch("nurse", theirs, environment)
        return cls(bell=bell, identity=_identity(bell), process=process)

    def ward(self) -> tuple[Forked, socket.socket] | None:
        """Return a new ward and the line to it; None where none comes, and whoever asks starts one."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._ring(WARD, theirs.fileno(), _STDERR)
            return _come(ours), ours
        except (OSError, struct.error):  # the nursery has ended or was closed, or the kernel knows no handles
            ours.close()
            return None

    def hold(self, file: int = _STDERR) -> None:
        """Have a file of this process kept open until after its end; where nobody answers, it is not.

        Whoever reads from it and sees its end then finds the process ended too.
        """
        with suppress(OSError):
            process = os.pidfd_open(os.getpid())
            try:
                self._ring(HOLD, process, file)
            finally:
                os.close(process)

    def close(self) -> None:
        """End it, unless a process that was forked from this one may still ask."""
        self.bell.close()
        self.process.wait()

    def _ring(self, wish: bytes, *files: int) -> None:
        if _identity(self.bell) != self.identity:
            raise OSError("the nursery's bell was closed")
        socket.send_fds(self.bell, [wish], files, socket.MSG_DONTWAIT)


def _identity(bell: socket.socket) -> tuple[int, int]:
    status = os.fstat(bell.fileno())
    return status.st_dev, status.st_ino


def _come(line: socket.socket) -> Forked:
    """Wait for a ward to say its number."""
    line.settimeout(PATIENCE_S)
    (number,) = NUMBER.unpack(line.recv(NUMBER.size))
    line.settimeout(None)
    return Forked(number=number, handle=os.pidfd_open(number))
