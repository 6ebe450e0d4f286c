"""The text before each image of a ``.mib`` file, and the ``.hdr`` file that speaks of all of them.

``MQ1,number,bytes of this header,chips,columns,rows,type,arrangement,chips in use,local time,exposure in s,counter,
colour,gain,thresholds…,chip,DACs…,MQ1A,time in UTC,exposure in ns,counter depth,``
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nexuslims_core.datasets.cleaning import clean_text, quantity
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.quantities import MetadataValue, Quantity

HDR_SUFFIX = ".hdr"
LONGEST_HEADER = 4096
RAW = "R64"
"""The type of images that come from the chips as they are."""

_MOST_BYTES = 1 << 20
_LARGEST_SIDE = 1 << 15
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_NUMBERS = frozenset({"Sensor Bias", "Temperature", "Humidity", "Medipix Clock"})
_RAW_TYPES = {1: "u1", 6: "u1", 12: "u2", 24: "u4"}
_RAW_BITS = {1: 1, 6: 8, 12: 16, 24: 32}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeader:
    """What the text before one image says.

    Attributes
    ----------
    length
        Bytes of the header itself.
    kind
        ``U08``, ``U16``, ``U32``, or ``R64`` for what comes from the chips as it is.
    depth
        Bits that a pixel counts with; 0 where that is not said.
    made, seconds
        When the image was taken, and the same in seconds from a moment that all images of a file share.
    """

    fields: tuple[str, ...]
    length: int
    chips: int
    columns: int
    rows: int
    kind: str
    arrangement: str
    depth: int
    made: datetime | None
    seconds: float | None
    entries: Mapping[str, MetadataValue]

    @property
    def raw_frame(self) -> tuple[int, int]:
        """Rows and columns of a raw image once its chips are put in their places."""
        return (2 * self.rows, self.columns // 2) if self.arrangement == "2x2" else (self.rows, self.columns)

    @property
    def raw_bytes(self) -> int:
        """Bytes of a raw image."""
        return self.rows * self.columns * _RAW_BITS.get(self.depth, 16) // 8

    @property
    def raw_type(self) -> str:
        """Type of a number of a raw image once it is unpacked."""
        return _RAW_TYPES.get(self.depth, "u2")


def parsed_header(path: Path, head: bytes) -> FrameHeader:
    """Return the header at the beginning of ``head``.

    Raises
    ------
    ExtractionError
        If it is damaged.
    """
    fields = head[:20].split(b",")
    if fields[0] != b"MQ1" or len(fields) < 4 or not fields[2].isdigit() or not 0 < int(fields[2]) <= len(head):
        raise ExtractionError(path, "does not begin with a Merlin header")
    length = int(fields[2])
    words = tuple(clean_text(word) for word in head[:length].split(b"\0")[0].decode("latin-1").split(","))
    try:
        chips, columns, rows = int(words[3]), int(words[4]), int(words[5])
        kind, arrangement = words[6], words[7]
    except (ValueError, IndexError) as error:
        raise ExtractionError(path, "its Merlin header is damaged") from error
    if not (0 < columns <= _LARGEST_SIDE and 0 < rows <= _LARGEST_SIDE):
        raise ExtractionError(path, f"claims images of {columns} × {rows} pixels, which no Merlin has")
    exact = words[words.index("MQ1A") + 1 :] if "MQ1A" in words else ()
    depth = int(exact[2]) if len(exact) > 2 and exact[2].isdecimal() and len(exact[2]) < 4 else 0
    made, seconds = _moment(exact[0] if exact else words[9] if len(words) > 9 else "")
    return FrameHeader(
        fields=words,
        length=length,
        chips=chips,
        columns=columns,
        rows=rows,
        kind=kind,
        arrangement=arrangement,
        depth=depth,
        made=made,
        seconds=seconds,
        entries=_entries(words, exact, depth),
    )


def _entries(words: tuple[str, ...], exact: tuple[str, ...], depth: int) -> dict[str, MetadataValue]:
    """Return exposure, thresholds and counter depth."""
    entries: dict[str, MetadataValue] = {}
    exposure = quantity(exact[1].removesuffix("ns"), "s", -9) if len(exact) > 1 and exact[1].endswith("ns") else None
    exposure = exposure or (quantity(words[10], "s") if len(words) > 10 else None)
    if exposure is not None:
        entries["Exposure Time"] = exposure
    for number, text in enumerate(words[14:22]):
        energy = quantity(text, "keV")
        if isinstance(energy, Quantity) and 0 < energy.value < 511:  # 511 is the end of the scale: not in use
            entries[f"Threshold {number}"] = energy
    if depth:
        entries["Counter Depth"] = Quantity(value=depth, unit="bit")
    return entries


def _moment(text: str) -> tuple[datetime | None, float | None]:
    """Return a time such as ``2021-05-07T16:51:10.905800928Z``, and its seconds with all their digits."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?(Z?)", text.strip())
    if found is None:
        return None, None
    try:
        whole = datetime.fromisoformat(f"{found[1]}T{found[2]}{'+00:00' if found[4] else ''}")
    except ValueError:
        return None, None
    fraction = float(found[3] or 0)
    day = whole.toordinal() * 86400.0 % 1e7  # small enough to keep the nanoseconds in a float
    seconds = day + whole.hour * 3600 + whole.minute * 60 + whole.second + fraction
    return whole.replace(microsecond=min(int(fraction * 1e6), 999_999)), seconds


def read_settings(source: Source) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what the ``.hdr`` beside a file says, by names without remarks in brackets; a note if there is none."""
    path = next((part for part in source.file.parts if part.suffix.lower() == HDR_SUFFIX), None)
    if path is None:
        return {}, ("there is no .hdr file beside it, so the detector's settings are not known",)
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("latin-1")
    except OSError as error:
        return {}, (f"the .hdr file beside it cannot be read ({error.strerror or error})",)
    settings: dict[str, str] = {}
    for line in text.splitlines():
        key, tab, value = line.partition("\t")
        name = key.split("(")[0].strip().rstrip(":").strip()
        if tab and name not in {"HDR,", "End"}:
            settings.setdefault(name, _figure(name, clean_text(value)))
    return settings, ()


def _figure(name: str, value: str) -> str:
    found = _NUMBER.search(value) if name in _NUMBERS else None
    return found[0] if found else "" if value in {"None", "Dummy (C:\\<NUL>\\)"} else value
