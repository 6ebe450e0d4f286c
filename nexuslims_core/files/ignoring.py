"""Which names a scan looks at, told before anything is asked of the file server."""

import fnmatch
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nexuslims_core.files.parts import FOLDER, suffix_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The names that may belong to a record; letters count the same in upper and lower case.

    Attributes
    ----------
    suffixes
        Lower-case suffixes of files that are datasets; None for every suffix.
    companions
        Lower-case suffixes of files that belong to a dataset.
    ignored
        Matches names that are never datasets of their own.
    whole
        Lower-case suffixes of folders that are one dataset each.
    """

    suffixes: tuple[str, ...] | None
    companions: tuple[str, ...]
    ignored: re.Pattern[str]
    whole: tuple[str, ...] = ()

    def lists(self, name: str) -> bool:
        """Tell whether a file of this name may be a dataset of its own."""
        known = self.suffixes is None or name.lower().endswith(self.suffixes)
        return known and not self.ignored.match(name)

    def looks_at(self, name: str) -> bool:
        """Tell whether a file of this name may be a dataset, or belong to one even though it is ignored by itself."""
        return name.lower().endswith(self.companions) or self.lists(name)

    def is_whole(self, name: str) -> bool:
        """Tell whether a folder of this name is one dataset, or ignored as a whole: no file in it is a dataset."""
        return name.lower().endswith(self.whole)


def wanted(
    suffixes: Collection[str] | None, ignore: Collection[str], companions: Mapping[str, Collection[str]]
) -> Wanted:
    """Return the rule that follows from suffixes of datasets, patterns such as ``*.tmp``, and what belongs to what."""
    endings = {ending for belonging in companions.values() for ending in belonging}
    patterns = "|".join(fnmatch.translate(pattern) for pattern in ignore)
    return Wanted(
        suffixes=None if suffixes is None else tuple(sorted(suffix.lower() for suffix in suffixes)),
        companions=tuple(sorted(suffix_of(ending) for ending in endings if ending != FOLDER)),
        ignored=re.compile(patterns or "(?!)", re.IGNORECASE),
        whole=tuple(sorted(main.lower() for main, belonging in companions.items() if FOLDER in belonging)),
    )
