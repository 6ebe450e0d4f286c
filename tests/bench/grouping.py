"""How right the grouping is: the adjusted Rand index of both methods, session by session and kind by kind.

``python -m tests.bench.grouping --seeds 20 --first 0`` prints the tables; a mean over seeds stands for a kind.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from nexuslims_core.activities.clustering import Method, cluster
from tests.nexuslims_core.activities.agreement import adjusted_rand, labels_of
from tests.nexuslims_core.activities.generators import Maker
from tests.nexuslims_core.activities.kinds import LISTED
from tests.nexuslims_core.activities.more_kinds import BEYOND

METHODS: tuple[Method, ...] = ("robust", "published")
CASES = Path(__file__).parents[1] / "data" / "clustering"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="sessions of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    args = parser.parse_args()
    seeds = range(args.first, args.first + args.seeds)
    console = Console()
    console.print(_of_sessions())
    console.print(_of_kinds("kinds that the method was chosen with", LISTED, seeds))
    console.print(_of_kinds("kinds made to break it", BEYOND, seeds))


def _of_sessions() -> Table:
    table = _table("sessions of tests/data/clustering", "activities")
    for path in sorted(CASES.glob("d*.json")):
        known: dict[str, Any] = json.loads(path.read_text("utf-8"))
        made = [labels_of(known, method) for method in METHODS]
        indices = [f"{adjusted_rand(known['labels'], labels):.3f} ({len(set(labels))})" for labels in made]
        table.add_row(known["name"], str(known["n_groups"]), *indices)
    return table


def _of_kinds(title: str, kinds: Mapping[str, Maker], seeds: range) -> Table:
    table = _table(title, "sessions")
    every = {name: [_mean(make, method, seeds) for method in METHODS] for name, make in kinds.items()}
    for name, means in every.items():
        table.add_row(name, str(len(seeds)), *(f"{mean:.3f}" for mean in means))
    table.add_section()
    table.add_row("mean", str(len(seeds) * len(kinds)), *(f"{mean:.4f}" for mean in np.mean([*every.values()], axis=0)))
    return table


def _mean(make: Maker, method: Method, seeds: range) -> float:
    known = [make(rng=np.random.default_rng(seed)) for seed in seeds]
    return float(np.mean([adjusted_rand(each.labels, cluster(each.times, method=method).labels) for each in known]))


def _table(title: str, count: str) -> Table:
    table = Table(title=title)
    table.add_column("")
    for heading in (count, *METHODS):
        table.add_column(heading, justify="right")
    return table


if __name__ == "__main__":
    main()
