import subprocess
import sys
from pathlib import Path

import pytest

MAKE_VENV = Path(__file__).resolve().parents[2] / "tools" / "make_venv.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that asks for nothing, so that its environment is made in seconds and without a package index."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "make_venv.py").write_bytes(MAKE_VENV.read_bytes())
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def run(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "tools" / "make_venv.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_lock_without_its_installer_is_named(checkout: Path) -> None:
    done = run(checkout)

    assert done.returncode == 1
    assert done.stderr == "requirements.txt does not pin uv: run `make requirements`\n"


@pytest.mark.slow
def test_a_step_that_fails_is_named_in_one_sentence(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("uv==0.0.0 \\\n")

    done = run(checkout)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Could not make .venv: fetching the installer failed")


def test_what_is_made_already_is_left_alone(checkout: Path) -> None:
    wanted = "import make_venv; make_venv.MARK.parent.mkdir(); make_venv.MARK.write_text(make_venv.wanted())"
    subprocess.run([sys.executable, "-c", wanted], cwd=checkout / "tools", check=True)

    done = run(checkout)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
