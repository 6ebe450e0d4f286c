"""`make demo`, as a user runs it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.testing.writers.msa import write_msa

if TYPE_CHECKING:
    from tests.nexuslims_core.demo.conftest import Running

pytestmark = pytest.mark.long

MakeDemo = Callable[..., subprocess.CompletedProcess[str]]
DAY_S = 86400.0
MAKE = shutil.which("make")


def everything(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return each file and folder with its time, size and rights."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, path.lstat().st_size, path.lstat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A person's folder that cannot be written: good, damaged and unknown files, deep down too."""
    folder = tmp_path / "my [files]"
    (folder / "deep" / "er").mkdir(parents=True)
    for i, name in enumerate(("a.msa", "deep/er/b.msa")):
        write_msa(folder / name, [1, 5, 2], header={"BEAMKV   -kV": 300.0}, mtime=1772447400.0 + 60 * i)
    (folder / "deep" / "damaged.dm3").write_bytes(b"\0\0\0\3 and then nothing")
    (folder / "deep" / "notes [1].xyz").write_text("what nobody reads")
    (folder / "gr\udcfcn.txt").write_text("a name of another century")
    for i, path in enumerate(sorted(folder.rglob("*.*"))):
        if path.suffix != ".msa":
            os.utime(path, (1772447400.0 + DAY_S + i, 1772447400.0 + DAY_S + i))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)


@pytest.mark.airflow
@pytest.mark.server
@pytest.mark.slow
def test_the_demo_ends_well_and_leads_to_each_record(make_demo: MakeDemo, tmp_path: Path) -> None:
    done = make_demo(tmp_path / "demo")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every session ended as it should." in done.stdout
    pages = [Path(line.removeprefix("Page: ")) for line in done.stdout.splitlines() if line.startswith("Page: ")]
    assert [page.is_file() for page in pages] == [True] * 3


@pytest.mark.airflow
@pytest.mark.server
@pytest.mark.slow
def test_a_folder_of_ones_own_becomes_a_record_and_is_left_as_it_was(
    make_demo: MakeDemo, own: Path, tmp_path: Path
) -> None:
    before = everything(own)

    done = make_demo(tmp_path / "demo", own)

    assert done.returncode == 0, done.stdout + done.stderr
    assert everything(own) == before
    assert "Listed without metadata: damaged.dm3: Could not be read" in done.stdout
    (record,) = (tmp_path / "demo" / "data" / "records").rglob("*.xml")
    assert record.read_text().count("<dataset ") == 5


@pytest.mark.airflow
@pytest.mark.server
@pytest.mark.slow
def test_ctrl_c_leaves_nothing_behind(start: "Callable[[str, Path], Running]", tmp_path: Path) -> None:
    demo = start("run", tmp_path / "demo")
    demo.wait_for("writing instrument files")

    code = demo.stop()

    assert code == 130
    assert demo.said().endswith("nexuslims: stopped\n")
    assert demo.processes() == []


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_a_folder_without_files_is_one_sentence_at_once(make_demo: MakeDemo, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    done = make_demo(tmp_path / "demo", tmp_path / name)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"nexuslims: {tmp_path / name} ")
    assert done.stderr.endswith("name a folder with instrument files in FILES=…\n")
    assert not (tmp_path / "demo").exists()


def test_a_folder_with_other_peoples_files_is_refused(make_demo: MakeDemo, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    done = make_demo(tmp_path)

    assert done.returncode == 1
    assert "holds files that no demo made: name another folder with DEMO=…" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.skipif(MAKE is None, reason="make is not installed")
def test_make_hands_a_folder_with_blanks_on_as_it_is(tmp_path: Path) -> None:
    told = subprocess.run(
        [str(MAKE), "--dry-run", "demo", f"FILES={tmp_path}/my files", f"DEMO={tmp_path}/my demo"],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=True,
    )

    assert f'--files "{tmp_path}/my files"' in told.stdout
    assert f'--folder "{tmp_path}/my demo"' in told.stdout
