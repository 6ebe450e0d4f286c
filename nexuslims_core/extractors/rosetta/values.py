"""Values out of foreign trees of metadata, named by a table or else after the place where they stand."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nexuslims_core.datasets.cleaning import clean_text, clean_value, in_degrees, quantity
from nexuslims_core.extractors.rosetta.names import KNOWN_UNITS, TEXT, UNITS, Row
from nexuslims_core.extractors.values.naming import power_between
from nexuslims_core.quantities import MetadataValue, Quantity

Tree = Mapping[str, Any]
Place = tuple[str, ...]

MOST_UNNAMED = 100
"""Values of one signal that are kept although no table names them."""

_DEPTH = 8
_NUMBER = re.compile(r"[-+]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][-+]?\d+)?")  # 007 is a name
_INTEGER = re.compile(r"[-+]?\d{1,18}")
_SMALL = frozenset({"of", "per", "and", "the", "in"})


def at(tree: object, place: str) -> Any:  # noqa: ANN401 - a foreign tree holds anything
    """Return what stands at ``a.b.c`` of a tree, or at ``a.0`` of a list in it, or None."""
    value: Any = tree
    for key in place.split("."):
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list | tuple) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def named(tree: Tree, rows: Iterable[Row], above: str = "") -> Iterator[tuple[str, MetadataValue]]:
    """Yield the values that a table names; one name may come several times.

    Parameters
    ----------
    above
        Where in the tree the table's places begin, with a dot at its end.
    """
    for row in rows:
        value = at(tree, above + row.place)
        said = at(tree, f"{above}{row.place}_units")
        made = clean_value(value) if row.unit is TEXT else _measured(value, row, pint_unit(said))
        if made is not None and made != "":
            yield row.name, made


def unnamed(tree: Tree, known: Iterable[str], skip: frozenset[str]) -> Iterator[tuple[str, MetadataValue]]:
    """Yield the values that no table names, under the words of their places.

    Parameters
    ----------
    known
        Places that a table names, with dots.
    skip
        Words of places that say nothing beside the others.
    """
    told = frozenset(known)
    count = 0
    for place, value, beside in _leaves(tree, (), _DEPTH):
        if ".".join(place) in told or place[-1].endswith("_units") or count >= MOST_UNNAMED:
            continue
        made = typed(value, pint_unit(beside.get(f"{place[-1]}_units")))
        if made is not None:
            count += 1
            yield words(key for i, key in enumerate(place) if key not in skip or i == len(place) - 1), made


def typed(value: object, unit: str = "") -> MetadataValue | None:
    """Return a number as one, with its unit if that is known, and text as text; None if the value says nothing."""
    plain = clean_value(value)
    if plain in {"True", "False"}:
        return plain == "True"
    if isinstance(plain, str) and _NUMBER.fullmatch(plain):
        plain = int(plain) if _INTEGER.fullmatch(plain) else clean_value(float(plain))
    if isinstance(plain, int | float) and not isinstance(plain, bool) and unit in KNOWN_UNITS:
        return Quantity(value=plain, unit=unit)
    return plain


def words(keys: Iterable[str]) -> str:
    """Return a name for people: ``Grating.groove_density`` becomes ``Grating Groove Density``."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", " ".join(keys)).replace("_", " ")
    said: list[str] = []
    for word in split.split():
        shown = word if word in _SMALL or word[:1].isupper() else word.capitalize()
        if not said or shown.lower() != said[-1].lower():
            said.append(shown)
    return clean_text(" ".join(said))[:100]


def pint_unit(said: object) -> str:
    """Return a unit as pint writes it; empty if a file says none or none that is known."""
    if isinstance(said, bytes):
        said = said.decode("utf-8", "replace")
    text = said.strip().replace(" / ", "/") if isinstance(said, str) else ""
    text = UNITS.get(text, text)
    return text if text in KNOWN_UNITS else ""


def listed(value: object) -> str | None:
    """Return the words of a list as one text, or None if it is none or empty."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list | tuple) or not value:
        return None
    said = (clean_value(each) for each in value[:MOST_UNNAMED])
    return ", ".join(str(each) for each in said if each is not None) or None


def _measured(value: object, row: Row, said: str) -> MetadataValue | None:
    if row.unit is not TEXT and said and said != row.unit:
        power = power_between(said, row.unit or "")
        return quantity(value, said) if power is None else quantity(value, row.unit or "", power)
    if row.unit == "rad":
        return in_degrees(value)
    return quantity(value, row.unit or "", row.power)


def _leaves(tree: Tree, above: Place, depth: int) -> Iterator[tuple[Place, Any, Tree]]:
    for key, value in tree.items():
        place = (*above, str(key))
        if isinstance(value, Mapping):
            if depth:
                yield from _leaves(value, place, depth - 1)
        else:
            yield place, value, tree
