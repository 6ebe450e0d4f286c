"""What foreign readers do to their process, each by the name of the file that it is given; workers import this."""

import ctypes
import locale
import mmap
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from nexuslims_core.artefacts import write_whole
from nexuslims_core.datasets.models import Dataset, DatasetType, Extracted, Metadata, Outcome
from nexuslims_core.errors import StorageError
from nexuslims_core.reading.jobs import Job

LONG_S = 60
DRAW = "draw and "


class OddError(BaseException):
    """Neither an Exception nor one that can be pickled or told."""

    def __init__(self) -> None:
        self.held = threading.Lock()

    def __str__(self) -> str:
        raise KeyError("not even that")


def behave(job: Job, tell: Callable[[Outcome], None]) -> Outcome:
    """Do what the file's name says, then tell of the file and of this process; "draw and …" tells of the file first."""
    name = job.source.path.name.partition(".")[0]
    if name.startswith(DRAW):
        tell(_told(job, {}))
        name = name.removeprefix(DRAW)
    return _told(job, _ACTS.get(name, lambda _job: {})(job) or {})


def _told(job: Job, entries: dict[str, Any]) -> Extracted:
    metadata = Metadata(
        dataset_type=DatasetType.MISC, data_type="Misc", creation_time=None, entries={"pid": os.getpid(), **entries}
    )
    return Extracted(file=job.source.file, datasets=(Dataset(name="x", metadata=metadata, extractor="x"),))


def crash(_: Job) -> None:
    ctypes.string_at(0)


def abort(_: Job) -> None:
    os.abort()


def leave(_: Job) -> None:
    os._exit(3)


def be_killed(_: Job) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang(_: Job) -> None:
    time.sleep(LONG_S)


