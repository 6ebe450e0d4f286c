from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nexuslims_core.files.models import FoundFile, Scan
from nexuslims_core.files.settling import unsettled

NOW = 10_000.0


@pytest.fixture
def found(store: Path, write: Callable[..., Path], scan: Callable[..., Scan]) -> FoundFile:
    write(store / "a.dm3", mtime=5_000.0, content=b"1234")
    return scan(store).files[0]


def test_a_file_that_stayed_the_same_has_settled(found: FoundFile) -> None:
    assert unsettled((found,), now=NOW, settle_s=60.0) == ()


@pytest.mark.parametrize("age_s", [0.0, 59.0, 60.0, -30.0], ids=["now", "just before", "on the edge", "ahead of us"])
def test_a_file_modified_a_moment_ago_has_not_settled(age_s: float, found: FoundFile) -> None:
    assert unsettled((found,), now=found.mtime + age_s, settle_s=60.0) == (found,)


def test_a_fast_clock_does_not_hold_a_session_up(found: FoundFile) -> None:
    assert unsettled((found,), now=found.mtime - 3_600.0, settle_s=60.0) == ()


def test_a_file_that_grew_since_the_scan_has_not_settled(found: FoundFile, write: Callable[..., Path]) -> None:
    write(found.path, mtime=found.mtime, content=b"12345")

    assert unsettled((found,), now=NOW, settle_s=60.0) == (found,)


def test_a_file_rewritten_since_the_scan_has_not_settled(found: FoundFile, write: Callable[..., Path]) -> None:
    write(found.path, mtime=found.mtime + 0.001, content=b"4321")

    assert unsettled((found,), now=NOW, settle_s=60.0) == (found,)


def test_a_file_that_is_gone_has_not_settled(found: FoundFile) -> None:
    found.path.unlink()

    assert unsettled((found,), now=NOW, settle_s=60.0) == (found,)


def test_a_dataset_whose_part_is_being_written_has_not_settled(found: FoundFile, write: Callable[..., Path]) -> None:
    part = write(found.path.with_suffix(".raw"), mtime=NOW - 1)
    dataset = replace(found, parts=(part,), mtimes=(found.mtime, NOW - 1))

    assert unsettled((dataset,), now=NOW, settle_s=60.0) == (dataset,)


@pytest.mark.parametrize(("rewritten_s", "settled"), [(0.0, True), (1.0, False)], ids=["as it was", "rewritten"])
def test_a_dataset_settles_with_all_its_parts(
    rewritten_s: float, settled: bool, found: FoundFile, write: Callable[..., Path]
) -> None:
    part = write(found.path.with_suffix(".raw"), mtime=4_000.0 + rewritten_s)
    dataset = replace(found, mtime=4_000.0, parts=(part,), mtimes=(4_000.0, found.mtime))

    assert (unsettled((dataset,), now=NOW, settle_s=60.0) == ()) is settled
