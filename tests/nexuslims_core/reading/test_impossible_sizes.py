"""Files that claim terabytes: sparse ones that truly have that many zeros, and small ones that lie."""

import re
import struct
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.extractors.base import Source
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import read_files
from nexuslims_core.testing.writers.digital_micrograph import DmImage, write_dm_images
from nexuslims_core.testing.writers.hspy import write_hspy

pytestmark = pytest.mark.slow

TERABYTES_8 = 1 << 43
LIMITS = Limits(workers=1, timeout_s=60, memory_mb=1024)
STACK = (1 << 20, 2048, 2048)
PLANE = (1 << 21, 1 << 21)


def hole(path: Path, before: bytes, after: bytes = b"", length: int = TERABYTES_8) -> Path:
    with path.open("wb") as file:
        file.write(before)
        file.seek(length, 1)
        file.write(after)
        file.truncate(max(file.tell(), len(before) + length))
    return path


def dm4(folder: Path, shape: tuple[int, ...], *, sparse: bool) -> Path:
    mark = np.array([0xBEEF, 0xFEED, 0xBEEF, 0xFEED], np.uint16)
    path = write_dm_images(folder / "a.dm4", (DmImage(data=mark, shape=shape),), version=4)
    whole = path.read_bytes().replace(struct.pack(">qqqq", 3, 20, 4, 4), struct.pack(">qqqq", 3, 20, 4, 1 << 42))
    before, _, after = whole.partition(mark.tobytes())
    return hole(path, before, after) if sparse else path


def tif(folder: Path, shape: tuple[int, ...], *, sparse: bool) -> Path:
    """Write a BigTIFF of one strip."""
    rows, columns = shape[-2:]
    tags = ((256, 4, columns), (257, 4, rows), (258, 3, 16), (259, 3, 1), (262, 3, 1), (277, 3, 1), (278, 4, rows))
    tags = (*tags, (273, 16, 1024), (279, 16, TERABYTES_8))
    entries = b"".join(struct.pack("<HHQQ", tag, kind, 1, value) for tag, kind, value in sorted(tags))
    head = b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, len(tags)) + entries + bytes(8)
    return hole(folder / "a.tif", head.ljust(1024, b"\0"), length=TERABYTES_8 if sparse else 0)


def mrc(folder: Path, shape: tuple[int, ...], *, sparse: bool) -> Path:
    *steps, rows, columns = shape
    head = struct.pack("<10i", columns, rows, *(steps or [1]), 6, 0, 0, 0, columns, rows, *(steps or [1]))
    head += struct.pack("<3f", 100, 100, 100)
    head = head.ljust(208, b"\0") + b"MAP DA\0\0"
    return hole(folder / "a.mrc", head.ljust(1024, b"\0"), length=TERABYTES_8 if sparse else 0)


def rpl(folder: Path, shape: tuple[int, ...], *, sparse: bool) -> Path:
    *steps, rows, columns = shape
    lines = {
        "key": "value",
        "width": columns,
        "height": rows,
        "depth": (steps or [1])[0],
        "offset": 0,
        "data-length": 2,
        "data-type": "unsigned",
        "byte-order": "little-endian",
        "record-by": "image",
    }
    hole(folder / "a.raw", b"", length=TERABYTES_8 if sparse else 100)
    path = folder / "a.rpl"
    path.write_text("".join(f"{key}\t{value}\n" for key, value in lines.items()))
    return path


def mib(folder: Path, shape: tuple[int, ...], *, sparse: bool) -> Path:
    rows, columns = (min(side, 1 << 15) for side in shape[-2:])
    text = f"MQ1,000001,00384,01,{columns:04d},{rows:04d},U16,   1x1,01,2024-03-04 05:06:07.000000,0.002,0,0,0,20,511,"
    return hole(folder / "a.mib", text.encode().ljust(384, b"\0"), length=TERABYTES_8 if sparse else 0)


