"""The first 1024 bytes of an MRC file: MRC2014 (Cheng et al., J. Struct. Biol. 192, 146) and older ones, both orders.

Numbers are those of the standard: cell lengths in Å, angles in degrees. Files older than 2000 have no ``MAP `` and no
machine stamp; their byte order is the one in which the sizes make sense.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.contents.heads import read_head

BYTES = 1024
MARKS = frozenset({b"MAP ", b"MAP\0"})
MODES = {0: "u1", 1: "i2", 2: "f4", 3: "c8", 4: "c8", 6: "u2", 12: "f2", 16: "u1", 101: "u1"}
"""What one number is read as; 3 (complex of two int16) and 101 (two pixels a byte) are stored otherwise."""

COLOURED, SHORT_COMPLEX, HALF_BYTES = 16, 3, 101
_LARGEST_SIDE = 1 << 22
_STAMPS = {0x44: "<", 0x11: ">"}
_IMOD, _SIGNED_BYTES = 1146047817, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a header says.

    Attributes
    ----------
    order
        Byte order, ``<`` or ``>``.
    size, grid, cell_a
        Columns, rows and sections of the data; intervals along x, y and z, and the length of them in Å.
    axes
        Which of x, y, z (1, 2, 3) runs along columns, rows and sections.
    lowest, highest, mean, rms
        The program's own statistics; None where it did not reckon them.
    extended, extended_kind
        Length in bytes of the extended header behind the header, and the four letters that name its layout.
    each, flags
        Two numbers on which SerialEM and Agard's programs say what an extended header holds for each image.
    """

    order: str
    size: tuple[int, int, int]
    mode: int
    grid: tuple[int, int, int]
    cell_a: tuple[float, float, float]
    axes: tuple[int, int, int]
    lowest: float | None
    highest: float | None
    mean: float | None
    rms: float | None
    group: int
    extended: int
    extended_kind: str
    each: int
    flags: int
    signed: bool
    labels: tuple[str, ...]

    @property
    def dtype(self) -> "np.dtype[np.generic] | None":
        """Type of one number; None for a mode that no standard knows."""
        code = MODES.get(self.mode)
        code = "i1" if self.mode == 0 and self.signed else code
        return None if code is None else np.dtype(self.order + code)

    @property
    def image_bytes(self) -> int:
        """Bytes of one section; 0 for a mode that no standard knows."""
        columns, rows, _ = self.size
        if self.mode == HALF_BYTES:
            return (columns + 1) // 2 * rows
        width = {COLOURED: 3, SHORT_COMPLEX: 4}.get(self.mode, self.dtype.itemsize if self.dtype else 0)
        return columns * rows * width

    @property
    def start(self) -> int:
        """Where the first number lies."""
        return BYTES + self.extended

    def spacing_nm(self, along: int) -> float | None:
        """Return the distance of two columns (0), rows (1) or sections (2) in nm; None where none is stated."""
        axis = self.axes[along] - 1
        cell, grid = self.cell_a[axis], self.grid[axis]
        return cell / grid / 10 if grid > 0 and 0 < cell < 1e12 else None


def byte_order(head: bytes) -> str | None:
    """Return ``<`` or ``>`` if the first bytes of a file are those of an MRC header, else None."""
    if len(head) < BYTES:
        return None
    stamped = _STAMPS.get(head[212]) if head[208:211] == b"MAP" else None
    orders = [stamped] if stamped else ["<", ">"]
    return next((order for order in orders if _makes_sense(head, order)), None)


def is_compressed(head: bytes) -> bool:
    """Tell MRCZ from MRC by its mode, which has the number of the compressor in its thousands."""
    if head[208:212] not in MARKS or len(head) < BYTES:
        return False
    return any(1000 <= struct.unpack_from(order, head, 12)[0] < 5000 for order in ("<i", ">i"))


def read_header(path: Path) -> Header:
    """Return the header of a file.

    Raises
    ------
    ExtractionError
        If it is too short, or makes no sense in either byte order.
    """
    head = read_head(path, BYTES)
    if len(head) < BYTES:
        raise ExtractionError(path, f"is {len(head)} bytes long, an MRC header alone has {BYTES}")
    order = byte_order(head)
    if order is None:
        raise ExtractionError(path, "its header names no possible image size and type, so not an MRC file")
    return _parsed(head, order)


def _makes_sense(head: bytes, order: str) -> bool:
    *size, mode = struct.unpack_from(f"{order}4i", head)
    axes = struct.unpack_from(f"{order}3i", head, 64)
    possible = all(0 < side <= _LARGEST_SIDE for side in size[:2]) and size[2] > 0
    possible = possible and struct.unpack_from(f"{order}i", head, 92)[0] >= 0
    if head[208:211] == b"MAP":
        return possible
    return possible and size[2] <= _LARGEST_SIDE and mode in MODES and sorted(axes) in ([0, 0, 0], [1, 2, 3])


def _parsed(head: bytes, order: str) -> Header:
    integers = struct.unpack_from(f"{order}10i", head)
    cell = struct.unpack_from(f"{order}3f", head, 40)
    axes = struct.unpack_from(f"{order}3i", head, 64)
    lowest, highest, mean = struct.unpack_from(f"{order}3f", head, 76)
    group, extended = struct.unpack_from(f"{order}2i", head, 88)
    each, flags = struct.unpack_from(f"{order}2h", head, 128)
    stamp, bits = struct.unpack_from(f"{order}2i", head, 152)
    rms, labels = struct.unpack_from(f"{order}fi", head, 216)
    reckoned = lowest < highest
    return Header(
        order=order,
        size=(integers[0], integers[1], integers[2]),
        mode=integers[3],
        grid=(integers[7], integers[8], integers[9]),
        cell_a=(cell[0], cell[1], cell[2]),
        axes=(axes[0], axes[1], axes[2]) if sorted(axes) == [1, 2, 3] else (1, 2, 3),
        lowest=lowest if reckoned else None,
        highest=highest if reckoned else None,
        mean=mean if reckoned and lowest <= mean <= highest else None,
        rms=rms if reckoned and rms > 0 else None,
        group=group,
        extended=extended,
        extended_kind=clean_text(head[104:108].decode("ascii", "replace")),
        each=each,
        flags=flags,
        signed=(stamp == _IMOD and bool(bits & _SIGNED_BYTES)) or (reckoned and lowest < 0),
        labels=_labels(head, labels),
    )


def _labels(head: bytes, count: int) -> tuple[str, ...]:
    lines = (head[start : start + 80] for start in range(224, BYTES, 80))
    texts = [" ".join(clean_text(line.decode("latin-1").split("\0")[0]).split()) for line in lines]
    return tuple(text for text in texts[: count if 0 < count <= 10 else 10] if text)
