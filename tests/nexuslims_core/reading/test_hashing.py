import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.reading.hashing import CHANGED, CHUNK, Hasher

LONG_AGO = 1_600_000_000


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., Path]:
    """Write a file that was last modified long ago."""

    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    return write


Stored = Callable[..., Path]


def _hasher(tmp_path: Path, **given: object) -> Hasher:
    return Hasher(folder=tmp_path / "kept", rate=1e12, **given)  # type: ignore[arg-type] # fields by name


def test_the_digest_is_that_of_the_whole_content(tmp_path: Path, stored: Stored) -> None:
    content = os.urandom(CHUNK) + b"and a little more"
    path = stored("a.dm3", content)

    found = _hasher(tmp_path).digest(path)

    assert (found.sha256, found.size, found.reason) == (sha256(content), len(content), None)


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, stored: Stored) -> None:
    path = stored("a.dm3", b"pixels")
    first = _hasher(tmp_path).digest(path)
    read: list[str] = []

    again = _hasher(tmp_path, told=lambda: read.append("a piece")).digest(path)

    assert (again.sha256, read) == (first.sha256, [])


def test_a_file_of_the_same_size_that_was_written_anew_is_read_again(tmp_path: Path, stored: Stored) -> None:
    _hasher(tmp_path).digest(stored("a.dm3", b"pixels"))
    path = stored("a.dm3", b"others")
    os.utime(path, (LONG_AGO, LONG_AGO + 1))

    assert _hasher(tmp_path).digest(path).sha256 == sha256(b"others")


def test_the_digest_of_a_file_that_was_just_written_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.dm3"
    path.write_bytes(b"pixels")

    found = _hasher(tmp_path).digest(path)

    assert found.sha256 == sha256(b"pixels")
    assert not (tmp_path / "kept").exists()


def test_a_file_that_changes_while_it_is_read_has_no_digest(tmp_path: Path, stored: Stored) -> None:
    path = stored("a.dm3", bytes(2 * CHUNK))

    found = _hasher(tmp_path, told=lambda: path.write_bytes(bytes(CHUNK))).digest(path)

    assert (found.sha256, found.reason) == (None, CHANGED)
    assert not (tmp_path / "kept").exists()


def test_a_file_that_grows_faster_than_it_is_read_is_given_up(tmp_path: Path, stored: Stored) -> None:
    path = stored("a.dm3", bytes(10))

    def grow() -> None:
        with path.open("ab") as file:
            file.write(bytes(10))

    found = _hasher(tmp_path, told=grow).digest(path)

    assert found.reason == CHANGED


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    missing, pipe = (_hasher(tmp_path).digest(tmp_path / name) for name in ("missing", "pipe"))

    assert missing.reason == "it cannot be read (No such file or directory)"
    assert pipe.reason == "it is no file"


def test_no_more_is_read_than_the_rate_allows(tmp_path: Path, stored: Stored) -> None:
    path = stored("a.dm3", bytes(10 * CHUNK))
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    hasher = Hasher(folder=tmp_path / "kept", rate=2 * CHUNK, clock=lambda: now[0], sleep=sleep)
    hasher.digest(path)

    assert now[0] == pytest.approx(5.0)


def test_a_slow_store_is_not_slowed_down_further(tmp_path: Path, stored: Stored) -> None:
    path = stored("a.dm3", bytes(10 * CHUNK))
    now, slept = [0.0], []

    def slow_clock() -> float:
        now[0] += 10.0
        return now[0]

    Hasher(folder=tmp_path / "kept", rate=2 * CHUNK, clock=slow_clock, sleep=slept.append).digest(path)

    assert slept == [0.5]  # for the first piece, whose own time nobody took
