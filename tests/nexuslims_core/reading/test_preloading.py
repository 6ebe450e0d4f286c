import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nexuslims_core.reading.frames import Kind
from nexuslims_core.reading.preloading import preload
from nexuslims_core.testing.writers.digital_micrograph import write_dm

pytestmark = pytest.mark.slow  # starts a process of its own

READ = """
import sys
from datetime import UTC
from pathlib import Path
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.preloading import preload
kind, _ = preload()
before = set(sys.modules)
from nexuslims_core.reading.opening import open_file
file = Path(sys.argv[1])
found = FoundFile(path=file, size=file.stat().st_size, mtime=file.stat().st_mtime)
mirror = Mirror(filestore=file.parent, data_path=file.parent / "data")
outcome = open_file(Job(source=Source(file=found, zone=UTC), mirror=mirror, recipe="a"))
print(kind.name, len(outcome.datasets), sorted(set(sys.modules) - before))
"""


def test_a_usual_file_is_read_with_what_was_loaded_before(tmp_path: Path) -> None:
    tags = {"Microscope Info": {"Voltage": 300000.0, "Microscope": "FEI Titan"}}
    image = write_dm(tmp_path / "image.dm3", np.arange(64, dtype=np.uint16).reshape(8, 8), tags=tags, mtime=1e9)

    said = subprocess.run([sys.executable, "-c", READ, image], capture_output=True, text=True, check=True).stdout

    assert said == "READY 1 []\n"


def test_a_reader_that_fails_in_practice_keeps_no_ward_from_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_job: object) -> None:
        raise KeyError("a reader of this site")

    monkeypatch.setattr("nexuslims_core.reading.opening.open_file", fails)

    kind, _ = preload()

    assert kind is Kind.READY
