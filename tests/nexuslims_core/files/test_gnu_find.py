import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nexuslims_core.files.models import Scan

Write = Callable[..., Path]
Scanner = Callable[..., Scan]
Install = Callable[[str], None]

FIND = shutil.which("find")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a shell script of the name ``find`` where programs are looked for, and nothing else."""

    def install(script: str) -> None:
        program = tmp_path / "bin" / "find"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent))

    return install


def test_it_is_find_that_searches(tmp_path: Path, store: Path, write: Write, scan: Scanner, install: Install) -> None:
    write(store / "a.dm3", mtime=1_573_657_202.25, content=b"1234")
    install(f'echo ran >> "{tmp_path}/ran"; exec {FIND} "$@"')

    found = scan(store, with_gnu_find=True)

    assert (tmp_path / "ran").read_text() == "ran\n"
    assert found == scan(store)


def test_a_time_before_1970_is_told_as_our_scan_tells_it(store: Path, write: Write, scan: Scanner) -> None:
    for i, ns in enumerate((-1_500_000_000, -1, 1, 1_573_657_202_645_750_001)):
        os.utime(write(store / f"{i}.dm3"), ns=(0, ns))

    assert scan(store, with_gnu_find=True) == scan(store)


FAILURES = {
    "another find": ("echo 'no -printf here' >&2; exit 1", "no -printf here"),
    "an error": ("exit 3", "it ended with 3"),
    "no time": ("printf 'f yesterday 1 /a\\0'", "invalid literal for int()"),
    "no line of ours": ("printf 'x 1\\0'", "it said b'x 1'"),
    "cut short": ("printf 'd /cut'", "it stopped in the middle of b'd /cut'"),
    "killed": ("kill -9 $$", "it ended with -9"),
}


@pytest.fixture
def file(store: Path, write: Write) -> Path:
    return write(store / "a.dm3")


@pytest.mark.parametrize(("script", "reason"), FAILURES.values(), ids=FAILURES)
def test_where_it_fails_the_scan_stands_in_and_the_log_says_why(
    script: str, reason: str, file: Path, scan: Scanner, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install(script)

    found = scan(file.parent, with_gnu_find=True)

    assert [each.path for each in found.files] == [file]
    assert f"GNU find could not search {file.parent}, so it is searched without: {reason}" in caplog.text


def test_where_there_is_none_the_scan_stands_in(
    file: Path, scan: Scanner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(file.parent))

    found = scan(file.parent, with_gnu_find=True)

    assert [each.path for each in found.files] == [file]
    assert "there is no program named find" in caplog.text


def test_a_suffix_of_special_characters_is_taken_as_it_is(store: Path, write: Write, scan: Scanner) -> None:
    for name in ("a.[x]", "b.x", "c.?", "d.y"):
        write(store / name)

    found = scan(store, suffixes=frozenset({".[x]", ".?"}), with_gnu_find=True)

    assert [file.path.name for file in found.files] == ["a.[x]", "c.?"]
