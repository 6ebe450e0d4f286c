"""What lies on real file stores beside files and folders: our scan, by one thread and by many, against GNU find."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nexuslims_core.files.models import Scan
from nexuslims_core.files.scanning import scan_folder
from nexuslims_core.files.spans import window
from nexuslims_core.files.statuses import statx
from nexuslims_core.files.windows import files_between

START, END = datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 2, 11, tzinfo=UTC)
NOBODY = 65534

Search = Callable[..., Scan]


@pytest.fixture(
    params=[{"threads": 1}, {"threads": 1, "statx": False}, {"threads": 8}, {"with_gnu_find": True}],
    ids=["all names at once", "name by name", "threads", "GNU find"],
)
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Search]:
    how = dict(request.param)
    if not how.pop("statx", True):
        monkeypatch.setattr("ctypes.CDLL", lambda _name: object())  # a C library that has no statx

    def search(root: Path, **others: Any) -> Scan:
        settings = {"suffixes": None, "ignore": (), "companions": {}, "windows": [window(START, END)]} | others
        return scan_folder(root, instrument_pid="x", now=0.0, **settings, **how)

    statx.cache_clear()
    yield search
    statx.cache_clear()


def write(path: Path, at: float = START.timestamp() + 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    os.utime(path, (at, at))
    return path


def gnu_find(root: Path) -> list[bytes]:
    """Return what GNU find says was modified in the time, both ends included; its own window is open below."""
    find = shutil.which("find")
    assert find is not None
    window = ["-newermt", f"@{START.timestamp() - 1e-6:.6f}", "-not", "-newermt", f"@{END.timestamp():.6f}"]
    command = [find, str(root), "-type", "f", *window, "-print0"]
    answer = subprocess.run(command, check=True, capture_output=True, env={"LC_ALL": "C", "TZ": "UTC"})
    return sorted(answer.stdout.split(b"\0")[:-1])


def paths(scan: Scan) -> list[bytes]:
    return sorted(os.fsencode(file.path) for file in files_between(scan, START, END).files)


def _linked_folder(root: Path) -> None:
    write(root / "real" / "a.dm3")
    (root / "linked").symlink_to("real")


def _linked_file(root: Path) -> None:
    write(root / "deep" / "a.dm3")
    (root / "again.dm3").symlink_to("deep/a.dm3")


def _circles(root: Path) -> None:
    write(root / "a" / "b" / "c.dm3")
    (root / "a" / "b" / "up").symlink_to(root)
    (root / "a" / "self").symlink_to("self")
    (root / "left").symlink_to("right")
    (root / "right").symlink_to("left")


def _links_out(root: Path) -> None:
    write(root.parent / "elsewhere" / "secret.dm3")
    (root / "folder").symlink_to("../elsewhere")
    (root / "file.dm3").symlink_to("../elsewhere/secret.dm3")


def _dangling(root: Path) -> None:
    (root / "gone.dm3").symlink_to("nowhere.dm3")


def _hard_links(root: Path) -> None:
    (root / "second.dm3").hardlink_to(write(root / "first.dm3"))


def _odd_names(root: Path) -> None:
    names = (b"caf\xe9.dm3", b"new\nline.dm3", b"\x01\x1b[31m\x7f.dm3", b"x" * 251 + b".dm3", b"..dm3", b"...", b"..a")
    for name in (*names, b"-rf.dm3", b" ", b"*?[]\\'\"$(x).dm3", "µm ☃.dm3".encode()):
        write(root / os.fsdecode(name))
        write(root / os.fsdecode(b"in " + name[:252]) / "a.dm3")


def _no_files(root: Path) -> None:
    os.mkfifo(root / "pipe.dm3")
    with socket.socket(socket.AF_UNIX) as server:
        os.symlink(root, link := tempfile.mktemp())  # noqa: PTH211, S306 - a socket's path may have 108 bytes
        server.bind(f"{link}/socket.dm3")
        Path(link).unlink()
    if os.geteuid() == 0:
        os.mknod(root / "null.dm3", 0o666 | 0o020000, os.makedev(1, 3))


def _edges(root: Path) -> None:
    for name, at in (("first", START), ("last", END)):
        write(root / name, at.timestamp())
        write(root / f"before {name}", at.timestamp() - 1e-3)
        write(root / f"after {name}", at.timestamp() + 1e-3)


def _empty(root: Path) -> None:
    (root / "empty").mkdir()


ODDITIES = [
    *(_linked_folder, _linked_file, _circles, _links_out, _dangling, _hard_links, _odd_names, _no_files, _edges, _empty)
]


@pytest.mark.parametrize("plant", ODDITIES, ids=lambda plant: plant.__name__[1:].replace("_", " "))
def test_finds_what_gnu_find_finds(plant: Callable[[Path], None], store: Path, search: Search) -> None:
    write(store / "plain.dm3")
    write(store / "of yesterday.dm3", START.timestamp() - 86_400)
    plant(store)

    assert paths(search(store)) == gnu_find(store)


def test_finds_the_same_where_all_comes_together(store: Path, search: Search) -> None:
    for plant in ODDITIES:
        (store / plant.__name__).mkdir()
        plant(store / plant.__name__)
    _links_out(store)

    found = search(store)

    assert paths(found) == gnu_find(store)
    assert sorted(place.path.name for place in found.unsearched) == ["file.dm3", "folder"]


def test_a_link_that_leaves_the_folder_is_refused_and_said(store: Path, search: Search) -> None:
    _links_out(store)

    found = search(store)

    assert found.files == ()
    assert all("leads out of" in place.reason for place in found.unsearched)
    assert len(found.unsearched) == 2


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user without rights, where the tests run as one who may read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_store() -> Iterator[Path]:
    """A folder that everybody can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_beside_a_folder_that_nobody_may_read_the_rest_is_found(open_store: Path, search: Search) -> None:
    write(open_store / "locked" / "hidden.dm3")
    kept = write(open_store / "open" / "a.dm3")
    (open_store / "locked").chmod(0)

    with as_nobody():
        found = search(open_store)
    (open_store / "locked").chmod(0o755)

    assert [file.path for file in found.files] == [kept]
    assert [(place.path.name, place.reason) for place in found.unsearched] == [
        ("locked", "it cannot be read: Permission denied")
    ]


