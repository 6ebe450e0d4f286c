"""Records as files."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from nexuslims_core.schemas import NEXUS_NAMESPACE

WriteRecord = Callable[..., Path]


@pytest.fixture
def write_record(tmp_path: Path) -> WriteRecord:
    """Write a record whose summary holds this, under a name of its own."""

    def write(inside: str = "<experimenter>ada</experimenter>") -> Path:
        path = tmp_path / f"2026-03-02_Titan_{uuid4().hex[:12]}.xml"
        summary = f"\n<summary>{inside}</summary>"
        path.write_text(f'<Experiment xmlns="{NEXUS_NAMESPACE}"><title>Grains</title>{summary}</Experiment>')
        return path

    return write
