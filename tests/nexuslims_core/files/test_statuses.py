import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from nexuslims_core.files.statuses import Answers, Questions, statx

NAMES = [os.fsdecode(name) for name in (b"plain.dm3", "Bärbel µ.dm3".encode(), b"\xff\xfe.tif", b"two\nlines", b" ")]


@pytest.fixture
def questions() -> Questions:
    found = statx()
    if found is None:
        pytest.skip("this C library has no statx")
    return Questions(found)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    handle = os.open(tmp_path, os.O_RDONLY)
    yield handle
    os.close(handle)


def told(answers: list[Answers] | None) -> list[tuple[str, int, float]]:
    return [row for each in answers or () for row in each.files()]


@pytest.mark.parametrize("ns", [-1_500_000_000, -1, 0, 1_573_657_202_645_750_001, 4_102_444_800_999_999_999], ids=str)
def test_every_name_is_told_as_python_tells_it(ns: int, tmp_path: Path, folder: int, questions: Questions) -> None:
    for i, name in enumerate(NAMES):
        (tmp_path / name).write_bytes(b"x" * i)
        os.utime(tmp_path / name, ns=(0, ns))

    rows = told(questions.ask(folder, NAMES))

    assert rows == [(name, i, ns / 10**9) for i, name in enumerate(NAMES)]


@pytest.mark.parametrize("files", [0, 1, 255, 256, 257, 600])
def test_any_number_of_names_is_asked_about(files: int, tmp_path: Path, folder: int, questions: Questions) -> None:
    names = [f"{i}.dm3" for i in range(files)]
    for i, name in enumerate(names):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (i, i))

    assert told(questions.ask(folder, names)) == [(name, 0, float(i)) for i, name in enumerate(names)]


def test_a_link_is_told_of_and_not_what_it_leads_to(tmp_path: Path, folder: int, questions: Questions) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")

    (answers,) = questions.ask(folder, ["file", "folder", "link", "pipe"]) or ()

    assert [stat.S_IFMT(mode) for mode in answers.modes] == [stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK, stat.S_IFIFO]
    assert [name for name, _, _ in answers.files()] == ["file"]
    assert len(answers.times(answers.kinds())) == 1


def test_where_a_name_is_gone_nothing_is_told(tmp_path: Path, folder: int, questions: Questions) -> None:
    (tmp_path / "there").touch()

    assert questions.ask(folder, ["there", "gone"]) is None


def test_a_library_that_tells_something_else_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        @staticmethod
        def statx(*_: object) -> int:
            return 0  # and nothing was written

    monkeypatch.setattr("ctypes.CDLL", lambda _name: Library)

    assert statx.__wrapped__() is None


def test_a_library_without_it_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _name: object())

    assert statx.__wrapped__() is None
