"""Which reader of RosettaSciIO opens a file, as data: by suffix, or by content where a suffix belongs to several.

Of its 38 readers those of formats that an extractor of their own reads are not asked here: dm3/dm4, TIA, msa, Bruker,
EDAX, JEOL, MRC, Merlin, EMPAD, blockfiles, TVIPS, Ripple and plain images.
Left out are two more, whose files are listed without being opened: USID (``.h5``), whose reader needs pyUSID, which
does not run with current pandas, and numpy (``.npy``), a bare array without a word on what it is. Of netCDF (``.nc``)
only files of EELSLab, HyperSpy's predecessor, are read: the reader knows no others.

MRCZ, compressed MRC, needs the package mrcz and Arina (``_master.h5``) hdf5plugin, which are not ours: their files are
refused for that reason until a site installs it.
"""

import struct
from collections.abc import Callable
from pathlib import Path

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.contents.hdf5_data import is_hdf5, opened
from nexuslims_core.extractors.mrc.header import is_compressed
from nexuslims_core.extractors.tiff import tags as tiff_tags

BY_SUFFIX = {
    ".app5": "topspin",
    ".de5": "emd",
    ".dens": "dens",
    ".elid": "phenom",
    ".emd": "emd",
    ".hspy": "hspy",
    ".mrcz": "mrcz",
    ".nxs": "nexus",
    ".pro": "digitalsurf",
    ".prz": "pantarhei",
    ".sac": "quadstar",
    ".sbc": "quadstar",
    ".sur": "digitalsurf",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".tvf": "trivista",
    ".unf": "semper",
    ".wdf": "renishaw",
    ".zspy": "zspy",
}
"""Suffixes that belong to one reader."""

SHARED_SUFFIXES = frozenset({".csv", ".h5", ".hdf5", ".img", ".nc", ".xml"})
"""Suffixes that belong to several: the content says which one reads the file, if any."""

DATA_ELSEWHERE = frozenset({"arina"})
"""Readers whose numbers lie in other files, under names that only the opened file tells."""

COMPANIONS = {".zspy": frozenset({"/"})}

_MAGIC = ((b"WDF1", "renishaw"), *((magic, "tiff") for magic in tiff_tags.MAGIC))
"""First bytes that prove a format, and whose it is."""

_MARKS: dict[str, tuple[tuple[Callable[[bytes], bool], str], ...]] = {
    ".csv": (
        (lambda head: head.startswith(b"Time, Notes,"), "protochips"),
        (lambda head: head.startswith(b"TimeStamp,Experiment time"), "impulse"),
    ),
    ".img": ((lambda head: head.startswith(b"IM") and _is_hamamatsu(head), "hamamatsu"),),
    ".nc": ((lambda head: head.startswith(b"CDF") and b"EELSLab" in head, "netcdf"),),
    ".xml": ((lambda head: b"<LSX" in head, "jobinyvon"),),
}
"""For files with a shared suffix: what their beginning must look like, and whose they then are."""


PROVEN_BY_BEGINNING = frozenset({"renishaw", "tiff"})
"""Readers whose files all begin with their mark; one of them loops forever over a file that does not."""

_HDF5_MARKS = (
    ("Experiments", "hspy"),
    ("FullSpectra", "tofwerk"),
    ("Acquisition", "delmic"),
    ("entry", "nexus"),
)
"""How the names at the root of an HDF5 file begin, and whose it then is."""

_VELOX = frozenset({"Data", "Version"})


def reader_of(path: Path, head: bytes) -> str | None:
    """Return the name of the reader whose format the content of a file proves, or None."""
    if is_hdf5(head):
        return _hdf5_reader(path)
    if is_compressed(head):
        return "mrcz"
    begun = next((reader for magic, reader in _MAGIC if head.startswith(magic)), None)
    return begun or next((reader for fits, reader in _MARKS.get(path.suffix.lower(), ()) if fits(head)), None)


def _hdf5_reader(path: Path) -> str | None:
    """Tell HDF5 formats apart by what stands at their root; one that cannot be opened belongs to its suffix."""
    by_suffix = BY_SUFFIX.get(path.suffix.lower())
    try:
        with opened(path) as file:
            names, attributes = frozenset(map(str, file)), frozenset(map(str, file.attrs))
    except ExtractionError:
        return by_suffix or "hspy"
    if path.name.lower().endswith("_master.h5") and "entry" in names:
        return "arina"
    told = next((reader for mark, reader in _HDF5_MARKS if any(name.startswith(mark) for name in names)), None)
    if told is None and (names >= _VELOX or "version_major" in attributes):
        told = "emd"
    return told or by_suffix


def _is_hamamatsu(head: bytes) -> bool:
    """Check the sizes in a Hamamatsu header: comment, width, height, and a known type of pixel."""
    if len(head) < 14:
        return False
    _, width, height, _, _, kind = struct.unpack_from("<HHHHHH", head, 2)
    return width > 0 and height > 0 and kind in {0, 2, 3}
