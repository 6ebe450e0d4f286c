"""A server in a process of its own, which never outlives the one that started it."""

import os
import selectors
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from nexuslims_core import codec
from nexuslims_core.errors import ServiceUnavailableError

START_LIMIT_S = 300
_STOP_LIMIT_S = 30
_TAIL = 2000
_FOREIGN = ("CDCS_", "NEMO_", "DJANGO_", "PG", "PYTHON", "NEXUSLIMS_")
"""What must not reach a server from the environment of whoever runs it."""

T = TypeVar("T")


@dataclass(kw_only=True)
class OwnProcess:
    """The process of one server, between :meth:`start` and :meth:`stop`.

    Attributes
    ----------
    name
        What people call the server.
    log
        The file that takes what it says, start after start.
    """

    name: str
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def runs(self) -> bool:
        """Whether it was started."""
        return self._process is not None

    def start(self, command: Sequence[str], environment: Mapping[str, str], ready: type[T]) -> T:
        """Start it, and return what it says of itself in one line of JSON as soon as it answers.

        Parameters
        ----------
        command
            Ends by itself when its stdin does.
        environment
            Added to what is not foreign of this process's own.

        Raises
        ------
        ServiceUnavailableError
            If it ends or stays silent instead; the end of its log says why.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            began = log.tell()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # the lifeline: it ends with this process, whatever ends this process
                stdout=subprocess.PIPE,
                stderr=log,
                env={k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)} | dict(environment),
                start_new_session=True,  # Ctrl-C is ours; we stop it in our own time
            )
        try:
            return codec.loads(ready, self._ready_line(self._process))
        except (ValidationError, ValueError) as error:
            self.stop()
            raise ServiceUnavailableError(f"{self.name} did not start: {self._tail(began)}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it and wait until it is gone; does nothing where it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def _tail(self, began: int) -> str:
        with self.log.open("rb") as log:
            log.seek(began)
            said = log.read().decode("utf-8", "replace").strip()
        return said[-_TAIL:] or f"it said nothing within {START_LIMIT_S} s"

    @staticmethod
    def _ready_line(process: subprocess.Popen[bytes]) -> bytes:
        """Return the line that it writes once it answers, or what there is of it when it ends or takes too long."""
        stdout = process.stdout
        if stdout is None:
            return b""
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            return stdout.readline() if selector.select(START_LIMIT_S) else b""
