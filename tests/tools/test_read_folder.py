"""Files of a folder and what each takes: a gigabyte of images takes little."""

import struct
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from nexuslims_core.datasets.models import Extracted
from nexuslims_core.testing.writers.digital_micrograph import DmImage, write_dm_images
from nexuslims_core.testing.writers.hspy import write_hspy
from tools.read_folder import files_in, read_all

SHAPE = (64, 64, 256, 512)
GIGABYTE = 1 << 30


def _dm4(folder: Path) -> Path:
    """Write a gigabyte of patterns over a scan; its numbers are a hole in the file."""
    mark = np.array([0xBEEF, 0xFEED, 0xBEEF, 0xFEED], np.uint16)
    path = write_dm_images(folder / "scan.dm4", (DmImage(data=mark, shape=SHAPE),), version=4)
    stated, true = (struct.pack(">qqqq", 3, 20, 4, count) for count in (len(mark), GIGABYTE // 2))
    before, _, after = path.read_bytes().replace(stated, true).partition(mark.tobytes())
    with path.open("wb") as file:
        file.write(before)
        file.seek(GIGABYTE, 1)
        file.write(after)
    return path


def _hspy(folder: Path) -> Path:
    """Write the same in chunks of 8 x 8 places and 64 x 64 pixels, all of which are holes."""
    metadata = {"General": {"title": "scan"}, "Signal": {"signal_type": ""}}
    path = write_hspy(folder / "scan.hspy", np.zeros((2,) * len(SHAPE), np.uint16), metadata=metadata)
    with h5py.File(path, "r+") as file:
        signal = file["Experiments/signal"]
        del signal["data"]
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((8, 8, 64, 64))
        plan.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        plan.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        h5py.h5d.create(signal.id, b"data", h5py.h5t.NATIVE_UINT16, h5py.h5s.create_simple(SHAPE), plan)
        for i, size in enumerate(SHAPE):
            signal[f"axis-{i}"].attrs["size"] = size
    return path


@pytest.mark.slow
@pytest.mark.parametrize("write", [_dm4, _hspy])
def test_a_gigabyte_of_patterns_is_previewed_in_less_than_200_megabytes(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    store, data = tmp_path / "store", tmp_path / "data"
    store.mkdir()
    data.mkdir()
    path = write(store)

    outcomes, spent = read_all(files_in(store), store, data, lambda _outcome: None)

    assert path.stat().st_size >= GIGABYTE
    assert isinstance(outcomes[0], Extracted)
    assert outcomes[0].datasets[0].preview is not None
    assert 20 < spent[str(path)].peak_mb < 200


def test_files_that_belong_to_others_are_read_with_them(tmp_path: Path) -> None:
    for name in ("scan.emi", "scan_1.ser", "scan_2.ser", "other.dm3"):
        (tmp_path / name).touch()

    files = {file.path.name: [part.name for part in file.parts] for file in files_in(tmp_path)}

    assert files == {"scan.emi": ["scan_1.ser", "scan_2.ser"], "other.dm3": []}
