"""The files that put NexusLIMS on machines, read by the programs that they are for. `make deploy` runs these tests."""

import os
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIRE = os.environ.pop("NEXUSLIMS_REQUIRE_DEPLOY", "") == "1"
KEPT = [REPOSITORY / ".cache" / folder for folder in ("hadolint/bin", "prometheus/usr/bin")]
"""Where programs are kept that need not be installed."""


def program(name: str, how: str) -> str:
    """Return the path of a program; without it a test is skipped, and fails in CI."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, KEPT)]))
    if found is None:
        reason = f"there is no {name} here: {how}"
        if REQUIRE:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def steps(stage: str) -> list[tuple[str, str]]:
    """Return the instructions of a stage, each as its word and the rest."""
    text = re.sub(r"^#.*\n", "", (REPOSITORY / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    whole = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    begins = [i for i, (word, _) in enumerate(whole) if word == "FROM"] + [len(whole)]
    for begin, end in pairwise(begins):
        if whole[begin][1].endswith(f" AS {stage}"):
            return [(word, rest.strip()) for word, rest in whole[begin + 1 : end]]
    raise AssertionError(f"no stage {stage}")
