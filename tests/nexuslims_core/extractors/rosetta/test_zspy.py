"""HyperSpy's zarr files: a folder of hundreds of chunks that is one dataset, and its zipped form."""

import json
import os
import pickle
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numpy.typing import NDArray

from nexuslims_core.datasets.models import DatasetType, Extracted
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import catalogue, choose
from nexuslims_core.extractors.general import extractor
from nexuslims_core.files.scanning import scan_folder
from nexuslims_core.files.settling import unsettled
from nexuslims_core.quantities import Quantity
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import read_files

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
pytestmark = [
    pytest.mark.filterwarnings("ignore:The NestedDirectoryStore:FutureWarning"),  # zarr's own, of its next version
    pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning"),  # what writes the zip says
]
PARTS = ("attributes", "learning_results", "models", "original_metadata", "package_info", "tmp_parameters")
PATTERNS = np.arange(3 * 4 * 8 * 8, dtype=np.uint16).reshape(3, 4, 8, 8)


def write_zspy(path: Path, **how: Any) -> Path:
    """Write patterns over a scan with RosettaSciIO, a chunk each."""
    from rsciio.zspy import file_writer

    tree = {
        "General": {"title": "Patterns"},
        "Signal": {"signal_type": "electron_diffraction"},
        "Acquisition_instrument": {"TEM": {"beam_energy": 200.0, "acquisition_mode": "STEM"}},
    }
    axes = [
        {"name": name, "size": size, "scale": 0.5, "offset": 0.0, "units": units, "navigate": i < 2}
        for i, (name, size, units) in enumerate(
            zip(("y", "x", "ky", "kx"), PATTERNS.shape, ("nm", "nm", "1/nm", "1/nm"), strict=True)
        )
    ]
    told: dict[str, Any] = {
        **{part: {} for part in PARTS},
        "data": PATTERNS,
        "axes": axes,
        "metadata": tree,
    }
    file_writer(str(path), told, chunks=(1, 1, 8, 8), show_progressbar=False, **how)
    return path


@pytest.mark.parametrize("how", [{}, {"store_type": "zip"}], ids=["a folder", "zipped"])
def test_reads_both_forms(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf, how: dict[str, str]) -> None:
    path = write_zspy(tmp_path / "a.zspy", **how)

    (signal,) = extractor.read(source_of(path))

    assert choose(path).name == "general"
    assert (signal.metadata.dataset_type, signal.metadata.data_type) == (DatasetType.DIFFRACTION, "4D_STEM")
    assert signal.metadata.entries["Voltage"] == Quantity(value=200.0, unit="kV")
    assert signal.metadata.entries["Step Size X"] == Quantity(value=0.5, unit="nm")
    assert np.array_equal(numbers_of(signal, 2, 3), PATTERNS[2, 3])


@pytest.mark.parametrize("suffixes", [None, catalogue().suffixes], ids=["every file", "known suffixes"])
def test_a_folder_of_chunks_is_one_dataset_of_the_instrument(tmp_path: Path, suffixes: frozenset[str] | None) -> None:
    path = write_zspy(tmp_path / "a.zspy")

    scan = scan_folder(
        tmp_path, instrument_pid="x", suffixes=suffixes, ignore=(), companions=catalogue().companions, now=0.0
    )

    assert [file.path for file in scan.files] == [path]
    assert scan.files[0].size == sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


def test_a_folder_settles_when_its_chunks_stay_the_same(tmp_path: Path) -> None:
    path = write_zspy(tmp_path / "a.zspy")
    for each in path.rglob("*"):
        os.utime(each, (1_000.0, 1_000.0))
    scan = scan_folder(
        tmp_path, instrument_pid="x", suffixes=None, ignore=(), companions=catalogue().companions, now=0.0
    )
    assert unsettled(scan.files, now=9_000.0, settle_s=60.0) == ()

    next(each for each in path.rglob("*") if each.is_file()).write_bytes(b"longer than before")

    assert unsettled(scan.files, now=9_000.0, settle_s=60.0) == scan.files


def test_the_pool_draws_a_folder_and_writes_nothing_into_it(tmp_path: Path) -> None:
    path = write_zspy(tmp_path / "store" / "a.zspy")
    before = {each: each.stat().st_mtime_ns for each in path.rglob("*")}
    (file,) = scan_folder(
        path.parent, instrument_pid="x", suffixes=None, ignore=(), companions=catalogue().companions, now=0.0
    ).files
    job = Job(
        source=Source(file=file, zone=UTC),
        mirror=Mirror(filestore=path.parent, data_path=tmp_path / "data"),
    )

    (outcome,) = read_files([job], Limits(workers=1, timeout_s=60, memory_mb=1024))

    assert isinstance(outcome, Extracted), outcome
    assert outcome.datasets[0].preview is not None
    assert {each: each.stat().st_mtime_ns for each in path.rglob("*")} == before


def test_a_claim_of_terabytes_is_refused(tmp_path: Path, source_of: SourceOf) -> None:
    path = write_zspy(tmp_path / "a.zspy")
    array = path / "Experiments" / "Patterns" / "data" / ".zarray"
    described = json.loads(array.read_text())
    array.write_text(json.dumps({**described, "shape": [3, 4, 10**6, 10**6]}))
    (path / ".zmetadata").unlink()

    with pytest.raises(ExtractionError, match="claims 3 × 4 × 1000000 × 1000000"):
        extractor.read(source_of(path))


def test_another_folder_is_no_dataset(tmp_path: Path, source_of: SourceOf) -> None:
    (tmp_path / "a.hspy").mkdir()

    with pytest.raises(ExtractionError, match="is a folder"):
        extractor.read(source_of(tmp_path / "a.hspy"))


def test_a_folder_without_data_is_refused(tmp_path: Path, source_of: SourceOf) -> None:
    (tmp_path / "a.zspy").mkdir()

    with pytest.raises(ExtractionError, match="zspy reader failed"):
        extractor.read(source_of(tmp_path / "a.zspy"))


def test_a_codec_that_runs_code_is_refused(tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(tmp_path / "trapped"),)

    path = write_zspy(tmp_path / "a.zspy")
    array = path / "Experiments" / "Patterns" / "data"
    described = (array / ".zarray").read_text()
    start, end = described.index('"filters"'), described.index('"order"')
    pickled = '"filters": [{"id": "pickle", "protocol": 5}],\n    '
    (array / ".zarray").write_text((described[:start] + pickled + described[end:]).replace('"<u2"', '"|O"'))
    for chunk in array.rglob("[0-9]*"):
        if chunk.is_file():
            chunk.write_bytes(pickle.dumps(Trap()))

    with pytest.raises(zarr.errors.MetadataError):  # the pool makes a sentence of whatever a reader raises
        numbers_of(extractor.read(source_of(path))[0])

    assert not (tmp_path / "trapped").exists()
