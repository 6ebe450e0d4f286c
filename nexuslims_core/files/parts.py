"""Files that are one dataset together: the ``.emi`` of a ``.ser``, the ``.raw`` of an ``.rpl``.

They are known by their names in one folder and not by their times, since instruments write them seconds or hours apart.
``name.raw`` belongs to ``name.rpl``. ``name.emi``, where there is no ``name.ser``, belongs to each of ``name_1.ser``,
``name_2.ser`` and so on.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

_NUMBER = re.compile(r"_[0-9]+\Z")


class _Name(NamedTuple):
    folder: str
    stem: str
    suffix: str

    @classmethod
    def of(cls, path: str) -> "_Name":
        folder, name = os.path.split(path)
        stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a path object a file would cost more than the scan itself
        return cls(folder, stem, suffix.lower())


def parts_of(paths: Iterable[str], companions: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """Return the parts of each dataset that has any: the path that is opened to those that belong to it, sorted.

    No file is lost: a companion that nothing claims is nobody's part, and a file that has parts is no part itself.

    Parameters
    ----------
    paths
        Files that were found, in any order.
    companions
        Suffix of a file that is opened to the suffixes of files that belong to it, in upper or lower case.
    """
    belonging = {main.lower(): sorted(map(str.lower, suffixes)) for main, suffixes in companions.items()}
    concerned = (*belonging, *(suffix for suffixes in belonging.values() for suffix in suffixes))
    names = {path: _Name.of(path) for path in sorted(paths) if path.lower().endswith(concerned)}
    exact = _claims(names, belonging, lambda stem: stem)
    rest = {path: name for path, name in names.items() if path not in exact.keys() | _parts(exact)}
    return exact | _claims(rest, belonging, lambda stem: _NUMBER.sub("", stem))


def _parts(claims: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {part for own in claims.values() for part in own}


def _claims(
    names: Mapping[str, _Name], belonging: Mapping[str, list[str]], stem_of: Callable[[str], str]
) -> dict[str, tuple[str, ...]]:
    """Return which files own which others when a part bears the stem that ``stem_of`` makes of its owner's."""
    by_name = defaultdict(list)
    for path, name in names.items():
        by_name[name].append(path)
    claims: dict[str, tuple[str, ...]] = {}
    claimed: set[str] = set()
    for path, (folder, stem, suffix) in names.items():
        sought = [_Name(folder, stem_of(stem), companion) for companion in belonging.get(suffix, ())]
        own = {part for name in sought for part in by_name.get(name, ())} - claims.keys() - {path}
        if own and path not in claimed:
            claims[path] = tuple(sorted(own))
            claimed |= own
    return claims
