"""Where HyperSpy's signal classes decide what one picture is, and that they are asked nowhere else."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nexuslims_core.datasets.models import Extracted
from nexuslims_core.datasets.signals import SignalKind
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.general import extractor
from nexuslims_core.extractors.rosetta.axes import arranged
from nexuslims_core.extractors.rosetta.hyperspy_kinds import completed
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.pool import read_files
from nexuslims_core.testing.writers.hspy import write_hspy

SourceOf = Callable[..., Source]
LIMITS = Limits(workers=1, timeout_s=60, memory_mb=1024)

pytestmark = pytest.mark.filterwarnings("default")  # HyperSpy and what it imports warn of their own future


def axes_of(shape: tuple[int, ...]) -> list[dict[str, Any]]:
    return [{"size": size, "index_in_array": i, "scale": 0.5, "units": "nm"} for i, size in enumerate(shape)]


@pytest.mark.parametrize(
    ("signal", "shape", "steps"),
    [
        ({"record_by": "spectrum"}, (4, 5, 6), 2),
        ({"record_by": "image"}, (4, 5, 6), 1),
        ({}, (4, 5), 0),
        ({}, (4, 5, 6), 0),
    ],
    ids=["spectra of an old file", "images of an old file", "one plane", "one volume"],
)
def test_hyperspy_tells_signal_from_navigation(signal: dict[str, str], shape: tuple[int, ...], steps: int) -> None:
    read = {"data": np.zeros(shape), "axes": axes_of(shape), "metadata": {"Signal": signal}}

    told, notes = completed(read)
    array, axes, found = arranged(told)

    assert (array.shape, found, notes) == (shape, steps, ())
    assert {(axis.scale, axis.unit) for axis in axes} == {(0.5, "nm")}


def test_the_work_that_a_reader_leaves_to_hyperspy_is_done() -> None:
    axes = [{**axis, "navigate": False} for axis in axes_of((4, 1))]
    read = {"data": np.zeros((4, 1)), "axes": axes, "post_process": [lambda signal: signal.squeeze()]}

    told, notes = completed(read)

    assert (told["data"].shape, len(told["axes"]), notes) == ((4,), 1, ())


def test_work_that_fails_is_said_and_the_numbers_stay() -> None:
    def fail(_: object) -> None:
        raise ValueError("no such colours")

    read = {"data": np.zeros((4, 2)), "axes": [], "post_process": [fail]}

    told, notes = completed(read)

    assert told is read
    assert "no such colours" in notes[0]


def test_a_dictionary_that_says_everything_is_left_alone() -> None:
    axes = [{**axis, "navigate": False} for axis in axes_of((4, 5))]
    read = {"data": np.zeros((4, 5)), "axes": axes}

    assert completed(read) == (read, ())


def old_spectra(folder: Path) -> Path:
    """Write spectra over a map as HyperSpy did before its axes said what they are."""
    path = write_hspy(folder / "a.hspy", np.zeros((3, 4, 5)), metadata={"Signal": {"record_by": "spectrum"}})
    with h5py.File(path, "r+") as file:
        for number in range(3):
            del file[f"Experiments/signal/axis-{number}"].attrs["navigate"]
    return path


def test_an_old_file_of_spectra_is_no_image(tmp_path: Path, source_of: SourceOf) -> None:
    (signal,) = extractor.read(source_of(old_spectra(tmp_path)))

    assert signal.kind is SignalKind.SPECTRUM_IMAGE
    assert signal.metadata.data_type == "Spectrum_Imaging"


def test_hyperspy_is_asked_in_the_pool_where_nobody_has_a_home(
    tmp_path: Path, source_of: SourceOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    path = old_spectra(tmp_path)

    (outcome,) = read_files([Job(source=source_of(path), mirror=None)], LIMITS)

    assert isinstance(outcome, Extracted)
    assert outcome.datasets[0].metadata.data_type == "Spectrum_Imaging"
    assert not [note for note in outcome.datasets[0].metadata.notes if "guess" in note]


def test_files_that_say_everything_do_not_wait_for_hyperspy(tmp_path: Path) -> None:
    axes = [{"navigate": True}, {"navigate": False}, {"navigate": False}]
    path = write_hspy(tmp_path / "a.hspy", np.zeros((3, 4, 5)), metadata={"Signal": {}}, axes=axes)
    script = (
        "import sys; from datetime import UTC; from pathlib import Path;"
        "from nexuslims_core.extractors.base import Source; from nexuslims_core.files.models import FoundFile;"
        "from nexuslims_core.extractors.general import extractor;"
        "path = Path(sys.argv[1]); file = FoundFile(path=path, size=path.stat().st_size, mtime=0.0);"
        "extractor.read(Source(file=file, zone=UTC)); sys.exit('hyperspy' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script, path], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
