"""Virtual environments of servers: their pinned packages do not go together with ours, so they never meet."""

import fcntl
import hashlib
import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nexuslims_core.errors import ServiceUnavailableError

LIMIT_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A server that has an environment of its own.

    Attributes
    ----------
    name
        What people call it.
    requirements
        The file that pins it and all that it needs, with hashes.
    size_mb
        What its environment takes on disk.
    """

    name: str
    requirements: Path
    size_mb: int

    def make_venv(self, folder: Path, progress: Callable[[str], None]) -> Path:
        """Return the Python of a virtual environment with the product in it, made or renewed only where needed.

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
            stamp, wanted = folder / "stamp", self._stamp()
            python = folder / "venv" / "bin" / "python"
            if python.exists() and stamp.exists() and stamp.read_text() == wanted:
                return python
            stamp.unlink(missing_ok=True)
            self._install(python, progress)
            stamp.write_text(wanted)
        return python

    def _stamp(self) -> str:
        """Return what an environment must have been made from to be up to date."""
        return f"{hashlib.sha256(self.requirements.read_bytes()).hexdigest()} {platform.python_version()}\n"

    def _install(self, python: Path, progress: Callable[[str], None]) -> None:
        if importlib.util.find_spec("uv") is None:
            raise ServiceUnavailableError(
                f"{self.name} cannot be installed: the package uv is missing, run `make` to get it"
            )
        venv = python.parents[1]
        progress(f"making a virtual environment for {self.name} ({self.size_mb} MB)")
        shutil.rmtree(venv, ignore_errors=True)
        self._uv("venv", "--no-project", "--python", sys.executable, str(venv))
        progress(f"installing {self.name} into it")
        pinned = ["--requirements", str(self.requirements), "--build-constraints", str(self.requirements)]
        self._uv("pip", "install", "--require-hashes", "--compile-bytecode", "--python", str(python), *pinned)

    def _uv(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "uv", "--quiet", "--no-progress", "--color", "never", *arguments]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ServiceUnavailableError(f"{self.name} cannot be installed: uv took more than {LIMIT_S} s") from error
        if done.returncode:
            reason = " ".join(done.stderr.split())[:500]
            raise ServiceUnavailableError(
                f"{self.name} cannot be installed, is the package index reachable? uv says: {reason}"
            )
