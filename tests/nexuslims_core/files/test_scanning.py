import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from nexuslims_core import codec
from nexuslims_core.files.models import FoundFile, Scan
from nexuslims_core.files.spans import Window

Write = Callable[..., Path]
Scanner = Callable[..., Scan]

TIA = {".emi": frozenset({".ser", "_#.ser"})}


def names(scan: Scan) -> list[str]:
    return [file.path.name for file in scan.files]


def test_lists_files_by_time_and_then_path(store: Path, write: Write, scan: Scanner) -> None:
    late = write(store / "a" / "late.dm3", mtime=30.0)
    tied = write(store / "b" / "tied.dm3", mtime=20.0)
    early = write(store / "z.dm3", mtime=10.5, content=b"four")
    also_tied = write(store / "a" / "tied.dm3", mtime=20.0)

    found = scan(store)

    assert [file.path for file in found.files] == [early, also_tied, tied, late]
    assert found.files[0] == FoundFile(path=early, size=4, mtime=10.5)


def test_remembers_whose_folder_it_was_and_when(store: Path, scan: Scanner) -> None:
    found = scan(store, now=77.0)

    assert (found.instrument_pid, found.root, found.taken_at) == ("FEI-Titan-TEM-635816", store, 77.0)


def test_an_empty_folder_is_there_and_has_no_files(store: Path, scan: Scanner) -> None:
    found = scan(store, filestore=store.parent)

    assert (found.files, found.unsearched, found.absent) == ((), (), None)


def test_lists_only_declared_suffixes_whatever_their_case(store: Path, write: Write, scan: Scanner) -> None:
    for name in ("one.dm3", "TWO.DM3", "notes.txt", "dm3"):
        write(store / name)

    found = scan(store, suffixes=frozenset({".dm3"}))

    assert names(found) == ["TWO.DM3", "one.dm3"]


def test_lists_everything_when_no_suffix_is_declared(store: Path, write: Write, scan: Scanner) -> None:
    for name in ("one.dm3", "notes.txt", "README"):
        write(store / name)

    assert names(scan(store)) == ["README", "notes.txt", "one.dm3"]


def test_leaves_out_ignored_names(store: Path, write: Write, scan: Scanner) -> None:
    for name in ("Thumbs.DB", "~lock\n.dm3", "kept.dm3"):
        write(store / name)

    assert names(scan(store, ignore=("*.db", "~*"))) == ["kept.dm3"]


@pytest.mark.parametrize(
    "name", [b"new\nline.dm3", b"caf\xe9.dm3", b"-rf.dm3", b" .dm3", b"a\\b'\"$(x).dm3", "µm ☃.dm3".encode()], ids=repr
)
def test_keeps_any_name_that_the_file_system_allows(name: bytes, store: Path, write: Write, scan: Scanner) -> None:
    path = write(store / os.fsdecode(name))

    found = scan(store, suffixes=frozenset({".dm3"}))

    assert os.fsencode(found.files[0].path) == os.fsencode(path)
    assert codec.loads(Scan, codec.dumps(found)) == found


def test_lists_regular_files_only(store: Path, write: Write, scan: Scanner) -> None:
    write(store / "real.dm3")
    (store / "folder.dm3").mkdir()
    os.mkfifo(store / "pipe.dm3")

    assert names(scan(store)) == ["real.dm3"]


def test_many_threads_find_what_one_finds(store: Path, write: Write, scan: Scanner) -> None:
    for i in range(100):
        write(store / str(i % 7) / str(i % 3) / f"{i}.dm3", mtime=float(i % 11))

    assert scan(store, threads=8) == scan(store, threads=1)


