import sys
from pathlib import Path

import pytest

from nexuslims_core.artefacts import Workbench, confined, write_whole
from nexuslims_core.errors import StorageError, UnsafePathError
from nexuslims_core.files.models import FoundFile

FILE = FoundFile(path=Path("/store/a.dm3"), size=1, mtime=1.5)


@pytest.fixture
def workbench(tmp_path: Path) -> Workbench:
    return Workbench(root=tmp_path / "work")


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "deep" / "record.xml", b"old")

    write_whole(tmp_path / "deep" / "record.xml", b"new")

    assert [(p.name, p.read_bytes()) for p in (tmp_path / "deep").iterdir()] == [("record.xml", b"new")]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "record.xml").mkdir()

    with pytest.raises(StorageError, match=r"cannot write .*record\.xml"):
        write_whole(tmp_path / "record.xml", b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["record.xml"]


@pytest.mark.parametrize("part", ["../etc", "/etc", "a/../../b"], ids=["up", "absolute", "down and up"])
def test_a_path_that_leads_out_of_its_root_is_refused(tmp_path: Path, part: str) -> None:
    with pytest.raises(UnsafePathError, match="leads out of"):
        confined(tmp_path / "root", part)


def test_a_link_that_leads_out_of_its_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path)

    with pytest.raises(UnsafePathError, match="leads out of"):
        confined(tmp_path / "root", "link", "x")


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="a circle is resolved without a word, and absent when listed")
def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")

    with pytest.raises(UnsafePathError, match="its links lead in a circle: mend the folder"):
        confined(tmp_path, "circle", "x")


def test_a_result_is_used_again_for_the_same_inputs(workbench: Workbench) -> None:
    workbench.save("session", "find_files", "inputs", FILE, FoundFile)

    assert workbench.load("session", "find_files", "inputs", FoundFile) == FILE


def test_a_result_of_other_inputs_is_not_used(workbench: Workbench) -> None:
    workbench.save("session", "find_files", "inputs", FILE, FoundFile)

    assert workbench.load("session", "find_files", "others", FoundFile) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"inputs": "inputs"}'], ids=["empty", "cut", "list", "half"])
def test_a_damaged_result_is_not_used(workbench: Workbench, damage: bytes) -> None:
    workbench.save("session", "find_files", "inputs", FILE, FoundFile)
    workbench.result_path("session", "find_files").write_bytes(damage)

    assert workbench.load("session", "find_files", "inputs", FoundFile) is None


def test_a_result_that_somebody_edited_is_not_used(workbench: Workbench) -> None:
    workbench.save("session", "find_files", "inputs", FILE, FoundFile)
    path = workbench.result_path("session", "find_files")
    path.write_text(path.read_text().replace("a.dm3", "b.dm3"))

    assert workbench.load("session", "find_files", "inputs", FoundFile) is None


def test_clearing_one_session_leaves_the_others(workbench: Workbench) -> None:
    for session in ("one", "two"):
        workbench.save(session, "find_files", "inputs", FILE, FoundFile)

    workbench.clear("one")

    kept = [workbench.load(session, "find_files", "inputs", FoundFile) for session in ("one", "two")]
    assert kept == [None, FILE]
