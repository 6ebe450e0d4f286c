"""A fixture that holds crates against the REQUIRED checks of roc-validator, without a network."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nexuslims_core.testing.servers.installing import Product

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "roc_validator"
INSIDE = Path(__file__).resolve().parent / "roc_validator"
_CHECKER = Product(name="roc-validator", requirements=INSIDE / "requirements.txt", size_mb=100)
FEWEST_CHECKS = 50

Findings = Callable[..., dict[str, list[str]]]


@pytest.fixture(scope="session")
def crate_checker() -> Path:
    """The Python of an environment in which roc-validator is installed."""
    return _CHECKER.make_venv(CACHE, lambda _: None)


@pytest.fixture
def crate_findings(crate_checker: Path) -> Findings:
    """Return, by the names of crates' files, what the REQUIRED checks find wrong; that they ran is made sure of."""

    def check(*crates: Path) -> dict[str, list[str]]:
        command = [crate_checker, INSIDE / "check.py", "REQUIRED", *crates]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        answers = json.loads(done.stdout.splitlines()[-1])
        assert all(answer["issues"] or answer["passed"] >= FEWEST_CHECKS for answer in answers.values())
        return {Path(path).name: answer["issues"] for path, answer in answers.items()}

    return check
