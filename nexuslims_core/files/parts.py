"""Files that are one dataset together: the ``.ser`` files of an ``.emi``, the ``.raw`` of an ``.rpl``.

They are known by their names in one folder and not by their times, since instruments write them seconds or hours apart.
``name.raw`` belongs to ``name.rpl``. A program that counts the parts of a dataset is told by ``_#``: with ``_#.ser``,
``name_1.ser``, ``name_2.ser`` and so on belong to ``name.emi``, even where there is a ``name_1.emi``. Where a dataset's
own suffix is counted, its part 0 owns the others: ``name_000.tvips`` owns ``name_001.tvips``. The whole name may
stand before a part's suffix too: ``name.mrc.mdoc`` belongs to ``name.mrc`` as ``name.mdoc`` would. A part with a name
of its own is told by that name, ``#`` for each number in it: with ``scan_x#_y#.raw``, ``scan_x64_y32.raw`` belongs to
the only file in its folder that may own it. A dataset that may be a folder is told by ``/``: such a folder is opened
as one, and the files in it are not looked for here.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

COUNTED = "_#"
"""Stands before the suffix of parts that bear an underscore and a number behind the name of their dataset."""

FOLDER = "/"
"""Stands for all files in a folder that bears the suffix of a dataset."""

_NUMBER = re.compile(r"_([0-9]+)\Z")


_Key = tuple[str, str, str]
"""The same as a :class:`_Name`, for looking one up."""


class _Name(NamedTuple):
    """A file's folder, name and what follows the name: a suffix, or a number and a suffix."""

    folder: str
    stem: str
    ending: str

    @classmethod
    def of(cls, path: str) -> "_Name":
        folder, _, name = path.rpartition("/")
        stem, _, suffix = name.rpartition(".")
        return cls(folder, stem, f".{suffix.lower()}") if stem.strip(".") else cls(folder, name, "")

    def uncounted(self) -> "_Name | None":
        found = _NUMBER.search(self.stem) if self.stem[-1:].isdigit() else None  # most names are told apart by that
        return _Name(self.folder, self.stem[: found.start()], COUNTED + self.ending) if found else None

    def borne_by(self, ending: str, suffix: str) -> tuple[_Key, ...]:
        """Return the names under which a part may be found; ``suffix`` is the owner's, in its own letters."""
        if ending == COUNTED + self.ending:
            row = self.uncounted()
            return (row,) if row and number_of(self.stem) == 0 else ()
        if ending.startswith(COUNTED):
            return ((self.folder, self.stem, ending),)
        return ((self.folder, self.stem, ending), (self.folder, self.stem + suffix, ending))


def number_of(stem: str) -> int | None:
    """Return the number at the end of ``name_1``, ``name_2`` and so on, or None."""
    found = _NUMBER.search(stem)
    return int(found[1]) if found else None


def suffix_of(ending: str) -> str:
    """Return the lower-case suffix of the parts that an extractor declares as ``.raw`` or ``_#.ser``."""
    return ending.lower() if ending.startswith(".") else _Name.of(ending).ending or ending


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
        before those that are counted, or whole names with ``#`` for their numbers.
    """
    every = [(path, _Name.of(path)) for path in sorted(paths)]
    present = {name.ending for _, name in every}
    possible = ((main.lower(), belonging) for main, belonging in companions.items() if main.lower() in present)
    endings = {main: frozenset(map(str.lower, belonging)) - {FOLDER} for main, belonging in possible}
    of_parts = frozenset[str]().union(*endings.values())
    concerned = {*endings, *map(suffix_of, of_parts)}
    names = {path: name for path, name in every if name.ending in concerned}
    claims = _claims(names, _by_name(names, of_parts), endings)
    _claim_by_own_names(claims, names, endings)
    return {path: tuple(sorted(own, key=_by_number) if own[1:] else own) for path, own in claims.items()}


def _by_name(names: Mapping[str, _Name], of_parts: Collection[str]) -> dict[_Key, list[str]]:
    """Return the files that a part may be looked for as: by its whole name, and by its name without a number."""
    found: dict[_Key, list[str]] = defaultdict(list)
    for path, name in names.items():
        for borne in (name, name.uncounted()):
            if borne and borne.ending in of_parts:
                found[borne].append(path)
    return found


def _claims(
    names: Mapping[str, _Name], by_name: Mapping[_Key, list[str]], endings: Mapping[str, Collection[str]]
) -> dict[str, list[str]]:
    """Return which files own which others; a number says more than a whole name."""
    claims: dict[str, list[str]] = defaultdict(list)
    claimed: set[str] = set()
    owners = [(path, name.ending) for path, name in names.items() if name.ending in endings]
    for counted in (True, False):
        sought = {
            suffix: [each for each in own if each.startswith(COUNTED) is counted] for suffix, own in endings.items()
        }
        for path, suffix in owners:
            borne = [name for ending in sought[suffix] for name in names[path].borne_by(ending, path[-len(suffix) :])]
            fitting = [part for name in borne for part in by_name.get(name, ())]
            own = [part for part in fitting if part != path and part not in claimed and part not in claims]
            if own and path not in claimed:
                claims[path] += own
                claimed.update(own)
    return claims


def _claim_by_own_names(
    claims: dict[str, list[str]], names: Mapping[str, _Name], endings: Mapping[str, Collection[str]]
) -> None:
    """Give the parts that have a name of their own to the only file in their folder that may own them."""
    claimed = {part for own in claims.values() for part in own}
    for suffix, belonging in endings.items():
        patterns = [_pattern(ending) for ending in belonging if not ending.startswith((".", COUNTED))]
        owners: dict[str, list[str]] = defaultdict(list)
        for path in [path for path, name in names.items() if patterns and name.ending == suffix]:
            if path not in claimed:
                owners[names[path].folder].append(path)
        for path, name in names.items() if owners else ():
            able = owners.get(name.folder, [])
            fits = any(pattern.fullmatch(name.stem.lower() + name.ending) for pattern in patterns)
            if fits and len(able) == 1 and path not in {*able, *claimed, *claims}:
                claims[able[0]].append(path)
                claimed.add(path)


def _pattern(ending: str) -> re.Pattern[str]:
    return re.compile("[0-9]+".join(map(re.escape, ending.split("#"))))


def _by_number(path: str) -> tuple[int, str]:
    return number_of(_Name.of(path).stem) or 0, path
