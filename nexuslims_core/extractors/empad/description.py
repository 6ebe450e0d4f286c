"""The ``.xml`` of an EMPAD acquisition: its values by their paths, what it says of the scan, the time and the ``.raw``.

Lengths are stated in m.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_text, quantity
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.contents.xml_text import parsed_xml

_MOST_BYTES = 1 << 20
_LARGEST_SCAN = 1 << 16
_FILE_NAME = re.compile(r"scan_.*?x(\d{1,5})_y(\d{1,5})\.raw", re.IGNORECASE)


def read_description(path: Path) -> etree._Element:
    """Return the root of a description.

    Raises
    ------
    ExtractionError
        If it is damaged, too large, or names no ``.raw`` file.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ExtractionError(path, f"is larger than {_MOST_BYTES >> 20} MB, so no description of an acquisition")
        root = parsed_xml(path.read_bytes())
    except OSError as error:
        raise ExtractionError(path, f"cannot be opened ({error.strerror or error})") from error
    if root is None or root.find("raw_file") is None:
        raise ExtractionError(path, "is damaged or names no .raw file, so not an EMPAD acquisition")
    return root


def leaves(root: etree._Element) -> dict[str, str]:
    """Return the text of every element by its path; of two with one path the last, as of the scans tried and taken."""
    leaves: dict[str, str] = {}
    for element in root.iter("*"):
        above = [str(one.tag) for one in element.iterancestors()][-2::-1]
        leaves[".".join((*above, str(element.tag)))] = clean_text(element.text or "")
    return leaves


def _raw_name(root: etree._Element) -> str:
    found = root.find("raw_file")
    return (found.get("filename") or "") if found is not None else ""


def outer_of(root: etree._Element, values: Mapping[str, str]) -> tuple[int, ...] | None:
    """Return the length of the series, or rows and columns of the scan."""
    series = _count(values.get("scan_parameters.series_count"))
    if series:
        return (series,)
    named = _FILE_NAME.search(Path(_raw_name(root)).name)
    stated = (
        (values.get("pix_y"), values.get("pix_x")),
        (named[2], named[1]) if named else (None, None),
        (values.get("scan_parameters.scan_resolution_y"), values.get("scan_parameters.scan_resolution_x")),
    )
    both = ((_count(rows), _count(columns)) for rows, columns in stated)
    return next(((rows, columns) for rows, columns in both if rows and columns), None)


def _count(text: str | None) -> int:
    count = int(text) if text and text.isdecimal() and len(text) < 10 else 0
    return count if count <= _LARGEST_SCAN else 0


def steps_nm(values: Mapping[str, str], outer: tuple[int, ...]) -> tuple[float, float] | None:
    """Return the distance of two rows and of two columns of the scan.

    The field of view is that of the longer side, and the file states it too small by its own scale factor; older files
    state both sides as they are.
    """
    old = values.get("iom_measurements.optics.get_full_scan_field_of_view") or ""
    sides = [quantity(side, "", 9) for side in old.strip("[]() ").split(",")]
    if len(sides) == 2 and all(isinstance(side, int | float) and side > 0 for side in sides):
        rows, columns = (float(str(side)) / size for side, size in zip(sides, outer, strict=True))
        return rows, columns
    fov, factor = _field(values)
    return (fov / factor / max(outer), fov / factor / max(outer)) if fov and factor else None


def _field(values: Mapping[str, str]) -> tuple[float, float]:
    fov = quantity(values.get("iom_measurements.full_scan_field_of_view.x"), "", 9)
    factor = quantity(values.get("iom_measurements.full_scan_field_of_view.scale_factor"), "")
    both = [float(number) if isinstance(number, int | float) and number > 0 else 0.0 for number in (fov, factor)]
    return both[0], both[1]


def made_at(root: etree._Element) -> datetime | None:
    """Return when it was made, in the zone that its two statements tell."""
    stamp = root.find("timestamp")
    if stamp is None:
        return None
    try:
        local = datetime.fromisoformat(stamp.get("isoformat") or "")
    except ValueError:
        local = None
    seconds = quantity(stamp.get("timestamp") or "", "")
    if not isinstance(seconds, int | float) or not 0 < seconds < 4e9:
        return local
    moment = datetime.fromtimestamp(seconds, UTC)
    if local is None or local.tzinfo is not None:
        return local or moment
    quarters = (local - moment.replace(tzinfo=None)) / timedelta(minutes=15)
    if not math.isclose(quarters, round(quarters), abs_tol=0.01) or abs(quarters) > 56:
        return local
    return local.replace(tzinfo=timezone(timedelta(minutes=15 * round(quarters))))


def raw_beside(xml: Path, root: etree._Element) -> tuple[Path | None, str]:
    """Return the file of the patterns, or why there is none; the description may name no file of another folder."""
    name = _raw_name(root)
    if not name or name != Path(name).name or "\0" in name or name in {".", ".."}:
        return None, "no picture: the description does not name a .raw file in its own folder"
    raw = xml.with_name(name)
    if not raw.is_file():
        return None, f"no picture: the file of the patterns, {clean_text(name)}, is not beside it"
    return raw, ""
