"""Single files to measure: some of each format, a large image, a large 4D measurement that takes no room on disk."""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nexuslims_core.testing.writers.digital_micrograph import Calibration, DmImage, write_dm, write_dm_images
from tests.bench.files import REAL_FILES

FORMATS = ("dm3", "dm4", "ser", "tif", "spc", "msa")
_FOLDERS = {"ser": "ser_emi", "tif": "tif_fei"}
_MOST, _LARGEST_BYTES = 8, 40 << 20
_SHAPE_4D = (64, 32, 512, 512)
_MARK = np.array([0xBEEF, 0xFEED, 0xBEEF, 0xFEED], np.uint16)


def by_format(collection: Path) -> Mapping[str, tuple[Path, ...]]:
    """Return at most eight files of each format, spread over those of the collection."""
    session = [collection / name for name in REAL_FILES]
    found = {}
    for suffix in FORMATS:
        of_session = [path for path in session if path.suffix == f".{suffix}"]
        others = sorted((collection / _FOLDERS.get(suffix, suffix)).glob(f"*.{suffix}"))
        paths = [path for path in of_session or others if path.stat().st_size < _LARGEST_BYTES]
        count = min(len(paths), _MOST)
        found[suffix] = tuple(paths[i * len(paths) // count] for i in range(count))
    return {suffix: paths for suffix, paths in found.items() if paths}


def write_large_image(folder: Path) -> Path:
    """Write an image of 4096 × 4096 pixels with noise and a scale."""
    image = np.random.default_rng(4096).poisson(900, (4096, 4096)).astype(np.uint16)
    nm = Calibration(scale=0.2, unit="nm")
    return write_dm(folder / "large.dm3", image, calibrations=(nm, nm))


def write_sparse_4d(folder: Path) -> Path:
    """Write 64 × 32 diffraction patterns of 512 × 512 pixels, 1 GiB of zeros that take no room on disk."""
    size = int(np.prod(_SHAPE_4D))
    path = write_dm_images(folder / "4d.dm4", (DmImage(data=_MARK, shape=_SHAPE_4D),), version=4)
    kept = path.read_bytes().replace(struct.pack(">qqqq", 3, 20, 4, 4), struct.pack(">qqqq", 3, 20, 4, size))
    before, _, after = kept.partition(_MARK.tobytes())
    with path.open("wb") as file:
        file.write(before)
        file.seek(size * _MARK.itemsize, 1)
        file.write(after)
    return path
