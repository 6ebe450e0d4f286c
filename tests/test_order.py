"""What `make test` begins with, seen from outside."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.order import TOGETHER, belongs_to

REPOSITORY = Path(__file__).resolve().parents[1]
MANY = "import pytest\n\n@pytest.mark.parametrize('i', range(9))\ndef test_short(i): pass\n"
ONE = "import pytest\n\n@pytest.mark.long\ndef test_long(): pass\n"


def run(folder: Path, *words: str) -> str:
    """Run the tests of a folder in the order of ours, and return what pytest says."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = long\n")
    command = [sys.executable, "-m", "pytest", "-v", "-p", "tests.order", "-p", "no:cacheprovider", *words]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_long_file_begins_before_files_with_many_tests(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(MANY)
    (tmp_path / "test_b.py").write_text(ONE)

    said = run(tmp_path, "-n", "1", "--dist", "loadfile")

    assert re.findall(r"PASSED test_(\w)", said) == ["b"] + ["a"] * 9


def test_files_that_share_an_airflow_go_to_one_process_and_others_go_alone() -> None:
    tests = [f"{beginning}test_{i}.py::test_{i}[a::b]" for i, beginning in enumerate(TOGETHER)]

    assert len({belongs_to(test) for test in tests}) == 1
    assert belongs_to("tests/test_order.py::test_a[b::c]") == "tests/test_order.py"


def test_what_goes_together_is_there() -> None:
    missing = [beginning for beginning in TOGETHER if not (REPOSITORY / beginning).is_dir()]

    assert missing == []
