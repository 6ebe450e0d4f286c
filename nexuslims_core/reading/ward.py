"""The process that forks workers, watches each, and ends those that take too long or too much.

It has one thread, so that forking it is safe. Whatever a worker leaves behind becomes a child of the ward and is ended
by it; the ward ends with its caller, and workers end with the ward.
"""

import math
import os
import selectors
import shutil
import signal
import socket
import tempfile
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nexuslims_core.reading import fence, frames, worker
from nexuslims_core.reading.frames import ANSWER, HEADER, Kind, Request

TICK_S = 0.1
GRACE_S = 1.0
"""For a worker that has hung up to die of it, so that its end can be named."""
END_S = 2.0
"""For all to be gone at the end; what even SIGKILL does not end, such as a dead file server's, is left to itself."""
LARGEST_ANSWER = 16 << 20
"""Bytes of what is kept of one file: a record with more would be of use to nobody."""
_TAIL = 2000
_PIECE = 1 << 16


class CallerGoneError(Exception):
    """Nobody waits for answers any more."""


@dataclass(slots=True, kw_only=True, eq=False)
class Worker:
    """One worker as the ward sees it.

    Attributes
    ----------
    index
        The job that it works on; None between two.
    deadline
        On the monotonic clock; then the job ends with the ``verdict``.
    """

    pid: int
    line: socket.socket
    printed: int
    scratch: Path
    index: int | None = None
    deadline: float = math.inf
    verdict: str = ""
    inbox: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)


