"""A first look at a folder: most folders of a file store need no more, since nobody asks for what is in them."""

import math
import os
import stat
from bisect import bisect_right
from collections.abc import Collection, Iterable

from nexuslims_core.files.ignoring import KindsBySuffix, Wanted
from nexuslims_core.files.spans import Span
from nexuslims_core.files.statuses import Answers

_SLACK_S = 1.0
"""Times are taken here as they are quickest to have, rounded otherwise than the exact ones; so windows are wider."""


class Glance:
    """Tells folders apart by whether any file in them was modified at a time that is asked for."""

    def __init__(self, rule: Wanted, span: Span) -> None:
        self._rule = rule
        self._edges = [-math.inf, *span.widened(_SLACK_S).edges, math.inf]
        self._kinds = None if rule.suffixes is None else KindsBySuffix(rule)

    def folders(self, entries: Iterable["os.DirEntry[str]"]) -> list[str] | None:
        """Return the folders in a folder in which nothing else counts; None where it wants a closer look.

        This is the loop that every file of a file store goes through. What it asks of an entry, the entry remembers.
        """
        kinds, folders, edges = self._kinds, list[str](), self._edges
        free_from, free_until = 0.0, 0.0  # a time between two windows: most files of a folder are of about the same one
        try:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    if kinds is None or kinds[entry.name[entry.name.rfind(".") :]]:
                        mtime = entry.stat().st_mtime  # of the file itself, since it is no link
                        if free_from <= mtime < free_until:
                            continue
                        after = bisect_right(edges, mtime)
                        if not after & 1:
                            return None
                        free_from, free_until = edges[after - 1], edges[after]
                elif entry.is_symlink():
                    return None
                else:
                    folders += _folder(entry)
        except OSError:
            return None  # a closer look tells what is wrong
        return None if any(map(self._rule.is_whole, folders)) else folders

    def folders_among(self, answers: Iterable[Answers]) -> list[str] | None:
        """Return the same of a folder in which every name was asked about; only where every name counts."""
        folders = list[str]()
        for each in answers:
            kinds = each.kinds()
            if stat.S_IFLNK in kinds or self._any_asked_for(each.times(kinds)):
                return None
            if stat.S_IFDIR in kinds:
                folders += each.names_of(stat.S_IFDIR)
        return None if any(map(self._rule.is_whole, folders)) else folders

    def _any_asked_for(self, seconds: Collection[int]) -> bool:
        if not seconds:
            return False
        after = bisect_right(self._edges, min(seconds))
        if not after & 1:
            return True
        apart = max(seconds) >= self._edges[after]  # which is seldom
        return apart and any(not bisect_right(self._edges, each) & 1 for each in seconds)


def _folder(entry: "os.DirEntry[str]") -> tuple[str, ...]:
    """Return the name of an entry that is a folder; there are others, such as sockets."""
    return (entry.name,) if entry.is_dir(follow_symlinks=False) else ()
