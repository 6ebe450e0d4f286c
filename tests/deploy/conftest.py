"""The files that put NexusLIMS on machines, read by the programs that they are for. `make deploy` runs these tests."""

import os
import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIRE = os.environ.pop("NEXUSLIMS_REQUIRE_DEPLOY", "") == "1"
KEPT = REPOSITORY / ".cache" / "hadolint" / "bin"


def program(name: str, how: str) -> str:
    """Return the path of a program; without it a test is skipped, and fails in CI."""
    found = shutil.which(name, path=f"{os.environ['PATH']}{os.pathsep}{KEPT}")
    if found is None:
        reason = f"there is no {name} here: {how}"
        if REQUIRE:
            pytest.fail(reason)
        pytest.skip(reason)
    return found
