"""RosettaSciIO's tree of metadata, which is the same for all its readers, as names and quantities.

Units are those that the tree is defined in (kV, mm, mrad, s, …), see ``names.py``. What stands in a format's
own tree (``original_metadata``) is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nexuslims_core.datasets.cleaning import clean_text, clean_value
from nexuslims_core.datasets.models import Metadata
from nexuslims_core.datasets.signals import Axis
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.rosetta.kinds import classify
from nexuslims_core.extractors.rosetta.names import DOUBTFUL, ELSEWHERE, INSTRUMENTS, LISTS, NEVER_ZERO, ROWS
from nexuslims_core.extractors.rosetta.values import Tree, at, listed, named, unnamed
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.quantities import MetadataValue, Quantity

_LONGEST_LIST = 256
_PLACES = frozenset(".".join(filter(None, (group, row.place))) for group in INSTRUMENTS for row in ROWS)
_SAYS_NOTHING = frozenset({*INSTRUMENTS, "Detector", "DAQ", "FIB", "ToF"})
_FORMULAS = re.compile(r"\$([^$]{1,60})\$")
_COMMANDS = re.compile(r"\\[a-zA-Z]+|\^\{?[-+]\}?")
_SIGNS = {
    "\\lambda": "λ",
    "\\mu": "µ",
    "\\alpha": "α",
    "\\beta": "β",
    "\\theta": "θ",
    "\\AA": "Å",
    "\\circ": "°",
    "^-": "⁻",
    "^{-}": "⁻",
    "^+": "⁺",
    "^{+}": "⁺",
}
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
Entries = dict[str, MetadataValue]


def metadata(
    source: Source, tree: Tree, *, axes: Sequence[Axis] = (), steps: int = 0, is_complex: bool = False
) -> Metadata:
    """Return one signal's metadata.

    Parameters
    ----------
    tree
        ``metadata`` of a dictionary that a RosettaSciIO reader returned.
    axes
        All axes, those over which one picture or spectrum was repeated first.
    steps
        How many those are.
    """
    dataset_type, data_type = classify(tree, axes, steps, is_complex=is_complex)
    found = entries_of(tree)
    entries = {name: value for name, value in found.items() if not _says_nothing(name, value)}
    made, notes = _made(source, tree)
    return Metadata(
        dataset_type=dataset_type,
        data_type=data_type,
        creation_time=made,
        entries=entries,
        warnings=tuple(name for name in entries if name in DOUBTFUL),
        notes=(*notes, *(f"left out {name}, which the file gives as 0" for name in found if name not in entries)),
    )


def mapped(read: Mapping[str, Any]) -> tuple[Tree, tuple[str, ...]]:
    """Return the tree of a reader's dictionary, completed from the format's own tree as its ``mapping`` says.

    A field that cannot be mapped, such as an impossible date, is left out with a sentence; the others stay.
    """
    tree = _copied(read.get("metadata") or {})
    notes: list[str] = []
    for place, targets in (read.get("mapping") or {}).items():
        value = at(read.get("original_metadata") or {}, place)
        if value is None:
            continue
        for target, convert in targets if isinstance(targets, list) else [targets]:
            try:
                _put(tree, target, value if convert is None else convert(value))
            except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
                notes.append(f"{place}: {clean_text(str(value))[:80]!r} is left out ({type(error).__name__})")
    return tree, tuple(notes)


def native(tree: object, depth: int = 24) -> Any:  # noqa: ANN401 - a vendor's tree holds anything
    """Return a format's own tree without what is long or binary: arrays, bytes, objects."""
    if isinstance(tree, Mapping) and depth:
        return {str(key): native(value, depth - 1) for key, value in tree.items()}
    if isinstance(tree, list | tuple) and depth and len(tree) <= _LONGEST_LIST:
        return [native(value, depth - 1) for value in tree]
    return clean_value(tree)


def title(tree: Tree) -> str:
    """Return the signal's own title; empty where it has none."""
    return _plain(clean_value(at(tree, "General.title")))


def quantity_name(tree: Tree) -> str:
    """Return what the numbers are; empty where the file does not say."""
    return _plain(clean_value(at(tree, "Signal.quantity")))


def _plain(said: object) -> str:
    """Write the formulas in a text, which are TeX's, for people."""
    text = str(said or "")
    for formula in _FORMULAS.findall(text):
        text = text.replace(f"${formula}$", _COMMANDS.sub(lambda found: _SIGNS.get(found[0], found[0]), formula))
    return text


def entries_of(tree: Tree) -> Entries:
    """Return the values of a tree; where two have one name, the first counts."""
    entries: Entries = {}
    for name, value in _values(tree):
        entries.setdefault(name, value)
    return entries


def _values(tree: Tree) -> Iterator[tuple[str, MetadataValue]]:
    instrument = at(tree, "Acquisition_instrument")
    if isinstance(instrument, Mapping):
        for group in INSTRUMENTS:
            yield from named(instrument, ROWS, f"{group}." if group else "")
        yield from unnamed(instrument, _PLACES, _SAYS_NOTHING)
    for row in LISTS:
        value = at(tree, row.place)
        text = listed(value) or (clean_value(value) if isinstance(value, str) else None)
        if text is not None:
            yield row.name, text
    yield from named(tree, ELSEWHERE)


def _says_nothing(name: str, value: MetadataValue) -> bool:
    number = value.value if isinstance(value, Quantity) else value
    return name in NEVER_ZERO and number == 0


def _copied(tree: Tree) -> dict[str, Any]:
    return {key: _copied(value) if isinstance(value, Mapping) else value for key, value in tree.items()}


def _put(tree: dict[str, Any], path: str, value: object) -> None:
    *above, last = path.split(".")
    for key in above:
        child = tree.get(key)
        tree = child if isinstance(child, dict) else tree.setdefault(key, {})
    tree[last] = value


def _made(source: Source, tree: Tree) -> tuple[datetime, tuple[str, ...]]:
    said, clock = (clean_value(at(tree, f"General.{part}")) for part in ("date", "time"))
    if not isinstance(said, str) or not said:
        return creation_time(source, None)
    try:
        day = _day(said)
        hour = time.fromisoformat(str(clock)) if clock else None
    except ValueError:
        made, _ = creation_time(source, None)
        return made, (f"{said!r} {clock!r} is no date and time: took the time the file was last written instead",)
    if hour is None:
        made, notes = creation_time(source, None)
        return made, (*notes, f"the file says it was made on {day}, not when: took the time it was last written")
    return creation_time(source, datetime.combine(day, hour, hour.tzinfo or _zone(tree) or source.zone))


def _day(text: str) -> date:
    """Read a date, with the day first if it has dots or if nothing else can be meant."""
    found = _DAY_FIRST.fullmatch(text)
    if found is None:
        return datetime.fromisoformat(text).date()
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    if found[2] == "." or first > 12:
        return date(year, second, first)
    if second > 12 or first == second:
        return date(year, first, second)
    raise ValueError("day and month cannot be told apart")


def _zone(tree: Tree) -> tzinfo | None:
    name = clean_value(at(tree, "General.time_zone"))
    if not isinstance(name, str):
        return None
    try:
        return UTC if name.upper() in {"UTC", "Z", "GMT"} else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
