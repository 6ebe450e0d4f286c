"""The raw store is never written: seen by the kernel, with nothing there to hold a reader back."""

import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHANGES = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800
"""Of inotify(7): modified, attributes, closed after writing, moved, created, deleted; reading is none of them."""
EVENT = struct.Struct("iIII")

READS_ALL = """
import os, sys, time
from datetime import UTC
from pathlib import Path
from nexuslims_core.errors import StorageError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import catalogue
from nexuslims_core.files.models import FoundFile
from nexuslims_core.files.parts import parts_of
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.opening import open_file
from nexuslims_core.reading.outputs import Mirror

store, data = map(Path, sys.argv[1:])
paths = sorted(path for path in store.rglob("*") if path.is_file())
parts = parts_of(map(str, paths), catalogue().companions)
owned = {Path(part) for own in parts.values() for part in own}
read = 0
for path in paths:
    if path in owned:
        continue
    status = path.stat()
    own = tuple(map(Path, parts.get(str(path), ())))
    file = FoundFile(path=path, size=status.st_size, mtime=status.st_mtime, parts=own)
    mirror = Mirror(filestore=store, data_path=data)
    open_file(Job(source=Source(file=file, zone=UTC), mirror=mirror, recipe="test"))
    read += 1
print(read)
"""


@contextmanager
def changes_below(folder: Path) -> Iterator[list[str]]:
    """Collect the names of everything below a folder that anybody writes to, makes, moves or removes."""
    kernel = ctypes.CDLL(None, use_errno=True)
    watch = kernel.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert watch >= 0
    seen: list[str] = []
    try:
        for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            assert kernel.inotify_add_watch(watch, os.fsencode(place), CHANGES) >= 0
        yield seen
        seen.extend(_names(watch))
    finally:
        os.close(watch)


def _names(watch: int) -> Iterator[str]:
    while True:
        try:
            events = os.read(watch, 1 << 20)
        except BlockingIOError:
            return
        at = 0
        while at < len(events):
            *_, length = EVENT.unpack_from(events, at)
            at += EVENT.size
            yield os.fsdecode(events[at : at + length].rstrip(b"\0"))
            at += length


def test_the_watch_sees_a_lock_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()

    with changes_below(tmp_path) as changed:
        (tmp_path / "deep" / "a.lock").touch()
        (tmp_path / "deep" / "a.lock").unlink()

    assert set(changed) == {"a.lock"}


@pytest.mark.slow
def test_no_reader_of_any_real_file_writes_beside_it(all_em_files: Path, tmp_path: Path) -> None:
    with changes_below(all_em_files) as changed:
        done = subprocess.run(
            [sys.executable, "-c", READS_ALL, all_em_files, tmp_path / "data"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) > 300  # the readers print before it
    assert changed == []
