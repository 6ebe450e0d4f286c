"""Fixtures of every test: real instrument files where they are at hand, and a clean environment."""

import fcntl
import os
import shutil
import tarfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared" / "data"
REQUIRE_SHARED = os.environ.pop("NEXUSLIMS_REQUIRE_SHARED", "") == "1"
CACHE = REPOSITORY / ".cache"

pytest_plugins = [
    "tests.order",
    "tests.published_schema",
    "tests.servers.cdcs",
    "tests.servers.chromium",
    "tests.servers.crates",
    "tests.servers.devtools",
    "tests.servers.nemo",
    "tests.servers.radicale",
    "tests.servers.smtp",
]


SERVER_FIXTURES = frozenset(
    {"postgresql", "cdcs", "cdcs_on_postgresql", "browser", "crate_findings", "nemo", "radicale", "smtp"}
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that a real service is started for."""
    for item in items:
        if SERVER_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("server")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith(("NEXUSLIMS_", "NX_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def em_files() -> Path:
    """The folder of real instrument files, as they were collected; packed ones stay packed."""
    folder = SHARED / "em_files"
    if folder.is_dir():
        return folder
    reason = f"no real instrument files at {folder}"
    if REQUIRE_SHARED:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def all_em_files(em_files: Path) -> Path:
    """A copy of the real instrument files with the packed ones unpacked beside the others; read it, never write it."""
    copy = CACHE / "em_files"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "em_files.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(em_files, copy, symlinks=True, ignore=shutil.ignore_patterns("packed"))
            for folder in copy.rglob("*"):
                if folder.is_dir() and not folder.is_symlink():
                    folder.chmod(0o755)
            copy.chmod(0o755)
            for archive in sorted((em_files / "packed").glob("*.tar.gz")):
                with tarfile.open(archive) as tar:
                    tar.extractall(copy, filter="data")
            (copy / "complete").touch()
    return copy
