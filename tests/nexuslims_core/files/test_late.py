import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nexuslims_core.files.late import arrived_after
from nexuslims_core.files.models import FoundFile, Scan

Write = Callable[..., Path]


def found(path: Path, *parts: Path) -> FoundFile:
    return FoundFile(path=path, size=0, mtime=1_000.0, parts=parts)


def test_a_copy_with_an_old_time_came_when_it_was_copied(store: Path, write: Write) -> None:
    copy = found(write(store / "a.dm3", mtime=1_000.0))

    assert arrived_after([copy], time.time() - 60) == (copy,)
    assert arrived_after([copy], time.time() + 60) == ()


def test_a_dataset_came_with_the_last_of_its_files(store: Path, write: Write) -> None:
    early = write(store / "a.emi")
    between = early.stat().st_ctime_ns / 10**9
    while time.time_ns() / 10**9 <= between + 0.02:  # a file server's clock ticks in steps
        time.sleep(0.01)
    dataset = found(early, write(store / "a_1.ser"))

    assert arrived_after([dataset], between) == (dataset,)
    assert arrived_after([found(early)], between) == ()


def test_a_folder_that_is_one_dataset_came_with_the_last_file_in_it(
    store: Path, write: Write, scan: Callable[..., Scan]
) -> None:
    write(store / "map.zspy" / "deep" / "0.dm3")

    (dataset,) = scan(store, companions={".zspy": {"/"}}).files

    assert arrived_after([dataset], time.time() - 60) == (dataset,)


def test_a_file_that_is_gone_did_not_come(store: Path, write: Write) -> None:
    there = found(write(store / "a.dm3"))

    assert arrived_after([replace(there, path=store / "gone.dm3"), there], 0.0) == (there,)
