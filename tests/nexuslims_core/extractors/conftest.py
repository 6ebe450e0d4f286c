"""What tests of extractors share: files as sources, numbers of signals, and the peer's answers."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile

PeerValues = Mapping[str, Mapping[str, Any]]


@pytest.fixture
def source_of() -> Callable[..., Source]:
    """Return what makes a source of a file: ``source_of(path, *parts, zone=UTC)``."""

    def make(path: Path, *parts: Path, zone: tzinfo = UTC) -> Source:
        stat = path.stat()
        return Source(file=FoundFile(path=path, size=stat.st_size, mtime=stat.st_mtime, parts=parts), zone=zone)

    return make


@pytest.fixture
def numbers_of() -> Callable[..., NDArray[Any]]:
    """Return what reads a signal's numbers: ``numbers_of(signal, *index)``."""

    def read(signal: Signal, *index: int) -> NDArray[Any]:
        assert signal.data is not None
        return np.concatenate([piece.copy() for piece in signal.data.blocks(index)])

    return read


@pytest.fixture(scope="session")
def peer_values(em_files: Path) -> dict[str, PeerValues]:
    """What NexusLIMS reports: release to name of the file to name of the value to value."""
    answers = json.loads((em_files.parent / "peer_metadata.json").read_text())
    return {"1.4.1": answers["v1.4.1"]["FEI-Titan-TEM-635816"], "2.8.0": answers["v2.8.0"]["FEI-Titan-TEM"]}
