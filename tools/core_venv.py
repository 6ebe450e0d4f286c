"""Make .cache/core: the core and what its tests need, at the locked versions, without Airflow."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".cache" / "core"
TESTS = (
    "pytest",
    "pytest-socket",
    "pytest-xdist",
    "hypothesis",
    "xmlschema",
    "aiosmtpd",
    "pyspnego",
    "scikit-learn",
    "hyperspy",
    "pint",
    "psutil",
    "rocrate",
)
MARK = VENV / "made-from"


def main() -> None:
    """Make the environment if it is missing or the lock is newer."""
    lock = "".join(((ROOT / "requirements.txt").read_text(), (ROOT / "pyproject.toml").read_text(), *TESTS))
    if MARK.is_file() and MARK.read_text() == lock:
        return
    uv = (sys.executable, "-m", "uv")
    python = VENV / "bin" / "python"
    subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)], check=True)
    install = (
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--python",
        str(python),
        "--constraint",
        "requirements.txt",
    )
    subprocess.run([*uv, *install, "-e", ".", *TESTS], check=True, cwd=ROOT)
    if subprocess.run([python, "-c", "import airflow"], capture_output=True, check=False).returncode == 0:
        raise SystemExit("the core brought Airflow along: look at the dependencies in pyproject.toml")
    MARK.write_text(lock)


if __name__ == "__main__":
    main()