def blo(folder: Path, shape: tuple[int, ...], *, sparse: bool) -> Path:
    scan, side = (shape[0] // 50_000, 50_000) if len(shape) == 3 else (50_000, 50_000), shape[-1] % 65_535 or 2048
    at = 4096 + scan[0] * scan[1]
    fields = (b"IMGBLO", 0x102, 4096, at, 0, side, 0, scan[1], scan[0], 0, 1.0, 1.0, 200_000, 6226, 2000, 45000.25)
    head = struct.pack("<6sHIIIHHHHHddIHId", *fields).ljust(4096, b"\0")
    return hole(folder / "a.blo", head, length=TERABYTES_8 if sparse else 0)


def empad(folder: Path, shape: tuple[int, ...], *, sparse: bool) -> Path:
    rows, columns = (1 << 14, 1 << 13) if len(shape) == 3 else (1 << 16, 1 << 11)
    hole(folder / "a.raw", b"", length=TERABYTES_8 if sparse else 100)
    (folder / "a.xml").write_text(
        '<root><timestamp timestamp="1559906242"/><software_version>1</software_version><raw_file filename="a.raw"/>'
        f"<pix_x>{columns}</pix_x><pix_y>{rows}</pix_y></root>"
    )
    return folder / "a.xml"


def hspy(folder: Path, shape: tuple[int, ...], *, sparse: bool) -> Path:
    metadata = {"General": {"title": "large"}, "Signal": {"signal_type": ""}}
    path = write_hspy(folder / "a.hspy", np.zeros((2,) * len(shape), np.uint16), metadata=metadata)
    with h5py.File(path, "r+") as file:
        signal = file["Experiments/signal"]
        del signal["data"]
        chunks = None if sparse else (*(1 for _ in shape[:-2]), 1024, 1024)
        space = h5py.h5s.create_simple(shape)
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        if chunks:
            plan.set_chunk(chunks)
        else:
            plan.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            plan.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        h5py.h5d.create(signal.id, b"data", h5py.h5t.NATIVE_UINT16, space, plan)
        for i, size in enumerate(shape):
            signal[f"axis-{i}"].attrs["size"] = size
    return path


Write = Callable[..., Path]


def read(path: Path, data: Path) -> tuple[Outcome, float]:
    parts = tuple(sorted(path.parent.glob("*.raw")))
    file = FoundFile(path=path, size=path.stat().st_size, mtime=path.stat().st_mtime, parts=parts)
    job = Job(source=Source(file=file, zone=UTC), mirror=Mirror(filestore=path.parent, data_path=data))
    begun = time.monotonic()
    (outcome,) = read_files([job], LIMITS)
    return outcome, time.monotonic() - begun


FORMATS = [dm4, tif, mrc, mib, blo, empad, rpl, hspy]


@pytest.mark.parametrize("shape", [STACK, PLANE], ids=["stack", "plane"])
@pytest.mark.parametrize("write", FORMATS)
def test_eight_terabytes_of_nothing_get_a_picture_or_a_refusal(
    write: Write, shape: tuple[int, ...], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    path = write(store, shape, sparse=True)

    outcome, seconds = read(path, tmp_path / "data")

    assert seconds < LIMITS.timeout_s
    if isinstance(outcome, Extracted):
        assert outcome.datasets[0].preview is not None
        with Image.open(outcome.datasets[0].preview) as preview:
            assert preview.size == (500, 500)


@pytest.mark.parametrize("shape", [STACK, PLANE], ids=["stack", "plane"])
@pytest.mark.parametrize("write", FORMATS)
def test_small_files_that_claim_eight_terabytes_are_not_believed(
    write: Write, shape: tuple[int, ...], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    path = write(store, shape, sparse=False)

    outcome, seconds = read(path, tmp_path / "data")

    assert seconds < LIMITS.timeout_s
    said = outcome.reason if isinstance(outcome, Unreadable) else " ".join(outcome.datasets[0].metadata.notes)
    assert re.search(r"(claims|states) .* and holds|mismatch", said), said
