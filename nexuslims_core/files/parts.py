"""Files that are one dataset together: the ``.ser`` files of an ``.emi``, the ``.raw`` of an ``.rpl``.

They are known by their names in one folder and not by their times, since instruments write them seconds or hours apart.
``name.raw`` belongs to ``name.rpl``. A program that counts the parts of a dataset is told by ``_#``: with ``_#.ser``,
``name_1.ser``, ``name_2.ser`` and so on belong to ``name.emi``, even where there is a ``name_1.emi``. A dataset that
may be a folder is told by ``/``: such a folder is opened as one, and the files in it are not looked for here.
"""

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

COUNTED = "_#"
"""Stands before the suffix of parts that bear an underscore and a number behind the name of their dataset."""

FOLDER = "/"
"""Stands for all files in a folder that bears the suffix of a dataset."""

_NUMBER = re.compile(r"_([0-9]+)\Z")


class _Name(NamedTuple):
    """A file's folder, name and what follows the name: a suffix, or a number and a suffix."""

    folder: str
    stem: str
    ending: str

    @classmethod
    def of(cls, path: str) -> "_Name":
        folder, name = os.path.split(path)
        stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a path object a file would cost more than the scan itself
        return cls(folder, stem, suffix.lower())

    def uncounted(self) -> "_Name | None":
        found = _NUMBER.search(self.stem)
        return _Name(self.folder, self.stem[: found.start()], COUNTED + self.ending) if found else None


def number_of(stem: str) -> int | None:
    """Return the number at the end of ``name_1``, ``name_2`` and so on, or None."""
    found = _NUMBER.search(stem)
    return int(found[1]) if found else None


def suffix_of(ending: str) -> str:
    """Return the lower-case suffix of the parts that an extractor declares as ``.raw`` or ``_#.ser``."""
    return ending.lower().removeprefix(COUNTED)


def parts_of(paths: Iterable[str], companions: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """Return the parts of each dataset that has any: the path that is opened to those that belong to it.

    They are sorted by their numbers, then by path. No file is lost: a companion that nothing claims is nobody's part, a
    file that has parts is no part itself, and none is part of two datasets.

    Parameters
    ----------
    paths
        Files that were found, in any order.
    companions
        Suffix of a file that is opened to the suffixes of files that belong to it, in upper or lower case, with ``_#``
        before those that are counted.
    """
    endings = {main.lower(): frozenset(map(str.lower, belonging)) - {FOLDER} for main, belonging in companions.items()}
    of_parts = frozenset[str]().union(*endings.values())
    concerned = (*endings, *map(suffix_of, of_parts))
    names = {path: _Name.of(path) for path in sorted(paths) if path.lower().endswith(concerned)}
    claims = _claims(names, _by_name(names, of_parts), endings)
    return {path: tuple(sorted(own, key=_by_number)) for path, own in claims.items()}


def _by_name(names: Mapping[str, _Name], of_parts: Collection[str]) -> dict[_Name, list[str]]:
    """Return the files that a part may be looked for as: by its whole name, and by its name without a number."""
    found: dict[_Name, list[str]] = defaultdict(list)
    for path, name in names.items():
        for borne in (name, name.uncounted()):
            if borne and borne.ending in of_parts:
                found[borne].append(path)
    return found


def _claims(
    names: Mapping[str, _Name], by_name: Mapping[_Name, list[str]], endings: Mapping[str, Collection[str]]
) -> dict[str, list[str]]:
    """Return which files own which others; a number says more than a whole name."""
    claims: dict[str, list[str]] = defaultdict(list)
    claimed: set[str] = set()
    for counted in (True, False):
        for path, (folder, stem, suffix) in names.items():
            sought = [ending for ending in endings.get(suffix, ()) if ending.startswith(COUNTED) is counted]
            fitting = (part for ending in sought for part in by_name.get(_Name(folder, stem, ending), ()))
            own = [part for part in fitting if part != path and part not in claimed and part not in claims]
            if own and path not in claimed:
                claims[path] += own
                claimed.update(own)
    return claims


def _by_number(path: str) -> tuple[int, str]:
    return number_of(_Name.of(path).stem) or 0, path
