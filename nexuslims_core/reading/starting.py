"""Starting wards, the processes that watch over readers: when files are to be read, or before it is known which.

A ward loads its readers first, says what they declare, and then waits to be asked. So a command that will read files
starts one before it loads what it needs itself, and need not load the readers to know which files they read. Nothing
beyond the standard library is imported here for that reason.
"""

import os
import pickle
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from socket import socket, socketpair
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.reading import frames
from nexuslims_core.reading.frames import ANSWER, Kind
from nexuslims_core.reading.launching import Launched, launch
from nexuslims_core.reading.nursery import Forked, Nursery

if TYPE_CHECKING:
    from nexuslims_core.extractors.catalogue import Catalogue

_END_S = 10


@dataclass(slots=True, kw_only=True)
class Started:
    """A ward, which serves one request; as a context it ends with its block.

    Attributes
    ----------
    line
        To ask it, and to hear its answers; it ends when this is closed.
    asked
        The one request that it serves; empty while it waits for it.
    """

    process: Launched | Forked
    line: socket
    asked: bytes = b""

    def ask(self, request: bytes) -> None:
        """Ask it the one request that it serves; if it has died, whoever listens for answers learns of it."""
        self.asked = request
        with suppress(ConnectionError):
            frames.send(self.line, request)

    def declared(self) -> "Catalogue | None":
        """Wait until it has loaded its readers and return what they declare, once; None if it ended instead.

        Raises
        ------
        ConfigurationError
            If an extractor cannot be imported.
        """
        message = frames.receive(self.line)
        if message is None:
            return None
        _, kind = ANSWER.unpack_from(message)
        said = message[ANSWER.size :]
        if kind == Kind.REFUSED:
            raise ConfigurationError(said.decode("utf-8", "replace"))
        catalogue: Catalogue = pickle.loads(said)  # noqa: S301 - from a process of ours
        return catalogue

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
    _ahead: Started | None = field(default=None, init=False)
    _catalogue: "Catalogue | None" = field(default=None, init=False)

    @property
    def stand_ready(self) -> bool:
        """Whether a ward that was started ahead waits to be asked."""
        return self._ahead is not None and not self._ahead.asked

    @property
    def asked_ahead(self) -> bytes:
        """What the ward that was started ahead was asked, while nobody has heard its answers; else empty."""
        return b"" if self._ahead is None else self._ahead.asked

    def catalogue(self) -> "Catalogue":
        """Return what the installed extractors declare: from the ward that was started ahead, which has loaded them.

        Raises
        ------
        ConfigurationError
            If one cannot be imported or is none.
        """
        if self._catalogue is None and self._ahead is not None:
            self._catalogue = self._ahead.declared()
            if self._catalogue is None:
                self._drop()
        if self._catalogue is None:
            from nexuslims_core.extractors.choosing import catalogue

            self._catalogue = catalogue()
        return self._catalogue

    def start_ahead(self) -> None:
        """Start a ward for the next one who asks for something."""
        self._ahead = self._ahead or self._new()

    def ask_ahead(self, request: bytes) -> None:
        """Ask the ward that stands ready, if one does; whoever asks for the same next gets it, and others another."""
        if self._ahead is not None and not self._ahead.asked:
            self._ahead.ask(request)

    def asked(self, request: bytes) -> Started:
        """Return a ward that was asked this request; it is the caller's to end."""
        if self.meanwhile is not None:
            Thread(target=self.meanwhile, daemon=True).start()
        if self._ahead is not None and self._ahead.asked not in (b"", request):
            self._drop()
        started, self._ahead = self._ahead or self._new(), None
        if not started.asked:
            started.ask(request)
        return started

    def _new(self) -> Started:
        """Return a ward that the nursery forks where there is one, else one that loads its readers first."""
        forked = self.nursery.ward() if self.nursery else None
        if forked is None:
            return _start()
        process, line = forked
        return Started(process=process, line=line)

    def _drop(self) -> None:
        """End the ward that was started ahead: it may still be loading, and if it has workers, they end with it."""
        started, self._ahead = self._ahead, None
        if started is not None:
            started.process.terminate()  # it may have files of its own to remove
            with started:
                pass

    def __enter__(self) -> "Wards":
        """Give these wards."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the one that nobody took, at once."""
        self._drop()


def _start() -> Started:
    ours, theirs = socketpair()
    with theirs:
        return Started(process=launch("program", theirs, os.environ), line=ours)
