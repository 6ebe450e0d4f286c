"""What the tests of the demo share."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_airflow = pytest.mark.skipif(importlib.util.find_spec("airflow") is None, reason="Airflow is not installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what starts Airflow where it is not installed."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("airflow"):
            item.add_marker(needs_airflow)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "NEXUSLIMS"))}


@pytest.fixture
def make_demo() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run what `make demo` runs, to its end."""

    def run(folder: Path, files: Path | None = None) -> subprocess.CompletedProcess[str]:
        words = ["run", "--folder", str(folder), *(["--files", str(files)] if files else [])]
        return subprocess.run(
            [sys.executable, "-m", "nexuslims_core.demo", *words],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@dataclass(kw_only=True)
class Running:
    """`make demo` or `make up`, while it runs."""

    process: subprocess.Popen[bytes]
    folder: Path
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str, limit_s: float = 600) -> str:
        """Wait until it says ``words``, and return all that it said."""
        deadline = time.monotonic() + limit_s
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)
        return self.said()

    def stop(self, number: int = signal.SIGINT, limit_s: float = 120) -> int:
        """Send a signal, as Ctrl-C does, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(limit_s)

    def processes(self) -> list[str]:
        """Return the command of every process of this machine that works in the folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
                if os.fsencode(self.folder) in command + environment:
                    found.append(command.replace(b"\0", b" ").decode())
        return found


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, Path], Running]]:
    """Start `make demo` (``run``) or `make up` (``up``) on a folder, and make sure that it is gone in the end."""
    started: list[Running] = []

    def begin(what: str, folder: Path) -> Running:
        output = tmp_path_factory.mktemp("said") / "output.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "nexuslims_core.demo", what, "--folder", str(folder)],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(Running(process=process, folder=folder, output=output))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.stop()
