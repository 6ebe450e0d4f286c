"""What we set out to reach, and the table that says of each figure whether it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.bench import airflow_pages
from tests.bench.figures import Figure, number
from tests.bench.pages import IN_MANY, IN_ONE
from tests.bench.side_by_side import OURS, PEER
from tests.bench.throughput import FAT, GROUP, RATE, RATIO

SESSION = "session of 39 real DM files"
REBUILT = "rebuild of 500 unchanged files"
FOUR_D = "4D dm4 file of 1 GiB"
RECORDS = {"record of 500 datasets": 500, "record of 20,000 datasets": 20_000}
LARGE_IMAGE = "an image of 4096 × 4096"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure should be.

    Attributes
    ----------
    most
        The median is at most that, in the figure's unit.
    times
        The peer's median is at least so many times as much.
    least
        The median is at least that, in the figure's unit.
    """

    most: float | None = None
    times: float | None = None
    least: float | None = None

    def __str__(self) -> str:
        if self.least is not None:
            return f"≥ {self.least:g}"
        return f"≤ {self.most:g}" if self.most is not None else f"peer ≥ {self.times:g} ×"

    def met(self, ours: Figure, peer: Figure | None) -> bool | None:
        """Tell whether it is; None where there is no peer to tell by."""
        if self.least is not None:
            return ours.median >= self.least
        if self.most is not None:
            return ours.median <= self.most
        return None if peer is None or self.times is None else peer.median >= self.times * ours.median


TARGETS = {
    (SESSION, "s wall"): Target(times=20),
    (SESSION, "MB peak"): Target(most=200),
    ("metadata of dm3", "ms CPU"): Target(most=5),
    ("metadata of dm4", "ms CPU"): Target(most=5),
    ("preview of dm3", "ms CPU"): Target(most=20),
    ("preview of dm4", "ms CPU"): Target(most=20),
    (f"preview of {LARGE_IMAGE}", "ms CPU"): Target(times=40),
    (FOUR_D, "MB peak"): Target(most=200),
    (REBUILT, "s wall"): Target(most=1.5),
    (REBUILT, "raw files opened"): Target(most=0),
    **{(page, "MB"): Target(most=15) for page in (IN_ONE, IN_MANY)},
    **{(page, "s until it is shown"): Target(most=3) for page in (IN_ONE, IN_MANY)},
    **{(page, "ms to filter"): Target(most=300) for page in (IN_ONE, IN_MANY)},
    **{
        (airflow_pages.about(page, database), "ms"): Target(most=500)
        for page in airflow_pages.PAGES
        for database in airflow_pages.DATABASES
    },
    ("record of 20,000 datasets", "s CPU"): Target(most=5),
    ("record of 20,000 datasets", "MB peak"): Target(most=600),
    (GROUP, RATE): Target(least=6),
    (FAT, RATE): Target(least=60),
    **{(about, RATIO): Target(most=1.3) for about in (GROUP, FAT)},
}
"""What the figure is about and its unit to its target."""


def show_targets(figures: Sequence[Figure], console: Console) -> None:
    """Print one line for each figure that is ours, the peer's beside it."""
    table = Table("figure", "unit", "ours", "peer", "peer / ours", "target", "", box=None, pad_edge=False)
    for column in (2, 3, 4):
        table.columns[column].justify = "right"
    before = ""
    for ours, peer in _pairs(figures):
        target = TARGETS.get((ours.about, ours.unit))
        met = target.met(ours, peer) if target else None
        table.add_row(
            ours.about if ours.about != before else "",
            ours.unit,
            number(ours.median),
            number(peer.median) if peer else "",
            f"{number(peer.median / ours.median)} ×" if peer and ours.median else "",
            str(target or ""),
            "" if met is None else "met" if met else "NOT MET",
        )
        before = ours.about
    console.print(table)


def _pairs(figures: Sequence[Figure]) -> Iterator[tuple[Figure, Figure | None]]:
    peers = {(each.about, each.unit): each for each in figures if each.name == PEER}
    yield from ((each, peers.get((each.about, each.unit))) for each in figures if each.name == OURS)
