"""Make .venv from requirements.txt when it is missing or stale; needs nothing but Python 3.11 and its venv module.

    python3 tools/make_venv.py

The digest of what was installed is kept in .venv/installed, so that a second call ends at once.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MARK = VENV / "installed"
WHAT_COUNTS = ("requirements.txt", "pyproject.toml", "tools/make_venv.py")
OLDEST = (3, 11)


def wanted() -> str:
    """Return the digest of everything that decides what .venv holds."""
    digest = hashlib.sha256(sys.version.encode())
    for name in WHAT_COUNTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def uv_pin() -> str:
    """Return the line of requirements.txt that pins uv, such as ``uv==0.13.9``."""
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if line.startswith("uv=="):
            return line.split()[0]
    raise SystemExit("requirements.txt does not pin uv: run `make requirements`")


def run(step: str, *command: str) -> None:
    """Run one step, saying which, and end with a sentence if it fails."""
    print(f"  {step} …", flush=True)
    try:
        subprocess.run(command, check=True, cwd=ROOT)
    except (subprocess.CalledProcessError, OSError) as error:
        raise SystemExit(
            f"Could not make .venv: {step} failed, as said above. Is a package index reachable? Then run make again."
        ) from error


def usable() -> bool:
    """Tell whether .venv holds an interpreter of this very version."""
    try:
        told = subprocess.run(
            [PYTHON, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=True
        )
    except (subprocess.CalledProcessError, OSError):
        return False
    return told.stdout.strip() == sys.version.strip()


def create() -> None:
    """Make an empty .venv, in the place of any other."""
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True)
    except (subprocess.CalledProcessError, OSError, ImportError) as error:
        raise SystemExit(
            f"Could not make .venv: {sys.executable} cannot make virtual environments ({error}); "
            "on Debian and Ubuntu install python3-venv, then run make again."
        ) from error


def main() -> None:
    """Make or refresh the environment."""
    if sys.version_info < OLDEST:
        have = ".".join(map(str, sys.version_info[:3]))
        raise SystemExit(f"Python 3.11 or newer is needed, {sys.executable} is {have}: run make PYTHON=python3.11")
    if MARK.is_file() and MARK.read_text() == wanted():
        return
    print(f"Making {VENV.name} with Python {sys.version.split()[0]}; this takes about a minute, once.", flush=True)
    MARK.unlink(missing_ok=True)
    if not usable():
        create()
    run(
        "fetching the installer",
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        uv_pin(),
    )
    uv = (str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON), "--compile-bytecode")
    run("installing the packages of requirements.txt", *uv, "--require-hashes", "-r", "requirements.txt")
    run("installing nexuslims", *uv, "--quiet", "--no-deps", "--no-build-isolation", "-e", ".")
    MARK.write_text(wanted())


if __name__ == "__main__":
    main()
