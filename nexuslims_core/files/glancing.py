"""A first look at a folder: most folders of a file store need no more, since nobody asks for what is in them."""

import os
from bisect import bisect_right
from collections.abc import Iterable

from nexuslims_core.files.ignoring import KindsBySuffix, Wanted
from nexuslims_core.files.sightings import NS_PER_S
from nexuslims_core.files.spans import Span

_SLACK_S = 1.0
"""A quick test goes before the exact one and is wider by this, since the time that it takes is rounded otherwise."""


class Glance:
    """Tells folders apart by whether any file in them was modified at a time that is asked for."""

    def __init__(self, rule: Wanted, span: Span) -> None:
        self._rule, self._span = rule, span
        self._kinds = None if rule.suffixes is None else KindsBySuffix(rule)

    def folders(self, entries: Iterable["os.DirEntry[str]"]) -> list[str] | None:
        """Return the folders in a folder in which nothing else counts; None where it wants a closer look.

        This is the loop that every file of a file store goes through. What it asks of an entry, the entry remembers.
        """
        low, high, edges = self._span.low - _SLACK_S, self._span.high + _SLACK_S, self._span.edges
        kinds, folders = self._kinds, list[str]()
        try:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    if kinds is None or kinds[entry.name[entry.name.rfind(".") :]]:
                        status = entry.stat()  # of the file itself, since it is no link
                        if low <= status.st_mtime <= high and bisect_right(edges, status.st_mtime_ns / NS_PER_S) & 1:
                            return None
                elif entry.is_symlink():
                    return None
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
        except OSError:
            return None  # a closer look tells what is wrong
        return None if any(map(self._rule.is_whole, folders)) else folders
