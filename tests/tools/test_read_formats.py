"""The command that reads a folder and tells, format by format, what came of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from nexuslims_core.testing.writers.msa import write_msa

ROOT = Path(__file__).resolve().parents[2]


def run(*words: object) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "tools.read_formats", *map(str, words))
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


@pytest.mark.slow
def test_tells_by_format_what_was_read_and_why_not(tmp_path: Path) -> None:
    write_msa(tmp_path / "a.msa", [1, 2, 3], header={"BEAMKV   -kV": 200.0})
    (tmp_path / "b.dm3").write_bytes(b"")
    (tmp_path / "notes").write_text("nobody reads this")

    done = run(tmp_path, "--every")

    rows = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert next(row for row in rows if row[:1] == [".msa"])[:7] == [".msa", "1", "0", "1", "1", "1", "0"]
    assert next(row for row in rows if row[:1] == ["all"])[:7] == ["all", "3", "0", "2", "1", "1", "1"]
    assert next(row for row in rows if row[:1] == ["b.dm3"]) == ["b.dm3", "the", "file", "is", "empty"]
    assert next(row for row in rows if row[:2] == ["a.msa", "msa"])[2:5] == ["1/1", "Spectrum", "Spectrum"]


def test_a_folder_without_files_is_said(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert "no file below" in done.stderr
