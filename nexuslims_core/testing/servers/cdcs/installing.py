"""CDCS's own virtual environment: its pinned packages do not go together with ours, so they never meet."""

import fcntl
import hashlib
import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from nexuslims_core.errors import ServiceUnavailableError

REQUIREMENTS = Path(__file__).resolve().with_name("requirements.txt")
LIMIT_S = 900


def make_venv(folder: Path, progress: Callable[[str], None]) -> Path:
    """Return the Python of a virtual environment with CDCS in it, made or renewed only where that is needed.

    Parameters
    ----------
    folder
        Where the environment lies; two processes that ask for it at the same time get the same one.
    progress
        Told in a few words what takes time.

    Raises
    ------
    ServiceUnavailableError
        If it cannot be made, with the installer's own reason.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, wanted = folder / "stamp", _stamp()
        python = folder / "venv" / "bin" / "python"
        if python.exists() and stamp.exists() and stamp.read_text() == wanted:
            return python
        stamp.unlink(missing_ok=True)
        _install(python, progress)
        stamp.write_text(wanted)
    return python


def _stamp() -> str:
    """Return what an environment must have been made from to be up to date."""
    return f"{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()} {platform.python_version()}\n"


def _install(python: Path, progress: Callable[[str], None]) -> None:
    if importlib.util.find_spec("uv") is None:
        raise ServiceUnavailableError("CDCS cannot be installed: the package uv is missing, run `make` to get it")
    venv = python.parents[1]
    progress("making a virtual environment for CDCS (180 MB)")
    shutil.rmtree(venv, ignore_errors=True)
    _uv("venv", "--no-project", "--python", sys.executable, str(venv))
    progress("installing CDCS into it")
    pinned = ["--requirements", str(REQUIREMENTS), "--build-constraints", str(REQUIREMENTS)]
    _uv("pip", "install", "--require-hashes", "--compile-bytecode", "--python", str(python), *pinned)


def _uv(*arguments: str) -> None:
    command = [sys.executable, "-m", "uv", "--quiet", "--no-progress", "--color", "never", *arguments]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ServiceUnavailableError(f"CDCS cannot be installed: uv took more than {LIMIT_S} s") from error
    if done.returncode:
        reason = " ".join(done.stderr.split())[:500]
        raise ServiceUnavailableError(f"CDCS cannot be installed, is the package index reachable? uv says: {reason}")
