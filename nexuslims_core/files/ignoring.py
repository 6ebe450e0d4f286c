"""Which names a scan looks at, told before anything is asked of the file server."""

import fnmatch
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from nexuslims_core.files.parts import FOLDER, suffix_of

NOTHING, ALONE, OWNER, PART = 0, 1, 2, 4
"""What a file of some name may be: nothing of ours, a dataset alone, one that may have parts, a part; the last two add
up. Plain numbers, since every name on a file store is told by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The names that may belong to a record; letters count the same in upper and lower case.

    Attributes
    ----------
    suffixes
        Lower-case suffixes of files that are datasets; None for every suffix.
    owners
        Lower-case suffixes of datasets that may have parts.
    companions
        Lower-case suffixes of files that belong to a dataset.
    ignored
        Matches names that are never datasets of their own; None where every name may be one.
    partners
        Lower-case suffix of an owner, or of a part, to those that may belong together with it.
    compound
        Whether any of these suffixes has more than one dot, so that the last suffix of a name does not tell.
    whole
        Lower-case suffixes of folders that are one dataset each.
    declared
        Suffix of a dataset to those of files that belong to it, as readers declare them.
    """

    suffixes: tuple[str, ...] | None
    owners: tuple[str, ...]
    companions: tuple[str, ...]
    ignored: re.Pattern[str] | None
    partners: Mapping[str, frozenset[str]] = field(default_factory=dict)
    compound: bool = False
    whole: tuple[str, ...] = ()
    declared: Mapping[str, Collection[str]] = field(default_factory=dict)

    def lists(self, name: str) -> bool:
        """Tell whether a file of this name may be a dataset of its own."""
        known = self.suffixes is None or name.lower().endswith(self.suffixes)
        return known and not (self.ignored and self.ignored.match(name))

    def looks_at(self, name: str) -> bool:
        """Tell whether a file of this name may be a dataset, or belong to one even though it is ignored by itself."""
        return name.lower().endswith(self.companions) or self.lists(name)

    def is_whole(self, name: str) -> bool:
        """Tell whether a folder of this name is one dataset, or ignored as a whole: no file in it is a dataset."""
        return name.lower().endswith(self.whole)

    def kind(self, name: str) -> int:
        """Tell what a file of this name may be: one of the numbers above."""
        return self.confirmed(self.kind_by_suffix(name), name)

    def kind_by_suffix(self, text: str) -> int:
        """Tell the most that a file may be whose name ends like this."""
        text = text.lower()
        listed = self.suffixes is None or _meet(text, self.suffixes)
        return OWNER * (listed and _meet(text, self.owners)) + PART * _meet(text, self.companions) or ALONE * listed

    @property
    def suffix_tells_all(self) -> bool:
        """Whether the last suffix of a name says what the file is, so that no more of it need be looked at."""
        return self.ignored is None and not self.compound

    def confirmed(self, kind: int, name: str) -> int:
        """Return what a file is, by its whole name, of which the suffix alone said ``kind``."""
        if kind and self.compound:
            text, listed = name.lower(), self.lists(name)
            kind = OWNER * (listed and text.endswith(self.owners)) + PART * text.endswith(self.companions)
            return kind or ALONE * listed
        return NOTHING if self.ignored and not kind & PART and self.ignored.match(name) else kind


def _partners(companions: Mapping[str, Collection[str]]) -> Mapping[str, frozenset[str]]:
    partners: dict[str, set[str]] = defaultdict(set)
    for main, belonging in companions.items():
        for part in {suffix_of(ending) for ending in belonging if ending != FOLDER}:
            partners[main.lower()].add(part)
            partners[part].add(main.lower())
    return {suffix: frozenset(others) for suffix, others in partners.items()}


class KindsBySuffix(dict[str, int]):
    """What :meth:`Wanted.kind_by_suffix` says of each end of a name that was asked for; quicker than any call."""

    _MOST = 4096

    def __init__(self, rule: Wanted) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, text: str) -> int:
        if len(self) >= self._MOST:  # a folder of names that all end differently
            self.clear()
        kind = self[text] = self._rule.kind_by_suffix(text)
        return kind


def _meet(text: str, suffixes: tuple[str, ...]) -> bool:
    """Tell whether a text ends with a suffix, or is the end of one."""
    return text.endswith(suffixes) or ("." in text and any(suffix.endswith(text) for suffix in suffixes))


def wanted(
    suffixes: Collection[str] | None, ignore: Collection[str], companions: Mapping[str, Collection[str]]
) -> Wanted:
    """Return the rule that follows from suffixes of datasets, patterns such as ``*.tmp``, and what belongs to what."""
    endings = {ending for belonging in companions.values() for ending in belonging}
    patterns = "|".join(fnmatch.translate(pattern) for pattern in ignore)
    declared = None if suffixes is None else tuple(sorted(suffix.lower() for suffix in suffixes))
    owners = tuple(sorted(main.lower() for main, belonging in companions.items() if set(belonging) - {FOLDER}))
    of_parts = tuple(sorted(suffix_of(ending) for ending in endings if ending != FOLDER))
    return Wanted(
        suffixes=declared,
        owners=owners,
        companions=of_parts,
        ignored=re.compile(patterns, re.IGNORECASE) if patterns else None,
        partners=_partners(companions),
        compound=any("." in suffix[1:] for suffix in (*(declared or ()), *owners, *of_parts)),
        whole=tuple(sorted(main.lower() for main, belonging in companions.items() if FOLDER in belonging)),
        declared=companions,
    )
