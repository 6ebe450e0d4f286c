"""How a ``.mib`` file is divided: its images, and the scan over which they were taken.

The scan is what the ``.hdr`` states (``ScanX``, ``ScanY``, frames per trigger), else what pauses between the images
tell, if they come in step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.merlin.header import LONGEST_HEADER, RAW, FrameHeader, parsed_header

_MOST_TIMES = 2048
_DTYPES = {"U01": "u1", "U08": "u1", "U16": ">u2", "U32": ">u4", "U64": ">u8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file is divided.

    Attributes
    ----------
    frame
        Rows and columns of an image.
    packed, stride
        Bytes of an image in the file, and from image to image with the header.
    held, claimed
        Images that are whole, and those that were planned.
    scan
        Rows and columns of the scan; None where the images are a series.
    dropped
        Images behind the last whole line of the scan.
    """

    header: FrameHeader
    frame: tuple[int, int]
    packed: int
    stride: int
    held: int
    claimed: int
    scan: tuple[int, int] | None
    dropped: int = 0

    @property
    def outer(self) -> tuple[int, ...]:
        """Length of the axes over which the images were repeated, slow to fast."""
        return self.scan or ((self.held,) if self.held > 1 else ())

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one number."""
        return np.dtype(_DTYPES.get(self.header.kind, self.header.raw_type))


def lay_out(source: Source, header: FrameHeader, settings: Mapping[str, str]) -> Layout:
    """Return how a file is divided, from its first header and what its ``.hdr`` says.

    Raises
    ------
    ExtractionError
        If its images are of no known type.
    """
    raw = header.kind == RAW
    code = _DTYPES.get(header.kind)
    if code is None and not raw:
        raise ExtractionError(source.path, f"its images are of the unknown type {header.kind!r}")
    frame = header.raw_frame if raw else (header.rows, header.columns)
    packed = header.raw_bytes if raw else prod(frame) * np.dtype(code).itemsize
    stride = header.length + packed
    held = source.file.size // stride
    claimed = _number(settings, "Frames in Acquisition")
    scan = _stated_scan(settings, held) or _scan_in_step(source.path, stride, held)
    return Layout(
        header=header,
        frame=frame,
        packed=packed,
        stride=stride,
        held=held,
        claimed=max(claimed, held, 1),
        scan=scan,
        dropped=held - prod(scan) if scan else 0,
    )


def _number(settings: Mapping[str, str], name: str) -> int:
    text = settings.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _stated_scan(settings: Mapping[str, str], held: int) -> tuple[int, int] | None:
    """Return rows and columns of the scan; of an interrupted one the rows that are whole."""
    columns = _number(settings, "ScanX")
    if not columns:
        columns = _number(settings, "Frames per Trigger")
        if columns < 2 or _number(settings, "Frames in Acquisition") % columns:
            return None
    rows = held // columns if columns else 0
    stated = _number(settings, "ScanY")
    rows = min(rows, stated) if stated else rows
    return (rows, columns) if rows > 1 and columns > 1 else None


def _scan_in_step(path: Path, stride: int, held: int) -> tuple[int, int] | None:
    """Return the scan whose lines the pauses between the images mark: longer than all others, after equal numbers."""
    if held < 4:
        return None
    times = _times(path, stride, min(held, _MOST_TIMES))
    pauses = np.diff(times) if len(times) > 3 else np.zeros(0)
    long = np.flatnonzero(pauses > pauses.mean()) if pauses.size else np.zeros(0, np.intp)
    columns = int(long[0]) + 1 if long.size else 0
    ends = np.arange(columns - 1, pauses.size, columns) if columns > 1 else np.zeros(0, np.intp)
    if not ends.size or held % columns or not np.array_equal(long, ends):
        return None
    short = np.delete(pauses, ends)
    clear = pauses[ends].min() - short.max() > 4 * (short.max() - short.min()) + 1e-6
    return (held // columns, columns) if clear and held > columns else None


def _times(path: Path, stride: int, count: int) -> NDArray[np.float64]:
    """Return when the first images were taken, in seconds from the first; empty if one does not say."""
    made: list[float] = []
    with path.open("rb") as file:
        for number in range(count):
            file.seek(number * stride)
            try:
                stated = parsed_header(path, file.read(LONGEST_HEADER)).seconds
            except ExtractionError:
                stated = None
            if stated is None:
                return np.zeros(0)
            made.append(stated)
    return np.array(made) - made[0]
