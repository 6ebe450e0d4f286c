"""The demo's folder."""

from pathlib import Path

import pytest

from nexuslims_core.demo.folder import MARK, LaidOut, clear, occupied, recall, remember
from nexuslims_core.errors import ConfigurationError, StorageError


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    with occupied(tmp_path / "a" / "demo"):
        assert [path.name for path in (tmp_path / "a" / "demo").iterdir()] == [MARK]


def test_other_peoples_files_are_refused_and_stay(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(ConfigurationError, match="holds files that no demo made"), occupied(tmp_path):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("no folder")

    with pytest.raises(StorageError, match="cannot use"), occupied(tmp_path / "demo"):
        pass


def test_two_commands_never_use_one_folder(tmp_path: Path) -> None:
    with (
        occupied(tmp_path),
        pytest.raises(ConfigurationError, match="another `make demo` or `make up` uses"),
        occupied(tmp_path),
    ):
        pass


def test_one_command_after_the_other_may(tmp_path: Path) -> None:
    with occupied(tmp_path):
        pass

    with occupied(tmp_path):
        assert (tmp_path / MARK).exists()


def test_clearing_keeps_the_mark_and_follows_no_link(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "demo"
    outside.mkdir()
    (outside / "mine").write_text("mine")
    with occupied(folder):
        (folder / "data" / "deep").mkdir(parents=True)
        (folder / "link").symlink_to(outside)

        clear(folder)

    assert [path.name for path in folder.iterdir()] == [MARK]
    assert (outside / "mine").read_text() == "mine"


def test_a_facility_that_was_laid_out_is_remembered(tmp_path: Path) -> None:
    laid_out = LaidOut(filestore=Path("/data/M\udcfcller"), inclusive=True)

    remember(tmp_path, laid_out)

    assert recall(tmp_path) == laid_out


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]"], ids=["nothing", "empty", "cut short", "something else"])
def test_what_was_not_laid_out_whole_counts_as_nothing(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "facility.json").write_bytes(content)

    assert recall(tmp_path) is None
