"""Text files that stand beside MRC files: SerialEM's ``.mdoc``, and the ``_info.txt`` of Direct Electron's server.

``name.mrc.mdoc`` has ``key = value`` lines, first for the file, then under ``[ZValue = n]`` for each image; its first
image gives the values, all give the range of tilts. ``20241021_00405_info.txt`` speaks of every file whose name starts
with the same date and number: the movie, what was summed of it, and the images of other detectors.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from nexuslims_core.datasets.cleaning import clean_text, quantity
from nexuslims_core.extractors.mrc.extended import Extended
from nexuslims_core.extractors.mrc.names import DIRECT_ELECTRON, MDOC
from nexuslims_core.extractors.values.times import first_reading
from nexuslims_core.extractors.values.value_tables import named_values

MDOC_SUFFIX = ".mdoc"
_MOST_BYTES = 16 << 20
_SECTION = re.compile(r"\[(\w+)\s*=\s*(.*?)\]\s*")
_ACQUISITION = re.compile(r"(\d{8}_\d+)_")
_TIMES = ("%d-%b-%y %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S")
_UNKNOWN = frozenset({"-1", "-1.0", "Unknown"})


def read_mdoc(path: Path) -> Extended:
    """Return what SerialEM's side-car says; nothing, with a note, if it cannot be read."""
    shared: dict[str, str] = {}
    images: list[dict[str, str]] = []
    into = shared
    try:
        lines = _lines(path)
    except OSError as error:
        return Extended(notes=(f"the .mdoc file beside it cannot be read ({error.strerror or error})",))
    for line in lines:
        section = _SECTION.fullmatch(line)
        if section is not None and section[1] in {"ZValue", "FrameSet", "Image"}:
            into = {}
            images.append(into)
        elif section is None and "=" in line:
            key, _, value = line.partition("=")
            into.setdefault(key.strip(), clean_text(value))
    first = _split_up(shared | (images[0] if images else {}))
    entries, notes = named_values(first, MDOC)
    tilts = tuple(float(tilt) for one in images if isinstance(tilt := quantity(one.get("TiltAngle"), ""), int | float))
    spacing = quantity(first.get("PixelSpacing"), "", -1)
    pixel = (float(spacing), float(spacing)) if isinstance(spacing, int | float) and spacing > 0 else None
    made = first_reading(" ".join(first.get("DateTime", "").split()), *_TIMES)
    return Extended(entries=entries, notes=notes, tilts=tilts, pixel_nm=pixel, made=made, native=first)


def info_beside(path: Path) -> Path | None:
    """Return the description that Direct Electron's server wrote for an acquisition, if there is one."""
    named = _ACQUISITION.match(path.name)
    if named is None:
        return None
    try:
        beside = sorted(path.parent.glob(f"{named[1]}_*info.txt"))
    except OSError:
        return None
    return next((other for other in beside if other.name == f"{named[1]}_info.txt" or "_info." in other.name), None)


def read_info(path: Path) -> Extended:
    """Return what a description of Direct Electron's says; nothing if it cannot be read."""
    try:
        pairs = (line.partition("=") for line in _lines(path) if "=" in line)
    except OSError:
        return Extended()
    values = {key.strip(): clean_text(value) for key, _, value in pairs}
    told = {key: value for key, value in values.items() if value not in _UNKNOWN}
    entries, notes = named_values(told, DIRECT_ELECTRON)
    sides = [quantity(told.get(f"Specimen Pixel Size {axis} (nanometers)"), "") for axis in "XY"]
    width, height = (side if isinstance(side, int | float) and side > 0 else None for side in sides)
    seconds = quantity(told.get("Timestamp (seconds since Epoch)"), "")
    return Extended(
        entries=entries,
        notes=notes,
        pixel_nm=(float(width), float(height)) if width and height else None,
        made=_moment(seconds) if isinstance(seconds, int | float) else None,
        scan=_scan(told),
        native=values,
    )


def _lines(path: Path) -> list[str]:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()


def _split_up(values: Mapping[str, str]) -> dict[str, str]:
    """Give the numbers that share a line names of their own."""
    split = dict(values)
    for key, names in (("StagePosition", ("StageX", "StageY")), ("FilterSlitAndLoss", ("SlitWidth", "EnergyLoss"))):
        split |= dict(zip(names, values.get(key, "").split(), strict=False))
    return split


def _scan(told: Mapping[str, str]) -> tuple[int, int] | None:
    if told.get("Scan - Enable") != "Enable" or told.get("Scan - Type", "Raster") != "Raster":
        return None
    part = "Scan - ROI Size" if told.get("Scan - ROI Enable") == "Enable" else "Scan - Size"
    return _both(told.get(f"{part} {axis}", "") for axis in "YX")


def _both(sides: Iterable[str]) -> tuple[int, int] | None:
    rows, columns = (int(side) if side.isdecimal() and len(side) < 10 else 0 for side in sides)
    return (rows, columns) if rows and columns else None


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
