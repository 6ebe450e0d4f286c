"""The program that a nursery is: readers loaded once, and a ward forked from it for whoever rings.

It has one thread, so that forking it is safe, and opens no file. A ward that was forked is as one that was started: a
session of its own, nothing of whoever asked for it but a line and where to print.
"""

import gc
import os
import select
import signal
import socket
from contextlib import suppress
from importlib import import_module

from nexuslims_core.reading import fence, program
from nexuslims_core.reading.frames import Kind
from nexuslims_core.reading.nursery import HOLD, NUMBER
from nexuslims_core.reading.preloading import preload

AHEAD = ("h5py", "tifffile")
"""What some readers load only when a file needs it; here it is loaded once for thousands."""


def main(descriptor: int) -> None:
    """Fork a ward for each line that comes, until nobody is left who could send one."""
    gc.set_threshold(program.PATIENCE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, program.leave)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for wards
    with socket.socket(fileno=descriptor) as bell:
        greeting = preload()
        if greeting[0] is Kind.REFUSED:
            return  # a ward that is started instead says why
        for name in AHEAD:
            import_module(name)
        gc.collect()
        gc.freeze()  # the garbage collector would else copy what wards share
        _Nurse(bell, greeting).attend()


class _Nurse:
    """Answers whoever rings."""

    def __init__(self, bell: socket.socket, greeting: tuple[Kind, bytes]) -> None:
        self._bell, self._greeting = bell, greeting
        self._held: dict[int, int] = {}  # files by the handle of the process that they belong to
        self._waiting = select.poll()
        self._waiting.register(bell, select.POLLIN)

    def attend(self) -> None:
        """Answer until nobody is left who could ring."""
        while True:
            for number, _ in self._waiting.poll():
                if number != self._bell.fileno():
                    self._let_go(number)
                elif not self._answer():
                    return

    def _answer(self) -> bool:
        wish, files, _, _ = socket.recv_fds(self._bell, 1, 2, socket.MSG_CMSG_CLOEXEC)
        if len(files) != 2:  # nobody is left, or there is no room for more files: wards are started elsewhere then
            return False
        if wish == HOLD:
            process, file = files
            self._held[process] = file
            self._waiting.register(process, select.POLLIN)
        else:
            self._fork(*files)
        return True

    def _let_go(self, process: int) -> None:
        """Close the file of a process that has ended."""
        self._waiting.unregister(process)
        os.close(self._held.pop(process))
        os.close(process)

    def _fork(self, line: int, printed: int) -> None:
        with suppress(OSError):  # no more processes may be had: whoever rang hears the line break
            if os.fork() == 0:
                fence.and_no_further(lambda: self._be_ward(line, printed))
        os.close(line)
        os.close(printed)

    def _be_ward(self, line: int, printed: int) -> None:
        self._bell.close()
        for number in (*self._held, *self._held.values()):  # a ward may outlive those whose files these are
            os.close(number)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.dup2(printed, 2)
        os.close(printed)
        with socket.socket(fileno=line) as caller:
            caller.sendall(NUMBER.pack(os.getpid()))
            program.serve(caller, self._greeting)
