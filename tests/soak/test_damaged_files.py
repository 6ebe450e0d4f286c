"""A thousand damaged copies of real instrument files: each ends as read or as unreadable, and none ends the run."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from nexuslims_core.datasets.models import Extracted, Unreadable
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import read_files

LARGEST = 2 << 20
RUNS = 1000
SWAPS = {
    ".dm3": ".emd",
    ".dm4": ".dm3",
    ".tif": ".ser",
    ".hspy": ".emd",
    ".emd": ".hspy",
    ".h5": ".nxs",
    ".nxs": ".h5",
    ".ser": ".tif",
    ".mib": ".mrc",
    ".mrc": ".blo",
    ".msa": ".spc",
    ".spc": ".msa",
    ".txt": ".dm3",
    ".csv": ".xml",
    ".xml": ".csv",
    ".img": ".map",
    ".map": ".img",
    ".bcf": ".spx",
    ".wdf": ".dens",
}
"""Suffixes that a file may bear by mistake; all others become ``.h5``."""


def damaged(content: bytes, suffix: str, chance: random.Random) -> Iterator[tuple[str, str, bytes]]:
    """Yield how a file was damaged, its new suffix and its new content."""
    for share in (0.02, 0.4, 0.95):
        yield f"cut at {share}", suffix, content[: int(len(content) * share)]
    flipped = bytearray(content)
    for _ in range(max(1, len(flipped) // 500)):
        flipped[chance.randrange(len(flipped))] = chance.randrange(256)
    yield "flipped", suffix, bytes(flipped)
    yield "swapped", SWAPS.get(suffix.lower(), ".h5"), content
    yield "upper", suffix.upper(), content
    yield "none", "", content
    yield "zeros", suffix, bytes(min(len(content), 5000))
    yield "text", suffix, b"a shopping list: bread, butter, salt\n" * 20


def copies(folder: Path, into: Path) -> Iterator[Path]:
    chance = random.Random(20181113)  # noqa: S311 - the same files on every run
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and 0 < path.stat().st_size <= LARGEST]
    for number, path in enumerate(paths):
        content = path.read_bytes()
        for how, suffix, changed in damaged(content, path.suffix, chance):
            copy = into / f"{number:03} {how} {path.stem}{suffix}"
            copy.write_bytes(changed)
            yield copy


def job(path: Path, data: Path) -> Job:
    status = path.stat()
    file = FoundFile(path=path, size=status.st_size, mtime=status.st_mtime)
    return Job(source=Source(file=file, zone=UTC), mirror=Mirror(filestore=path.parent, data_path=data))


@pytest.mark.slow
def test_damaged_copies_of_real_files_end_as_read_or_unreadable(all_em_files: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    paths = list(copies(all_em_files, store))
    limits = Limits(workers=os.cpu_count() or 1, timeout_s=60, memory_mb=1536)

    outcomes = read_files([job(path, tmp_path / "data") for path in paths], limits)

    assert len(paths) >= RUNS
    assert [outcome.file.path for outcome in outcomes] == paths
    assert Counter(type(outcome) for outcome in outcomes).keys() == {Extracted, Unreadable}
    reasons = [(outcome.file.path.name, outcome.reason) for outcome in outcomes if isinstance(outcome, Unreadable)]
    assert [named for named in reasons if not named[1] or str(tmp_path) in named[1]] == []
    assert [named for named in reasons if "longer than 60 s" in named[1] or "more than the 1536 MB" in named[1]] == []
