"""Trees of files as instruments leave them, and scans of them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nexuslims_core.files.models import Scan
from nexuslims_core.files.scanning import scan_folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "Titan"
    folder.mkdir()
    return folder


@pytest.fixture
def write() -> Callable[..., Path]:
    def write(path: Path, *, mtime: float = 1_000.0, content: bytes = b"") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (mtime, mtime))
        return path

    return write


@pytest.fixture
def scan() -> Callable[..., Scan]:
    def scan(folder: Path, **others: Any) -> Scan:
        settings = {"suffixes": None, "ignore": (), "companions": {}, "now": 2_000.0} | others
        return scan_folder(folder, instrument_pid="FEI-Titan-TEM-635816", **settings)

    return scan
