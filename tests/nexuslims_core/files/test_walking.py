import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from nexuslims_core.files.ignoring import ALONE, Wanted
from nexuslims_core.files.models import Scan
from nexuslims_core.files.walking import walk

Write = Callable[..., Path]
Scanner = Callable[..., Scan]

DM = frozenset({".dm3"})


def paths(scan: Scan) -> list[Path]:
    return [file.path for file in scan.files]


def test_a_link_to_a_folder_beside_it_lists_no_file_twice(store: Path, write: Write, scan: Scanner) -> None:
    real = write(store / "real" / "a.dm3")
    plain = write(store / "plain" / "b.dm3")
    (store / "linked").symlink_to("real")

    found = scan(store)

    assert paths(found) == [plain, real]
    assert found.unsearched == ()


def test_links_in_a_circle_end(store: Path, write: Write, scan: Scanner) -> None:
    path = write(store / "a" / "b" / "c.dm3")
    (store / "a" / "b" / "up").symlink_to(store)
    (store / "a" / "self").symlink_to("self")

    assert paths(scan(store)) == [path]


def test_a_link_out_of_the_folder_is_refused_and_said(store: Path, write: Write, scan: Scanner) -> None:
    write(store.parent / "JEOL" / "secret.dm3")
    inside = write(store / "a.dm3")
    link = store / "elsewhere"
    link.symlink_to("../JEOL")

    found = scan(store)

    assert paths(found) == [inside]
    assert [place.path for place in found.unsearched] == [link]
    assert "leads out of" in found.unsearched[0].reason


def test_a_link_to_an_archive_that_is_not_mounted_is_said(store: Path, scan: Scanner) -> None:
    (store / "2019").symlink_to("/nonexistent/archive/2019")

    assert [place.path.name for place in scan(store).unsearched] == ["2019"]


def test_a_linked_file_outside_is_said_only_if_its_name_is_wanted(store: Path, write: Write, scan: Scanner) -> None:
    outside = write(store.parent / "shared.txt")
    (store / "image.dm3").symlink_to(outside)
    (store / "notes.txt").symlink_to(outside)

    found = scan(store, suffixes=DM)

    assert found.files == ()
    assert [place.path.name for place in found.unsearched] == ["image.dm3"]


def test_a_linked_file_is_listed_once_under_its_own_name(store: Path, write: Write, scan: Scanner) -> None:
    path = write(store / "deep" / "a.dm3")
    (store / "again.dm3").symlink_to(path)

    assert paths(scan(store)) == [path]


def test_a_link_that_alone_has_a_wanted_name_is_followed_once(store: Path, write: Write, scan: Scanner) -> None:
    target = write(store / "data.bin", mtime=5.0, content=b"123")
    for name in ("first.dm3", "second.dm3"):
        (store / name).symlink_to(target)

    found = scan(store, suffixes=DM)

    assert [(file.path.name, file.size, file.mtime) for file in found.files] == [("first.dm3", 3, 5.0)]


def test_a_dangling_link_inside_is_a_file_that_vanished(store: Path, scan: Scanner) -> None:
    (store / "a.dm3").symlink_to("gone.dm3")

    found = scan(store)

    assert (found.files, found.unsearched) == ((), ())


def test_a_root_that_is_a_link_itself_is_walked_under_its_own_name(store: Path, write: Write, scan: Scanner) -> None:
    write(store / "a.dm3")
    root = store.with_name("current")
    root.symlink_to(store)

    assert paths(scan(root)) == [root / "a.dm3"]


def test_a_folder_that_cannot_be_read_is_said_and_the_rest_is_found(store: Path, write: Write, scan: Scanner) -> None:
    path = write(store / "a.dm3")
    deep_folder(store, levels=20)

    found = scan(store)

    assert paths(found) == [path]
    assert [place.reason for place in found.unsearched] == ["it cannot be read: File name too long"]