def hang_on(_: Job) -> None:
    """Ignore every signal that can be ignored, and sleep in C with the interpreter's lock held."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    ctypes.PyDLL(None).sleep(LONG_S)


def stop(_: Job) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def eat(_: Job) -> None:
    bytearray(2 << 30)


def eat_bit_by_bit(_: Job) -> None:
    eaten = []
    while True:
        eaten.append(bytearray(1 << 20))


def eat_pages(_: Job) -> None:
    held = mmap.mmap(-1, 2 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    held.write(bytes(1 << 20))


def eat_shared_pages(_: Job) -> None:
    """Take what no limit of a process counts."""
    held = mmap.mmap(-1, 4 << 30)
    for _ in range(4 << 10):
        held.write(bytes(1 << 20))
        time.sleep(0.001)


def claim(_: Job) -> None:
    np.zeros((1 << 20, 1 << 20, 8))


def swallow_memory_error(_: Job) -> dict[str, Any]:
    try:
        np.zeros((1 << 20, 1 << 20))
    except MemoryError:
        return {"told": "well"}
    return {"told": "it was there"}


def print_much(_: Job) -> None:
    line = b"a warning that nobody reads\n" * 4096
    for _ in range(1 << 10):
        os.write(1, line)
        os.write(2, line)


def print_little(_: Job) -> None:
    sys.stdout.write("on stdout\n")
    sys.stdout.flush()
    os.write(2, b"on stderr\x1b[31m\n")


def fill_disk(_: Job) -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(1 << 30)
        file.seek(0, os.SEEK_END)
        file.write(b"one byte too many")


def close_everything(_: Job) -> None:
    os.closerange(0, 1024)


def take_the_line(job: Job) -> None:
    """Close all files, then open others in their place."""
    os.closerange(3, 1024)
    if job.mirror is not None:
        for _ in range(20):
            os.open(job.mirror.data_path / "taken", os.O_RDWR | os.O_CREAT)


def chatter_on_the_line(_: Job) -> None:
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\0\0\0\0\0\0\0\5junk!")
        except OSError:
            continue


def promise_much_on_the_line(_: Job) -> None:
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\xff" * 64)
        except OSError:
            continue


def change_everything(_: Job) -> None:
    os.chdir("/")
    os.umask(0o777)
    os.environ.clear()
    os.environ["LANG"] = "tlh"
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.setrecursionlimit(50)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))


def say_how_it_is(_: Job) -> dict[str, Any]:
    mask = os.umask(0o022)
    return {
        "folder": str(Path.cwd()),
        "left": sum(1 for _ in Path().iterdir()),
        "mask": mask,
        "PATH": os.environ.get("PATH", ""),
        "SIGTERM": signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
        "locale": str(locale.setlocale(locale.LC_NUMERIC)),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1,
        "temporary": tempfile.gettempdir(),
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 8,
    }


def litter(_: Job) -> None:
    Path("left.tmp").write_bytes(bytes(1000))
    Path("left").mkdir()
    (Path("left") / "more.tmp").write_bytes(b"")
    os.chdir("/")


def have_children(job: Job) -> None:
    """Fork one child, start one program, and let one more escape into a session of its own."""
    pids = [_forked(), subprocess.Popen(["sleep", str(LONG_S)]).pid, _daemon()]  # noqa: S607
    if job.mirror is not None:
        write_whole(job.mirror.data_path / "pids", " ".join(map(str, pids)).encode())


def have_children_and_hang(job: Job) -> None:
    have_children(job)
    hang(job)


def have_children_and_crash(job: Job) -> None:
    have_children(job)
    crash(job)


def _forked() -> int:
    pid = os.fork()
    if pid == 0:
        time.sleep(LONG_S)
        os._exit(0)
    return pid


def _daemon() -> int:
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        os.setsid()
        pid = os.fork()
        if pid == 0:
            time.sleep(LONG_S)
        else:
            os.write(write_end, str(pid).encode())
        os._exit(0)
    return int(os.read(read_end, 20))


def leave_thread(_: Job) -> None:
    threading.Thread(target=time.sleep, args=(LONG_S,)).start()


def fail(_: Job) -> NoReturn:
    raise KeyError("no such tag\x00")


def fail_oddly(_: Job) -> NoReturn:
    raise OddError


def fail_at_length(_: Job) -> NoReturn:
    raise ValueError("<script>alert(1)</script> \ud800 " + "a" * (64 << 20))


def exit_politely(_: Job) -> NoReturn:
    sys.exit("that was all")


def interrupt(_: Job) -> NoReturn:
    raise KeyboardInterrupt


def recurse(job: Job) -> None:
    recurse(job)


def find_disk_full(_: Job) -> NoReturn:
    raise StorageError("cannot write: no space left on device")


def say_what_cannot_be_kept(_: Job) -> dict[str, Any]:
    return {"a": threading.Lock()}


def say_not_a_number(_: Job) -> dict[str, Any]:
    return {"a": float("nan")}


def say_too_much(_: Job) -> dict[str, Any]:
    return {"a": "x" * (32 << 20)}


def write_into_the_store(job: Job) -> dict[str, Any]:
    """Try all ways to change what lies beside the file, and tell which were refused."""
    path = job.source.path
    ways: dict[str, Callable[[], object]] = {
        "write": lambda: path.write_bytes(b""),
        "append": lambda: path.open("ab"),
        "make": lambda: path.with_suffix(".lock").touch(),
        "remove": path.unlink,
        "rename": lambda: path.rename(path.with_suffix(".old")),
        "link": lambda: path.with_suffix(".link").symlink_to(path),
        "make a folder": lambda: path.with_suffix(".d").mkdir(),
        "cut short": lambda: os.truncate(path, 0),
        "by another program": lambda: subprocess.run(["touch", path.with_suffix(".new")], check=True),  # noqa: S607
    }
    return {name: _is_refused(way) for name, way in ways.items()}


def _is_refused(way: Callable[[], object]) -> bool:
    try:
        way()
    except (OSError, subprocess.CalledProcessError):
        return True
    return False


def write_where_it_may(job: Job) -> None:
    if job.mirror is not None:
        (job.mirror.data_path / "written").write_text("here")
    Path(os.devnull).write_text("there")


_ACTS: dict[str, Callable[[Job], dict[str, Any] | None]] = {
    name: act for name, act in globals().items() if callable(act) and getattr(act, "__module__", "") == __name__
}
