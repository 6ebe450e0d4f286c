"""What RosettaSciIO's readers do not look at before they open a file, and what would then cost a process."""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.contents.hdf5_data import opened
from nexuslims_core.extractors.tiff import tags as tiff_tags

MOST_TEXT_BYTES = 128 << 20
"""Larger texts, whose reader holds all of them in memory several times, are not read."""

_BLANK_BYTES = 4096


def check(reader: str, path: Path) -> None:
    """Look at a file before its reader does.

    Raises
    ------
    ExtractionError
        If the reader would allocate what is not there, loop, run code or leave the file's folder.
    """
    look = _CHECKS.get(reader)
    if look is not None:
        look(path)


def _check_tiff(path: Path) -> None:
    """Refuse claims of pixels that are not there, which tifffile would allocate."""
    tiff_tags.pixels(tiff_tags.read_directory(path))


def _check_impulse(path: Path) -> None:
    """Refuse a log without its settings, which the reader cannot do without."""
    _check_text(path)
    settings = path.with_name(f"{path.name.rpartition('_')[0]}_Metadata.log")
    if not settings.is_file():
        raise ExtractionError(path, f"{settings.name}, which holds its date and settings, is not beside it")


def _check_hdf5(path: Path) -> None:
    """Refuse what is no whole HDF5 file in words that do not depend on who would read it."""
    with opened(path, "is no HDF5 file, or a damaged one"):
        pass


def _check_zspy(_: Path) -> None:
    """Forget the codec that runs what a file tells it to."""
    import numcodecs.registry  # type: ignore[import-untyped]  # has no types

    numcodecs.registry.codec_registry.pop("pickle", None)


def _check_renishaw(path: Path) -> None:
    """Refuse a block that ends before it begins, over which the reader would loop forever."""
    place, end = 0, path.stat().st_size
    with path.open("rb") as file:
        while place + 16 <= end:
            file.seek(place)
            (size,) = struct.unpack("<8xQ", file.read(16))
            if size < 16:
                raise ExtractionError(path, f"damaged at byte {place}: a block of {size} bytes")
            place += size


def _check_dens(path: Path) -> None:
    """Refuse a log of blank lines, in which the reader would look for another one forever."""
    _check_text(path)
    with path.open("rb") as file:
        if not file.read(_BLANK_BYTES).strip():
            raise ExtractionError(path, "holds no text at its beginning")


def _check_text(path: Path) -> None:
    """Refuse a text of which the reader would hold every number as text, in memory."""
    if path.stat().st_size > MOST_TEXT_BYTES:
        raise ExtractionError(path, f"is larger than {MOST_TEXT_BYTES >> 20} MB, more than a log of numbers can be")


_CHECKS: Mapping[str, Callable[[Path], None]] = {
    "tiff": _check_tiff,
    "impulse": _check_impulse,
    "renishaw": _check_renishaw,
    "dens": _check_dens,
    **dict.fromkeys(("jobinyvon", "protochips", "trivista"), _check_text),
    "zspy": _check_zspy,
    **dict.fromkeys(("arina", "delmic", "emd", "hspy", "nexus", "tofwerk", "topspin"), _check_hdf5),
}
"""What a reader itself does not look at before it opens a file."""
