"""Small FEI TIFF images: one uncompressed strip and the microscope's INI text in tag 34682."""

import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TEXT_TAG = 34682
_ASCII, _SHORT, _LONG = 2, 3, 4
_SAMPLE_FORMATS = {"u": 1, "i": 2, "f": 3}


def write_fei_tiff(
    path: Path,
    image: NDArray[Any],
    *,
    metadata: Mapping[str, Mapping[str, object]],
    xml: str = "",
    mtime: float | None = None,
) -> Path:
    """Write an image as FEI's microscopes do, and return its path.

    Parameters
    ----------
    image
        Grey values, shape ``(y, x)``.
    metadata
        Section to key to value, such as ``{"EBeam": {"HV": 5000}}``.
    xml
        Appended to the INI text, as newer software does.
    mtime
        Epoch seconds; now if None.
    """
    pixels = np.ascontiguousarray(image.astype(image.dtype.newbyteorder("<")))
    text = _ini(metadata) + xml.encode() + b"\x00"
    height, width = pixels.shape
    fields: list[tuple[int, int, int, int]] = [
        (256, _LONG, 1, width),
        (257, _LONG, 1, height),
        (258, _SHORT, 1, pixels.dtype.itemsize * 8),
        (259, _SHORT, 1, 1),
        (262, _SHORT, 1, 1),
        (273, _LONG, 1, 8),
        (277, _SHORT, 1, 1),
        (278, _LONG, 1, height),
        (279, _LONG, 1, pixels.nbytes),
        (339, _SHORT, 1, _SAMPLE_FORMATS[pixels.dtype.kind]),
        (TEXT_TAG, _ASCII, len(text), 8 + pixels.nbytes),
    ]
    directory = 8 + pixels.nbytes + len(text)
    entries = b"".join(struct.pack("<HHII", *field) for field in fields)
    content = struct.pack("<2sHI", b"II", 42, directory) + pixels.tobytes() + text
    path.write_bytes(content + struct.pack("<H", len(fields)) + entries + struct.pack("<I", 0))
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def _ini(metadata: Mapping[str, Mapping[str, object]]) -> bytes:
    lines: list[str] = []
    for section, values in metadata.items():
        lines += [f"[{section}]", *(f"{key}={value}" for key, value in values.items()), ""]
    return "\r\n".join(lines).encode()