def test_a_relative_folder_gives_absolute_paths(
    store: Path, write: Write, scan: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(store / "a.dm3")
    monkeypatch.chdir(store.parent)

    assert scan(Path("Titan")).files[0].path == path


def test_scanning_writes_nothing(store: Path, write: Write, scan: Scanner) -> None:
    write(store / "a" / "b.dm3")
    before = [(p, p.lstat().st_mtime_ns) for p in sorted(store.rglob("*"))]

    scan(store, threads=2)

    assert [(p, p.lstat().st_mtime_ns) for p in sorted(store.rglob("*"))] == before


def test_a_companion_is_a_part_and_no_file_of_its_own(store: Path, write: Write, scan: Scanner) -> None:
    late, early = write(store / "map_1.ser", mtime=90.0), write(store / "map_2.ser", mtime=30.0)
    emi = write(store / "map.emi", mtime=50.0, content=b"four")

    found = scan(store, suffixes=frozenset({".ser", ".emi"}), companions=TIA)

    dataset = FoundFile(path=emi, size=4, mtime=50.0, parts=(late, early), mtimes=(30.0, 50.0, 90.0))
    assert found.files == (dataset,)


def test_an_ignored_companion_still_belongs_to_its_dataset(store: Path, write: Write, scan: Scanner) -> None:
    ser = write(store / "map_1.ser")
    write(store / "map.emi")

    found = scan(store, ignore=("*.ser",), companions=TIA)

    assert [file.parts for file in found.files] == [(ser,)]


def test_the_parts_of_an_ignored_file_are_files_of_their_own(store: Path, write: Write, scan: Scanner) -> None:
    for name in ("map_1.ser", "map_2.ser", "map.emi"):
        write(store / name)

    found = scan(store, ignore=("*.emi",), companions=TIA)

    assert [(file.path.name, file.parts) for file in found.files] == [("map_1.ser", ()), ("map_2.ser", ())]


def test_what_an_ignored_companion_would_own_is_a_file_of_its_own(store: Path, write: Write, scan: Scanner) -> None:
    for name in ("a.y", "a.z"):
        write(store / name)

    assert names(scan(store, ignore=("*.y",), companions={".x": {".y"}, ".y": {".z"}})) == ["a.z"]


@pytest.mark.parametrize(
    ("settings", "listed"),
    [
        ({"suffixes": None}, ["lone_1.ser"]),
        ({"suffixes": frozenset({".ser", ".emi"})}, ["lone_1.ser"]),
        ({"suffixes": frozenset({".emi"})}, []),
        ({"suffixes": None, "ignore": ("*.ser",)}, []),
    ],
    ids=["every suffix", "declared", "not declared", "ignored"],
)
def test_a_companion_alone_is_listed_if_its_own_name_is_wanted(
    settings: dict[str, object], listed: list[str], store: Path, write: Write, scan: Scanner
) -> None:
    write(store / "lone_1.ser")

    assert names(scan(store, companions=TIA, **settings)) == listed


def test_a_missing_folder_is_absent(store: Path, scan: Scanner) -> None:
    found = scan(store / "gone", filestore=store.parent)

    assert found.absent is not None
    assert "gone is not there" in found.absent


def test_a_missing_file_store_is_blamed_before_the_folder_in_it(tmp_path: Path, scan: Scanner) -> None:
    found = scan(tmp_path / "mount" / "Titan", filestore=tmp_path / "mount")

    assert found.absent is not None
    assert found.absent.startswith(f"the file store {tmp_path / 'mount'} is not there: mount it")


def test_an_empty_file_store_counts_as_unmounted(tmp_path: Path, scan: Scanner) -> None:
    found = scan(tmp_path, filestore=tmp_path)

    assert found.absent is not None
    assert "is empty, so it is probably not mounted" in found.absent


@pytest.mark.parametrize("name", ["file", "file/below", "nul\0"], ids=["a file", "below a file", "an impossible name"])
def test_what_is_no_folder_is_absent_and_no_exception(name: str, store: Path, write: Write, scan: Scanner) -> None:
    write(store / "file")

    assert scan(store / name).absent is not None


def test_a_folder_that_goes_away_during_the_scan_is_absent(store: Path, write: Write, scan: Scanner) -> None:
    write(store / "a.dm3")

    class Unmounting(dict[str, frozenset[str]]):
        @override
        def values(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the view of a dict, whatever its type is
            if store.exists():
                store.rename(store.with_name("elsewhere"))
            return super().values()

    found = scan(store, companions=Unmounting(TIA))

    assert found.absent is not None
    assert "went away during the scan" in found.absent
    assert found.files == ()


def test_only_what_was_modified_in_the_windows_is_listed(store: Path, write: Write, scan: Scanner) -> None:
    for mtime in (9.0, 10.0, 20.0, 21.0, 30.0, 99.0):
        write(store / f"{mtime:g}.dm3", mtime=mtime)

    found = scan(store, windows=[Window(low=30.0, high=30.0), Window(low=10.0, high=15.0), Window(low=15.0, high=20.0)])

    assert names(found) == ["10.dm3", "20.dm3", "30.dm3"]
    assert found.windows == (Window(low=10.0, high=20.0), Window(low=30.0, high=30.0))


def test_a_dataset_is_listed_whole_if_any_of_its_files_is_in_a_window(store: Path, write: Write, scan: Scanner) -> None:
    write(store / "map.emi", mtime=90.0, content=b"four")
    series = [write(store / f"map_{i}.ser", mtime=10.0 * i) for i in (1, 2)]
    write(store / "other.emi", mtime=90.0)
    write(store / "other_1.ser", mtime=91.0)

    found = scan(store, companions=TIA, windows=[Window(low=15.0, high=25.0)])

    assert [(file.path.name, file.mtime, list(file.parts)) for file in found.files] == [("map.emi", 90.0, series)]


def test_without_any_window_nothing_is_listed(store: Path, write: Write, scan: Scanner) -> None:
    write(store / "a.dm3")

    assert (scan(store, windows=[]).files, scan(store, windows=[]).absent) == ((), None)


def test_a_scan_leaves_the_search_for_garbage_as_it_was(store: Path, write: Write, scan: Scanner) -> None:
    gc.unfreeze()  # what another test may have frozen
    write(store / "one.dm3")

    scan(store)

    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_somebody_froze_stays_frozen(store: Path, write: Write, scan: Scanner) -> None:
    write(store / "one.dm3")
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()

        scan(store)

        assert gc.get_freeze_count() == pytest.approx(frozen, rel=0.01)  # some of them end meanwhile
    finally:
        gc.unfreeze()
