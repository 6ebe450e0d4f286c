import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVERS = ROOT / "nexuslims_core/testing/servers"
LOCKS = [
    ROOT / "requirements.txt",
    *(SERVERS / name / "requirements.txt" for name in ("cdcs", "radicale")),
    ROOT / "tests/servers/openlineage/requirements.txt",
]
NAMES = ["ours", "cdcs", "radicale", "openlineage"]


def names(lines: list[str]) -> set[str]:
    """Return the packages that requirement lines name, as package indexes write them."""
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return {re.sub(r"[._-]+", "-", match.group()).lower() for match in found if match}


def test_what_the_core_needs_is_installed_by_make() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert names(project["dependencies"]) <= names((ROOT / "requirements.in").read_text().splitlines())


@pytest.mark.parametrize("lock", LOCKS, ids=NAMES)
def test_every_locked_package_is_asked_for_or_needed_by_one_that_is(lock: Path) -> None:
    asked = names(lock.with_suffix(".in").read_text().splitlines())

    assert asked <= names(lock.read_text().splitlines())


@pytest.mark.parametrize("lock", LOCKS, ids=NAMES)
def test_every_locked_package_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()

    pinned = len(re.findall(r"^[a-z0-9].*==", text, re.MULTILINE))
    hashed = len(re.findall(r"^[a-z0-9][^\n]*==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE))
    assert pinned == hashed
    assert "://" not in text