class Ward:
    """Does what one request asks for."""

    def __init__(self, caller: socket.socket, request: Request, scratch: Path) -> None:
        self._caller, self._request, self._scratch = caller, request, scratch
        self._waiting = deque(range(len(request.jobs)))
        self._workers: dict[int, Worker] = {}
        self._dying: dict[int, Path] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(caller, selectors.EVENT_READ, self._hear_caller)
        self._parent = os.getppid()

    def run(self) -> None:
        """Answer every job, each once."""
        next_look = 0.0
        while self._waiting or any(each.index is not None for each in self._workers.values()):
            self._assign()
            for key, _ in self._selector.select(TICK_S):
                key.data()
            if time.monotonic() >= next_look:
                self._look_after()
                next_look = time.monotonic() + TICK_S

    def end(self) -> None:
        """End every process below this one and remove what they wrote for themselves."""
        for each in tuple(self._workers.values()):
            self._dismiss(each)
        deadline = time.monotonic() + END_S
        while (self._dying or self._strays()) and time.monotonic() < deadline:
            self._bury()
            self._end_strays()
            time.sleep(0.002)

    def _hear_caller(self) -> None:
        with suppress(ConnectionError):
            if self._caller.recv(1):
                return
        raise CallerGoneError

    def _assign(self) -> None:
        idle = deque(each for each in self._workers.values() if each.index is None)
        while self._waiting and (idle or len(self._workers) < self._request.limits.workers):
            chosen = idle.popleft() if idle else self._hire()
            chosen.index = self._waiting.popleft()
            chosen.deadline = time.monotonic() + self._request.limits.timeout_s
            chosen.verdict = f"reading it took longer than {self._request.limits.timeout_s:g} s, so it was stopped"
            chosen.tail.clear()
            with suppress(OSError):  # it has just died, as will be seen
                frames.send(chosen.line, chosen.index.to_bytes(4))

    def _hire(self) -> Worker:
        ours, theirs = socket.socketpair()
        printed, prints = os.pipe()
        scratch = Path(tempfile.mkdtemp(dir=self._scratch))
        ward = os.getpid()
        pid = os.fork()
        if pid == 0:
            seat = worker.Seat(ward=ward, line=theirs, printed=prints, scratch=scratch)
            fence.and_no_further(lambda: worker.serve(seat, self._request))
        theirs.close()
        os.close(prints)
        for end in (ours.fileno(), printed):
            os.set_blocking(end, False)
        hired = Worker(pid=pid, line=ours, printed=printed, scratch=scratch)
        self._workers[pid] = hired
        self._selector.register(ours, selectors.EVENT_READ, lambda: self._read(hired))
        self._selector.register(printed, selectors.EVENT_READ, lambda: self._overhear(hired))
        return hired

    def _overhear(self, each: Worker) -> None:
        """Keep the end of what a worker prints, be it gigabytes."""
        if each.pid not in self._workers or each.printed not in self._selector.get_map():
            return
        try:
            piece = os.read(each.printed, _PIECE)
        except BlockingIOError:
            return
        if not piece:
            self._selector.unregister(each.printed)
        each.tail += piece
        del each.tail[:-_TAIL]

    def _read(self, each: Worker) -> bool:
        """Take what a worker has sent; return whether there may be more."""
        if each.pid not in self._workers:
            return False
        try:
            piece = each.line.recv(_PIECE)
        except BlockingIOError:
            return False
        except ConnectionError:
            piece = b""
        if not piece:
            self._hung_up(each)
            return False
        each.inbox += piece
        while each.pid in self._workers and len(each.inbox) >= HEADER.size:
            if not self._take(each, *HEADER.unpack_from(each.inbox)):
                break
        return True

    def _hung_up(self, each: Worker) -> None:
        """Wait a little for a worker that has closed its line, to see what it dies of."""
        if each.line in self._selector.get_map():
            self._selector.unregister(each.line)
            each.verdict = "its reader broke off without an answer"
            each.deadline = min(each.deadline, time.monotonic() + GRACE_S)

    def _take(self, each: Worker, length: int) -> bool:
        """Take one message out of what a worker has sent; return whether it was there whole."""
        if length > LARGEST_ANSWER:
            self._give_up(each, f"what it says of itself takes more than {LARGEST_ANSWER >> 20} MB")
            return False
        if len(each.inbox) - HEADER.size < length:
            return False
        message = bytes(each.inbox[HEADER.size : HEADER.size + length])
        del each.inbox[: HEADER.size + length]
        self._answered(each, message)
        return True

    def _answered(self, each: Worker, message: bytes) -> None:
        if message[:1] not in worker.ANSWERS:  # a reader wrote into the line
            self._give_up(each, "its reader broke off without an answer")
            return
        kind, said = Kind(message[:1]), message[2:]
        if kind is Kind.SO_FAR:
            self._pass_on(each, kind, said)
            return
        self._tell(each, kind, said)
        each.deadline = math.inf
        if message[1:2] != worker.FIT:
            self._dismiss(each)

    def _tell(self, each: Worker, kind: Kind, said: bytes) -> None:
        """Answer a worker's job, once."""
        if each.printed in self._selector.get_map():
            self._overhear(each)
        if each.tail:
            self._pass_on(each, Kind.PRINTED, bytes(each.tail))
        self._pass_on(each, kind, said)
        each.index = None

    def _pass_on(self, each: Worker, kind: Kind, said: bytes) -> None:
        """Say something of a worker's job to the caller, if it has one."""
        if each.index is None:
            return
        try:
            frames.send(self._caller, ANSWER.pack(each.index, kind), said)
        except OSError as error:
            raise CallerGoneError from error

    def _give_up(self, each: Worker, reason: str) -> None:
        self._tell(each, Kind.REASON, reason.encode())
        self._dismiss(each)

    def _dismiss(self, each: Worker) -> None:
        """End a worker and forget it; its number is its own until it is buried."""
        del self._workers[each.pid]
        for end in (each.line, each.printed):
            with suppress(KeyError, ValueError):
                self._selector.unregister(end)
        each.line.close()
        os.close(each.printed)
        self._dying[each.pid] = each.scratch
        for end_it in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                end_it(each.pid, signal.SIGKILL)

    def _look_after(self) -> None:
        if os.getppid() != self._parent:
            raise CallerGoneError
        self._bury()
        for each in tuple(self._workers.values()):
            if time.monotonic() > each.deadline:
                self._give_up(each, each.verdict)
            elif _memory_mb(each.pid) > self._request.limits.memory_mb:
                limit = self._request.limits.memory_mb
                self._give_up(each, f"reading it needs more than the {limit} MB that one file may take")
        self._end_strays()

    def _bury(self) -> None:
        """Take note of every process that has ended."""
        with suppress(ChildProcessError):
            while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if ended.si_pid in self._workers:
                    code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
                    self._died(self._workers[ended.si_pid], code)
                os.waitpid(ended.si_pid, 0)
                scratch = self._dying.pop(ended.si_pid, None)
                if scratch is not None:
                    shutil.rmtree(scratch, ignore_errors=True)

    def _died(self, each: Worker, code: int) -> None:
        while self._read(each):
            pass
        if each.pid in self._workers:
            self._give_up(each, _cause(code))

    def _end_strays(self) -> None:
        for pid in self._strays():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def _strays(self) -> frozenset[int]:
        """Return the children of this process that are not its workers: what workers have left."""
        return worker.children() - self._workers.keys() - self._dying.keys()


def _cause(code: int) -> str:
    if code == worker.LINE_LOST:
        return "its reader closed files that are not its own"
    if code >= 0:
        return f"its reader crashed (exit code {code})"
    if -code == signal.SIGKILL:
        return "its reader was killed from outside, perhaps because the machine ran out of memory"
    try:
        return f"its reader crashed ({signal.Signals(-code).name})"
    except ValueError:
        return f"its reader crashed (signal {-code})"


def _memory_mb(pid: int) -> float:
    """Return the memory that a process alone has, what it shares with others by intention included."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = (line.split() for line in status.splitlines())
    return sum(int(words[1]) for words in lines if words[0] in ("RssAnon:", "RssShmem:")) / 1024
