"""Looking into folders by asking about all names in them at once, where every name counts."""

import os
import stat
from bisect import bisect_right
from collections.abc import Callable, Iterable

from nexuslims_core.files.catching import Catch
from nexuslims_core.files.describing import Described, Lot, Row, describe, tasks_of
from nexuslims_core.files.glancing import Glance
from nexuslims_core.files.ignoring import ALONE, OWNER, PART, KindsBySuffix, Wanted
from nexuslims_core.files.listing import A_FOLDER_ITSELF, Lister, Listing, Place
from nexuslims_core.files.spans import Span
from nexuslims_core.files.statuses import Answers, Questions

_MOST = 50_000
"""Names in one folder from which on what is known of all of them is not held at once."""


class Asker:
    """Finds what a walk finds, folder by folder, in less time."""

    def __init__(self, statx: Callable[..., int], rule: Wanted, span: Span) -> None:
        self._questions, self._glance, self._lister = Questions(statx), Glance(rule, span), Lister(rule)
        self._rule, self._span, self._kinds = rule, span, KindsBySuffix(rule)
        self._waiting: list[tuple[Listing, list[Answers]]] = []
        self._names = 0

    def look_into(self, place: Place) -> Listing | None:
        """List a folder, and remember it if anything in it counts; None where a look name by name tells more."""
        answers = self._ask(place)
        if answers is None:
            return None
        listing = Listing(place=place, was_read=True)
        folders = self._glance.folders_among(answers)
        if folders is not None:
            listing.folders = folders
            return listing
        for each in answers:
            self._sort_others(each, listing)
        self._waiting.append((listing, [each.kept() for each in answers]))
        self._names += sum(len(each.names) for each in answers)
        return listing

    def describe_into(self, catch: Catch, *, at_least: int = 0) -> None:
        """Describe what counts in the folders since the last time, if so many names are in them.

        To do so for many at a time takes less than for each between two questions, which the processor's cache is full
        of by then.
        """
        if self._names >= at_least:
            for listing, answers in self._waiting:
                catch.take(listing, self._described(listing, answers))
            self._waiting.clear()
            self._names = 0

    def _ask(self, place: Place) -> list[Answers] | None:
        try:
            handle = os.open(place.real, A_FOLDER_ITSELF)
        except OSError:
            return None
        try:
            names = os.listdir(handle)  # noqa: PTH208 - of an open folder
            return self._questions.ask(handle, names) if len(names) <= _MOST else None
        except OSError:
            return None
        finally:
            os.close(handle)

    def _described(self, listing: Listing, answers: Iterable[Answers]) -> list[Described]:
        """Sort all names into a listing, and describe those that may count."""
        alone, joining, kinds = list[Row](), list[Row](), 0
        for each in answers:
            kinds |= self._sort_files(each.files(), alone, joining)
        listing.joining = [name for name, _, _ in joining]
        self._lister.part(listing, may_join=kinds == OWNER | PART)
        single, staying = frozenset(listing.alone), frozenset(listing.joining)
        alone += [row for row in joining if row[0] in single and self._span.holds(row[2])]
        joining = [row for row in joining if row[0] in staying]
        whole = [describe(task, self._span) for task in tasks_of(listing, 1) if task.lot is Lot.WHOLE]
        return [Described(Lot.ALONE, alone, []), Described(Lot.JOINING, joining, []), *whole]

    def _sort_files(self, files: Iterable[Row], alone: list[Row], joining: list[Row]) -> int:
        """Sort files by whether they may belong together, and return what these may be."""
        by_suffix, confirmed, told = self._kinds, self._rule.confirmed, self._rule.suffix_tells_all
        edges, kinds = self._span.edges, 0
        for row in files:
            name = row[0]
            kind = by_suffix[name[name.rfind(".") :]]
            if kind and not told:
                kind = confirmed(kind, name)
            if kind == ALONE:
                if bisect_right(edges, row[2]) & 1:
                    alone.append(row)
            elif kind:
                joining.append(row)
                kinds |= kind
        return kinds

    def _sort_others(self, answers: Answers, listing: Listing) -> None:
        if answers.kinds() != {stat.S_IFREG}:
            listing.links += answers.names_of(stat.S_IFLNK)
            for name in answers.names_of(stat.S_IFDIR):
                self._lister.sort_folder(name, listing)