def test_a_file_that_only_a_link_gives_a_wanted_name_is_found_under_it(store: Path, search: Search) -> None:
    write(store / "data.bin")
    (store / "named.dm3").symlink_to("data.bin")

    assert [path.rpartition(b"/")[2] for path in paths(search(store, suffixes=frozenset({".dm3"})))] == [b"named.dm3"]


def test_parts_are_told_the_same_way(store: Path, search: Search) -> None:
    before, after = START.timestamp() - 3_600, END.timestamp() + 3_600
    write(store / "x.emi", after)
    series = (write(store / "x_1.ser"), write(store / "x_2.ser", before))
    write(store / "old.emi", before)
    write(store / "old_1.ser", before)
    write(store / "linked" / "y.emi")
    (store / "linked" / "y_1.ser").symlink_to("data")
    write(store / "linked" / "data", before)
    write(store / "map.zspy" / "deep" / "0.dm3")
    companions = {".emi": {".ser", "_#.ser"}, ".zspy": {"/"}}
    suffixes = frozenset({".emi", ".ser", ".zspy"})

    found = search(store, companions=companions, suffixes=suffixes).files

    assert {file.path.name: len(file.parts) for file in found} == {"x.emi": 2, "y.emi": 1, "map.zspy": 0}
    assert next(file for file in found if file.path.name == "x.emi").parts == series


def test_ignored_names_and_suffixes_count_the_same(store: Path, search: Search) -> None:
    for name in ("a.DM3", "~b.dm3", "c.tar.gz", "d.gz", "Thumbs.db", "e"):
        write(store / name)

    found = search(store, suffixes=frozenset({".dm3", ".tar.gz"}), ignore=("~*", "*.db"))

    assert sorted(file.path.name for file in found.files) == ["a.DM3", "c.tar.gz"]


def test_a_folder_where_files_come_and_go_is_searched_to_the_end(store: Path, search: Search) -> None:
    kept = [write(store / f"{i:03d}" / "kept.dm3") for i in range(50)]
    script = f"cd '{store}'; for i in 0 1 2 3 4 5; do for d in *; do : > $d/new; rm -rf $d/new; done; done"
    churning = subprocess.Popen(["/bin/sh", "-c", script])

    found = [{file.path for file in search(store).files} for _ in range(3)]
    churning.wait()

    assert all(set(kept) <= each for each in found)
