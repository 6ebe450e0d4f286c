"""Messages between the processes that read files: a length, then that many bytes."""

import struct
from dataclasses import dataclass
from enum import Enum
from socket import socket

from nexuslims_core.reading.limits import Limits

HEADER = struct.Struct(">Q")
ANSWER = struct.Struct(">Ic")
"""What an answer to the caller begins with: which job, and what kind of answer."""


class Kind(bytes, Enum):
    """What an answer holds."""

    OUTCOME = b"o"
    """An outcome as JSON."""
    SO_FAR = b"f"
    """An outcome as JSON that holds if nothing better follows; the answer does."""
    REASON = b"r"
    """Why the file is unreadable, or no more is known of it than was said so far."""
    STORAGE = b"s"
    """Why what was learnt cannot be written, which is no file's fault."""
    PRINTED = b"p"
    """The end of what the reader printed; the answer follows."""
    READY = b"c"
    """The pickled catalogue of the readers, which a ward says first of all."""
    REFUSED = b"x"
    """Why no file can be read at all, said instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that a ward is asked to do.

    Attributes
    ----------
    work
        ``module:function`` that turns a job into an outcome.
    jobs
        Each pickled, so that only workers load what they need to understand them; in the order to begin them.
    writable
        Folders that workers may write to.
    """

    work: str
    limits: Limits
    jobs: tuple[bytes, ...]
    writable: tuple[str, ...]


def send(line: socket, *parts: bytes) -> None:
    """Send one message."""
    line.sendall(b"".join((HEADER.pack(sum(map(len, parts))), *parts)))


def receive(line: socket) -> bytes | None:
    """Wait for the next message and return it; None when the other side is gone."""
    header = _exactly(line, HEADER.size)
    return None if header is None else _exactly(line, HEADER.unpack(header)[0])


def _exactly(line: socket, count: int) -> bytes | None:
    got = bytearray()
    while len(got) < count:
        try:
            piece = line.recv(min(count - len(got), 1 << 20))
        except ConnectionError:
            return None
        if not piece:
            return None
        got += piece
    return bytes(got)
