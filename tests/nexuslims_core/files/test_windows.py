import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.errors import StorageError
from nexuslims_core.files.models import FileList, FoundFile, Scan, Unsearched
from nexuslims_core.files.scanning import scan_folder
from nexuslims_core.files.spans import window
from nexuslims_core.files.windows import files_between

START = datetime(2019, 11, 13, 10, tzinfo=UTC)
END = START + timedelta(hours=1)
TROUBLE = (Unsearched(path=Path("/data/x"), reason="no"),)


def scan_of(*mtimes: float, absent: str | None = None) -> Scan:
    files = tuple(FoundFile(path=Path(f"/data/{i}"), size=0, mtime=mtime) for i, mtime in enumerate(sorted(mtimes)))
    return Scan(instrument_pid="x", root=Path("/data"), taken_at=0.0, files=files, unsearched=TROUBLE, absent=absent)


def test_both_ends_belong_to_the_window() -> None:
    first, last = START.timestamp(), END.timestamp()
    scan = scan_of(first - 1e-6, first, first + 5, last, last + 1e-6)

    assert [file.mtime for file in files_between(scan, START, END).files] == [first, first + 5, last]


def test_a_margin_widens_the_window_at_both_ends() -> None:
    scan = scan_of(START.timestamp() - 2, END.timestamp() + 2, END.timestamp() + 2.5)

    assert len(files_between(scan, START, END, margin_s=2.0).files) == 2


@pytest.mark.parametrize(
    ("emi_s", "series_s", "dated_s"),
    [
        (5.0, -1.0, 5.0),
        (5.0, 3.0, 5.0),
        (3_601.0, 3_600.0, 3_600.0),
        (-1.0, 0.0, 0.0),
        (9e6, 7.0, 7.0),
        (3_601.0, -1.0, None),
    ],
    ids=["series before", "both inside", "saved after the end", "series after it", "saved again", "round the session"],
)
def test_a_dataset_is_found_by_any_of_its_files(emi_s: float, series_s: float, dated_s: float | None) -> None:
    begin = START.timestamp()
    mtimes = (begin + emi_s, begin + series_s)
    dataset = FoundFile(path=Path("/data/a.emi"), size=0, mtime=mtimes[0], mtimes=tuple(sorted(mtimes)))
    scan = replace(scan_of(), files=(dataset,))

    found = files_between(scan, START, END).files

    assert found == (() if dated_s is None else (replace(dataset, mtime=begin + dated_s),))


def test_a_dataset_found_by_a_part_stands_where_the_part_does() -> None:
    begin = START.timestamp()
    scan = scan_of(begin + 1, begin + 3)
    dataset = FoundFile(path=Path("/data/a.emi"), size=0, mtime=begin - 9, mtimes=(begin - 9, begin + 2))

    found = files_between(replace(scan, files=(dataset, *scan.files)), START, END).files

    assert [file.path.name for file in found] == ["0", "a.emi", "1"]


def test_places_that_were_not_searched_go_with_every_window() -> None:
    assert files_between(scan_of(), START, END) == FileList(files=(), unsearched=TROUBLE)


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    summer, winter = timezone(timedelta(hours=-4)), timezone(timedelta(hours=-5))
    first = datetime(2019, 11, 3, 1, 30, tzinfo=summer)
    second = datetime(2019, 11, 3, 1, 30, tzinfo=winter)
    scan = scan_of(first.timestamp(), second.timestamp())

    assert files_between(scan, second, second).files == scan.files[1:]


def test_an_absent_folder_is_never_a_session_without_files() -> None:
    with pytest.raises(StorageError, match="not mounted"):
        files_between(scan_of(absent="the file store is not mounted"), START, END)


def test_a_time_that_was_not_searched_is_never_a_session_without_files() -> None:
    scan = replace(scan_of(), windows=(window(START, END),))

    assert files_between(scan, START, END).files == ()
    with pytest.raises(StorageError, match=r"was not searched for files from 2019-.* search it again"):
        files_between(scan, START, END + timedelta(seconds=1))


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="need a zone"):
        files_between(scan_of(), START.replace(tzinfo=None), END)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EDGE_US = 1_573_657_200_123_456
OFFSETS_US = st.sampled_from([-1_000_001, -1_000_000, -2, -1, 0, 1, 2, 999_999, 1_000_000])
NAMES = st.sampled_from([b"a.dm3", b"B.DM3", b"new\nline", b"\xff\xfe.tif", b"-print", b" ", b".hidden", "µ".encode()])
FOLDERS = st.sampled_from([b".", b"sub", b"sub/deeper", b"new\nfolder", b"\xe9t\xe9"])
TREES = st.dictionaries(st.tuples(FOLDERS, NAMES), OFFSETS_US, max_size=10)


@settings(deadline=None, max_examples=40)
@given(TREES, OFFSETS_US, st.integers(0, 3))
def test_a_window_of_a_scan_is_what_gnu_find_finds(
    tree: dict[tuple[bytes, bytes], int], offset_us: int, length_us: int
) -> None:
    start_us, end_us = EDGE_US + offset_us, EDGE_US + offset_us + length_us
    with tempfile.TemporaryDirectory() as root:
        plant(os.fsencode(root), tree)

        scan = scan_folder(Path(root), instrument_pid="x", suffixes=None, ignore=(), companions={}, now=0.0)
        found = files_between(scan, aware(start_us), aware(end_us))

        assert sorted(os.fsencode(file.path) for file in found.files) == gnu_find(root, start_us - 1, end_us)


def plant(root: bytes, tree: dict[tuple[bytes, bytes], int]) -> None:
    for (folder, name), offset_us in tree.items():
        path = Path(os.fsdecode(os.path.normpath(os.path.join(root, folder, name))))  # noqa: PTH118 - names are bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, ns=(0, (EDGE_US + offset_us) * 1000))


def aware(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def gnu_find(root: str, after_us: int, until_us: int) -> list[bytes]:
    find = shutil.which("find")
    assert find is not None
    window = ["-newermt", f"@{after_us / 10**6:.6f}", "-not", "-newermt", f"@{until_us / 10**6:.6f}"]
    command = [find, root, "-type", "f", *window, "-print0"]
    answer = subprocess.run(command, check=True, capture_output=True)
    return sorted(answer.stdout.split(b"\0")[:-1])


def test_one_scan_serves_every_session(tmp_path: Path, write: Callable[..., Path], scan: Callable[..., Scan]) -> None:
    for hour in range(4):
        write(tmp_path / f"{hour}.dm3", mtime=START.timestamp() + 3600 * hour)
    found = scan(tmp_path)

    windows = [files_between(found, START + timedelta(hours=h), START + timedelta(hours=h + 1)) for h in range(3)]

    assert [[file.path.stem for file in window.files] for window in windows] == [["0", "1"], ["1", "2"], ["2", "3"]]
