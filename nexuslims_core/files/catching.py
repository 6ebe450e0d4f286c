"""What a search keeps of all that it sees: only what somebody asks for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from nexuslims_core.files.describing import Described, Lot, Row
from nexuslims_core.files.listing import Listing
from nexuslims_core.files.models import Unsearched
from nexuslims_core.files.sightings import Sighting
from nexuslims_core.files.spans import Span


@dataclass(slots=True, kw_only=True)
class Catch:
    """What a search has found so far.

    Attributes
    ----------
    span
        The times that are asked for.
    found
        Files that no others belong to, modified in the span, in no order.
    groups
        Files of one folder each that may belong together, at least one of them modified in the span.
    unsearched
        Places that could not be looked into, in no order.
    """

    span: Span
    found: list[Sighting] = field(default_factory=list)
    groups: list[list[Sighting]] = field(default_factory=list)
    unsearched: list[Unsearched] = field(default_factory=list)
    _by_folder: dict[str, list[Sighting]] = field(default_factory=dict)

    def take(self, listing: Listing, described: Iterable[Described]) -> None:
        """Keep what matters of one folder, all of which is described."""
        before, joining = listing.place.of(""), list[Row]()
        for lot, rows, trouble in described:
            self.unsearched += trouble
            if lot is Lot.JOINING:
                joining += rows
            else:
                self.found += (Sighting(mtime, before + name, size) for name, size, mtime in rows)
        if listing.links or any(self.span.holds(mtime) for _, _, mtime in joining):
            group = [Sighting(mtime, before + name, size) for name, size, mtime in joining]
            self._by_folder.setdefault(listing.place.path, []).extend(group)

    def add_linked(self, sighting: Sighting, *, joins: bool) -> None:
        """Keep a file that a link led to."""
        if joins:
            self._by_folder.setdefault(sighting.path.rpartition("/")[0], []).append(sighting)
        elif self.span.holds(sighting.mtime):
            self.found.append(sighting)

    def close(self) -> None:
        """Take what was added to each folder as all there is."""
        groups = self._by_folder.values()
        self.groups += (group for group in groups if any(self.span.holds(one.mtime) for one in group))
        self._by_folder.clear()
