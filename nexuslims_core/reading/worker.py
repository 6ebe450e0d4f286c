"""A worker: one process that reads one file after another, and leaves when a file has left it other than it was.

Everything that a reader raises ends here, by whatever name. What it does to its process that cannot be caught (crashes,
endless loops, memory) is the ward's to see.
"""

import errno
import os
import pickle
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from socket import socket
from types import FrameType
from typing import Any

from nexuslims_core import codec
from nexuslims_core.datasets.models import Outcome
from nexuslims_core.errors import StorageError
from nexuslims_core.reading import fence, frames
from nexuslims_core.reading.frames import Kind, Request
from nexuslims_core.reading.jobs import LONGEST_REASON, Job
from nexuslims_core.reading.limits import Limits

FIT, UNFIT = b"+", b"-"
LINE_LOST = 71
"""Exit code of a worker that can no longer answer."""
ANSWERS = frozenset({Kind.OUTCOME, Kind.SO_FAR, Kind.REASON, Kind.STORAGE})
_RIGHTS_MASK = 0o022
Work = Callable[[Job, Callable[[Outcome], None]], Outcome]
Handler = Callable[[int, FrameType | None], Any] | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a worker sits: the process that watches it, its line to it, where it prints, and its own folder."""

    ward: int
    line: socket
    printed: int
    scratch: Path


def serve(seat: Seat, request: Request) -> None:
    """Answer every job that the ward names, until it hangs up."""
    _settle(seat, request)
    work = _imported(request.work)
    before, environment = _Habits.now(seat.line), dict(os.environ)
    while (asked := frames.receive(seat.line)) is not None:
        kind, said = _answer(work, request.jobs[int.from_bytes(asked)], request.limits, seat.line)
        after = _Habits.now(seat.line)
        if after.line != before.line:  # a reader has closed it; what has its number now is somebody's file
            os._exit(LINE_LOST)
        fit = kind is Kind.OUTCOME and after == before and _is_light(request.limits)
        fit = fit and _put_back(seat.scratch, environment)
        frames.send(seat.line, kind, FIT if fit else UNFIT, said)


def children() -> frozenset[int]:
    """Return the processes that this one is the parent of; none where the kernel does not tell."""
    try:
        return frozenset(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))
    except OSError:
        return frozenset()


def _settle(seat: Seat, request: Request) -> None:
    """Leave the ward's session, files and folder, and put up the fence."""
    os.setsid()
    fence.die_with(seat.ward)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    for stream in (1, 2):
        os.dup2(seat.printed, stream)
    kept = {0, 1, 2, seat.line.fileno()}
    for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if descriptor not in kept:
            with suppress(OSError):
                os.close(descriptor)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["TMPDIR"] = tempfile.tempdir = str(seat.scratch)
    os.chdir(seat.scratch)
    fence.bound(request.limits)
    fence.write_only_below((seat.scratch, *request.writable))


def _imported(work: str) -> Work:
    module, _, name = work.partition(":")
    function: Work = getattr(import_module(module), name)
    return function


def _answer(work: Work, job: bytes, limits: Limits, line: socket) -> tuple[Kind, bytes]:
    def tell(outcome: Outcome) -> None:
        frames.send(line, Kind.SO_FAR, FIT, _as_json(outcome))

    try:
        return Kind.OUTCOME, _as_json(work(pickle.loads(job), tell))  # noqa: S301 - from our own caller
    except StorageError as error:
        return Kind.STORAGE, _encoded(str(error))
    except BaseException as error:  # noqa: BLE001 - readers raise anything; docs/decisions/0002
        return Kind.REASON, _encoded(_reason(error, limits))


def _as_json(outcome: Outcome) -> bytes:
    return codec.to_line(outcome, Outcome)


def _reason(error: BaseException, limits: Limits) -> str:
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return f"reading it needs more than the {limits.memory_mb} MB that one file may take"
    return f"its reader failed: {type(error).__name__}: {_text(error)}"


def _text(error: BaseException) -> str:
    try:
        return " ".join(str(error)[: 2 * LONGEST_REASON].split())
    except BaseException:  # noqa: BLE001 - even its text is foreign code
        return "it cannot say why"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habits:
    """What one file must not change for the next; folder, mask and environment are put back instead."""

    line: tuple[int, int] | None
    streams: tuple[tuple[int, int] | None, ...]
    handlers: tuple[Handler, ...]
    blocked: frozenset[int]
    threads: int
    children: frozenset[int]

    @classmethod
    def now(cls, line: socket) -> "_Habits":
        return cls(
            line=_identity(line.fileno()),
            streams=tuple(_identity(stream) for stream in (0, 1, 2)),
            handlers=tuple(signal.getsignal(number) for number in sorted(signal.valid_signals())),
            blocked=frozenset(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
            threads=sum(not thread.daemon for thread in threading.enumerate()),
            children=children(),
        )


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_light(limits: Limits) -> bool:
    """Tell whether a file has left enough memory to the next."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    return pages * os.sysconf("SC_PAGE_SIZE") < (limits.memory_mb << 20) // 2


def _put_back(scratch: Path, environment: dict[str, str]) -> bool:
    """Return to an empty folder, the usual rights of new files and the environment of the start, if that can be."""
    os.umask(_RIGHTS_MASK)
    if os.environ != environment:
        os.environ.clear()
        os.environ.update(environment)
    try:
        os.chdir(scratch)
        for entry in os.scandir(scratch):
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)  # noqa: PTH108 - as bytes
    except OSError:
        return False
    return True