def deep_folder(root: Path, levels: int) -> None:
    """Make folders in each other, whose path in the end is longer than the system lets one say."""
    handle = os.open(root, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d" * 250, dir_fd=handle)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(handle)


def meddling(work: Callable[[], object]) -> Wanted:
    """Return a rule that wants every name, and does something to the file store as soon as it sees one."""

    class Meddling(Wanted):
        @override
        def kind_by_suffix(self, text: str) -> int:
            work()
            return ALONE

    return Meddling(suffixes=(".dm3",), owners=(), companions=(), ignored=None)


@pytest.mark.parametrize("threads", [1, 4])
def test_a_file_that_vanishes_during_the_walk_is_skipped(threads: int, store: Path, write: Write) -> None:
    kept = write(store / "kept.dm3")
    leaving = write(store / "leaving.dm3")

    catch = walk(store, meddling(lambda: leaving.unlink(missing_ok=True)), threads=threads)

    assert [file.path for file in catch.found] == [kept]
    assert catch.unsearched == []


@pytest.mark.parametrize("threads", [1, 4])
def test_a_folder_that_vanishes_during_the_walk_is_skipped(threads: int, store: Path, write: Write) -> None:
    write(store / "a.dm3")
    leaving = store / "leaving"
    leaving.mkdir()

    catch = walk(store, meddling(lambda: shutil.rmtree(leaving, ignore_errors=True)), threads=threads)

    assert len(catch.found) == 1
    assert catch.unsearched == []


def test_a_folder_that_a_link_takes_the_place_of_is_not_followed(store: Path, write: Write) -> None:
    write(store.parent / "outside" / "secret.dm3")
    write(store / "a.dm3")
    (store / "swapped").mkdir()

    def swap() -> None:
        if (store / "swapped").is_symlink():
            return
        (store / "swapped").rmdir()
        (store / "swapped").symlink_to(store.parent / "outside")

    catch = walk(store, meddling(swap))

    assert [file.path.name for file in catch.found] == ["a.dm3"]


def test_a_time_is_the_nearest_float_of_its_nanoseconds(store: Path, write: Write, scan: Scanner) -> None:
    path = write(store / "a.dm3")
    os.utime(path, ns=(0, 1_573_657_202_645_750_000))

    assert scan(store).files[0].mtime == 1_573_657_202.64575


STORES = {".zspy": frozenset({"/"})}


def test_a_folder_that_is_one_dataset_is_listed_once_with_all_its_bytes(
    store: Path, write: Write, scan: Scanner
) -> None:
    write(store / "map.zspy" / ".zgroup", content=b"{}", mtime=1_100.0)
    write(store / "map.zspy" / "Experiments" / "data" / "0" / "0.dm3", content=bytes(50), mtime=1_300.0)
    (store / "map.zspy" / "link").symlink_to("/etc/passwd")

    (found,) = scan(store, companions=STORES).files

    assert (found.path, found.size, found.mtime, found.parts) == (store / "map.zspy", 52, 1_300.0, ())


def test_no_file_in_such_a_folder_is_listed_even_where_the_folder_is_ignored(
    store: Path, write: Write, scan: Scanner
) -> None:
    write(store / "~map.ZSPY" / "0.dm3")

    assert scan(store, companions=STORES, ignore=("~*",)).files == ()
    assert scan(store, companions=STORES, suffixes=DM).files == ()


def test_a_link_into_such_a_folder_finds_nothing_more(store: Path, write: Write, scan: Scanner) -> None:
    write(store / "map.zspy" / "data" / "0.dm3")
    (store / "again").symlink_to("map.zspy/data")
    (store / "other").symlink_to("map.zspy")

    assert paths(scan(store, companions=STORES)) == [store / "map.zspy"]


def test_a_file_of_such_a_name_is_a_file(store: Path, write: Write, scan: Scanner) -> None:
    zipped = write(store / "map.zspy")

    assert paths(scan(store, companions=STORES)) == [zipped]
