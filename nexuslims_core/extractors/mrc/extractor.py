"""MRC files of electron microscopy: images, stacks, tilt series, movies and volumes.

Read by the MRC2014 standard and what programs wrote before it (`header`), with the extended headers of Thermo
Fisher and SerialEM (`extended`), SerialEM's ``.mdoc`` and Direct Electron's ``_info.txt`` (`sidecars`).
RosettaSciIO's reader is the reference for the numbers and the order of their rows. None are read before they are
drawn; of a file that ends early the images are kept that are whole. Left out are compressed files (``.mrcz``), and the
places of scans that are no raster.
"""

from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.frames import FrameData, Run
from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Axis, Signal, SignalData, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.mrc import header as mrc_header
from nexuslims_core.extractors.mrc.header import Header, read_header
from nexuslims_core.extractors.mrc.metadata import Said, describe, read_said


class MrcExtractor:
    """Reads MRC files and what stands beside them."""

    name = "mrc"
    suffixes = frozenset({".mrc", ".mrcs", ".rec", ".st", ".ali", ".map"})
    companions = {suffix: frozenset({".mdoc"}) for suffix in (".mrc", ".mrcs", ".st")}  # noqa: RUF012 - never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the format by the word ``MAP`` in its header, and older files of its suffixes by sizes that can be.

        Compressed ones are left to RosettaSciIO's reader.
        """
        marked = head[208:212] in mrc_header.MARKS
        named = path.suffix.lower() in self.suffixes - {".map"}
        possible = mrc_header.byte_order(head[: mrc_header.BYTES]) is not None
        return (marked or named) and possible and not mrc_header.is_compressed(head)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the image, stack or volume.

        Raises
        ------
        ExtractionError
            If the header makes no sense.
        """
        header = read_header(source.path)
        try:
            said = read_said(source, header)
        except OSError as error:
            raise ExtractionError(source.path, f"cannot be read ({error.strerror or error})") from error
        return (_signal(source, header, said),)


extractor = MrcExtractor()


def _signal(source: Source, header: Header, said: Said) -> Signal:
    held = max(0, source.file.size - header.start) // header.image_bytes if header.image_bytes else 0
    sections = min(header.size[2], held)
    movie = said.info.scan is not None and source.path.stem.endswith("_movie")
    scan = said.info.scan if movie and said.info.scan and prod(said.info.scan) == sections else None
    outer = scan or ((sections or header.size[2],) if header.size[2] > 1 else ())
    metadata = describe(source, header, said, scanned=scan is not None)
    entries = {"Data Dimensions": str((*outer, header.size[1], header.size[0])), **metadata.entries}
    data = _numbers(source.path, header, outer) if sections else None
    return Signal(
        title=source.path.stem,
        kind=SignalKind.NONE if data is None else SignalKind.IMAGE_STACK if outer else SignalKind.IMAGE,
        metadata=replace(metadata, entries=entries, notes=(*metadata.notes, *_missing(header, held))),
        axes=_axes(header, said, outer, real=metadata.dataset_type is DatasetType.IMAGE),
        data=data,
        native={"header": {name: getattr(header, name) for name in header.__slots__}, **_native(said)},
    )


def _native(said: Said) -> dict[str, object]:
    found = {"extended header": said.extended.native, "mdoc": said.mdoc.native, "info": said.info.native}
    return {name: native for name, native in found.items() if native}


def _missing(header: Header, held: int) -> tuple[str, ...]:
    claimed = header.size[2]
    if header.dtype is None:
        return (f"no picture: its numbers are of mode {header.mode}, which the standard does not know",)
    if not held:
        return (f"no picture: claims {claimed} × {header.image_bytes} bytes of numbers and holds not one whole image",)
    if held < claimed:
        return (f"claims {claimed} images and holds {held} of them whole: the file ends early",)
    return ()


def _numbers(path: Path, header: Header, outer: tuple[int, ...]) -> SignalData | None:
    columns, rows, _ = header.size
    if header.dtype is None:
        return None
    unpack = {mrc_header.HALF_BYTES: _halves, mrc_header.SHORT_COMPLEX: _complex}.get(header.mode)
    if unpack is None:
        colours = (3,) if header.mode == mrc_header.COLOURED else ()
        return FileData(path=path, offset=header.start, shape=(*outer, rows, columns, *colours), dtype=header.dtype)
    return FrameData(
        runs=(Run(path=path, offset=header.start, count=prod(outer)),),
        stride=header.image_bytes,
        outer=outer,
        frame=(rows, columns),
        dtype=header.dtype,
        packed_bytes=header.image_bytes,
        unpack=partial(unpack, header),
    )


def _halves(header: Header, packed: NDArray[np.uint8]) -> NDArray[Any]:
    """Return pixels of four bits; of two in one byte the first is the lower half."""
    columns, rows, _ = header.size
    both = np.stack((packed & 15, packed >> 4), axis=-1)
    return both.reshape(rows, -1)[:, :columns]


def _complex(header: Header, packed: NDArray[np.uint8]) -> NDArray[Any]:
    columns, rows, _ = header.size
    numbers = packed.view(header.order + "i2").astype("f4").view("c8")
    return numbers.reshape(rows, columns)


def _axes(header: Header, said: Said, outer: tuple[int, ...], *, real: bool) -> tuple[Axis, ...]:
    """Return the axes; those of diffraction patterns have no scale, since no header has a place for it."""
    columns, rows, _ = header.size
    across, down, through = ("xyz"[axis - 1] for axis in header.axes)
    width, height = said.pixel_nm or (header.spacing_nm(0), header.spacing_nm(1))
    if len(outer) == 2:
        scan = (_axis("y", outer[0], height), _axis("x", outer[1], width)) if said.pixel_nm else ()
        scan = scan or (Axis(name="y", size=outer[0]), Axis(name="x", size=outer[1]))
        return (*scan, Axis(name=f"k{down}", size=rows), Axis(name=f"k{across}", size=columns))
    image = (_axis(down, rows, height if real else None), _axis(across, columns, width if real else None))
    if outer and said.volume(header):
        return (_axis(through, outer[0], header.spacing_nm(2)), *image)
    return (*(Axis(name="image", size=size) for size in outer), *image)


def _axis(name: str, size: int, step_nm: float | None) -> Axis:
    return Axis(name=name, size=size) if step_nm is None else Axis(name=name, size=size, scale=step_nm, unit="nm")
