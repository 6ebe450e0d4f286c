"""Which reader of RosettaSciIO opens a file, as data: by suffix, or by content where a suffix belongs to several.

Left out are formats that other extractors own (dm3, dm4, FEI TIFF, TIA, msa, Bruker, EDAX, JEOL, plain images),
folders (zspy), readers that need packages which are not ours (netCDF, mrcz, USID), and bare arrays without a word on
what they are (npy).
"""

import struct
from collections.abc import Callable
from pathlib import Path

from nexuslims_core.extractors import tiff_tags

BY_SUFFIX = {
    ".ali": "mrc",
    ".app5": "topspin",
    ".blo": "blockfile",
    ".de5": "emd",
    ".dens": "dens",
    ".elid": "phenom",
    ".emd": "emd",
    ".hspy": "hspy",
    ".mib": "quantumdetector",
    ".mrc": "mrc",
    ".nxs": "nexus",
    ".pro": "digitalsurf",
    ".prz": "pantarhei",
    ".rpl": "ripple",
    ".sac": "quadstar",
    ".sbc": "quadstar",
    ".sur": "digitalsurf",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".tvf": "trivista",
    ".tvips": "tvips",
    ".unf": "semper",
    ".wdf": "renishaw",
}
"""Suffixes that belong to one reader."""

SHARED_SUFFIXES = frozenset({".csv", ".h5", ".hdf5", ".img", ".map", ".xml"})
"""Suffixes that belong to several: the content says which one reads the file, if any."""

DATA_ELSEWHERE = frozenset({"arina", "empad", "tvips"})
"""Readers whose numbers lie in other files, under names that only the opened file tells."""

COMPANIONS = {
    ".mib": frozenset({".hdr"}),
    ".rpl": frozenset({".raw"}),
    ".tif": frozenset({".hdr"}),
    ".xml": frozenset({".raw"}),
}

_HDF5 = b"\x89HDF\r\n\x1a\n"
_MAGIC = (
    (0, b"IMGBLO", "blockfile"),
    (0, b"WDF1", "renishaw"),
    (0, b"MQ1,", "quantumdetector"),
    (208, b"MAP ", "mrc"),
    *((0, magic, "tiff") for magic in tiff_tags.MAGIC),
)
"""Bytes that prove a format wherever they stand: where, which, whose."""

_MARKS: dict[str, tuple[tuple[Callable[[bytes], bool], str], ...]] = {
    ".csv": (
        (lambda head: head.startswith(b"Time, Notes,"), "protochips"),
        (lambda head: head.startswith(b"TimeStamp,Experiment time"), "impulse"),
    ),
    ".img": ((lambda head: head.startswith(b"IM") and _is_hamamatsu(head), "hamamatsu"),),
    ".xml": (
        (lambda head: b"<LSX" in head, "jobinyvon"),
        (lambda head: b"<root" in head and b"<software_version>" in head, "empad"),
    ),
}
"""For files with a shared suffix: what their beginning must look like, and whose they then are."""


_HDF5_MARKS = (
    ("Experiments", "hspy"),
    ("FullSpectra", "tofwerk"),
    ("Acquisition", "delmic"),
    ("entry", "nexus"),
)
"""How the names at the root of an HDF5 file begin, and whose it then is."""


def reader_of(path: Path, head: bytes) -> str | None:
    """Return the name of the reader whose format the content of a file proves, or None."""
    if head.startswith(_HDF5):
        return _hdf5_reader(path)
    for offset, magic, reader in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return reader
    return next((reader for fits, reader in _MARKS.get(path.suffix.lower(), ()) if fits(head)), None)


def _hdf5_reader(path: Path) -> str | None:
    """Tell HDF5 formats apart by what stands at their root; one that cannot be opened belongs to its suffix."""
    import h5py  # type: ignore[import-untyped]  # has no types; a third of a second that other files need not pay

    by_suffix = BY_SUFFIX.get(path.suffix.lower())
    if by_suffix is not None:
        return by_suffix
    try:
        with h5py.File(path, "r") as file:
            names = frozenset(file)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError):
        return "hspy"
    if path.name.lower().endswith("_master.h5") and "entry" in names:
        return "arina"
    return next((reader for mark, reader in _HDF5_MARKS if any(name.startswith(mark) for name in names)), None)


def _is_hamamatsu(head: bytes) -> bool:
    """Check the sizes in a Hamamatsu header: comment, width, height, and a known type of pixel."""
    if len(head) < 14:
        return False
    _, width, height, _, _, kind = struct.unpack_from("<HHHHHH", head, 2)
    return width > 0 and height > 0 and kind in {0, 2, 3}
