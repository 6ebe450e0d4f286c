import os
from pathlib import Path

import pytest

from nexuslims_core.files.glancing import Glance
from nexuslims_core.files.ignoring import wanted
from nexuslims_core.files.spans import Span, Window

WINDOWS = (Window(low=100, high=200), Window(low=400, high=500))
EVERYTHING = wanted(None, (), {})


def folders(folder: Path, *mtimes: float, windows: tuple[Window, ...] | None = WINDOWS) -> list[str] | None:
    (folder / "below").mkdir()
    for i, mtime in enumerate(mtimes):
        (folder / f"{i}.dm3").touch()
        os.utime(folder / f"{i}.dm3", (mtime, mtime))
    with os.scandir(folder) as entries:
        return Glance(EVERYTHING, Span(windows)).folders(sorted(entries, key=lambda entry: entry.name))


@pytest.mark.parametrize(
    "mtimes",
    [(), (50,), (300, 310, 305), (600, 300, 50, 600), (-7, 1e9)],
    ids=["none", "before", "between", "on all sides", "far away"],
)
def test_nothing_counts_in_a_folder_of_files_that_nobody_asks_for(mtimes: tuple[float, ...], tmp_path: Path) -> None:
    assert folders(tmp_path, *mtimes) == ["below"]


@pytest.mark.parametrize("asked", [100, 150, 200, 400, 500], ids=str)
@pytest.mark.parametrize("before", [50, 300, 600], ids=["before", "between", "after"])
def test_one_file_that_is_asked_for_wants_a_closer_look(asked: float, before: float, tmp_path: Path) -> None:
    assert folders(tmp_path, before, before, asked) is None


def test_every_file_counts_where_every_time_is_asked_for(tmp_path: Path) -> None:
    assert folders(tmp_path, 0, windows=None) is None


def test_no_file_counts_where_no_time_is_asked_for(tmp_path: Path) -> None:
    assert folders(tmp_path, 0, 150, windows=()) == ["below"]
