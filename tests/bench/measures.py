"""The measures of ours alone, each a function from an input to its figures; a baseline's runs alternate with ours."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nexuslims_core.activities.clustering import Method, cluster
from tests.bench.figures import Figure
from tests.bench.processes import Cost, cost

NEXUSLIMS = str(Path(sys.executable).with_name("nexuslims"))
NOTHING = "python -c pass"
MOST_FOR_THE_GRID = 200
"""Files of a session that scikit-learn needs seconds for; a hundred times as many would take it hours."""
Runs = dict[str, Callable[[], Cost]]


def start_up(runs: int) -> list[Figure]:
    """Measure how long a person waits for the help."""
    commands = {
        "nexuslims --help": [NEXUSLIMS, "--help"],
        "nexuslims build --help": [NEXUSLIMS, "build", "--help"],
        NOTHING: [sys.executable, "-c", "pass"],
    }
    costs = alternated({name: lambda words=words: cost(words) for name, words in commands.items()}, runs)
    return wall_and_cpu("start-up", costs, (NOTHING,))


def clustering(name: str, path: Path, runs: int) -> list[Figure]:
    """Measure the grouping of file times: the call alone, libraries loaded, and the whole command."""
    times: list[float] = json.loads(path.read_bytes())["times_epoch"]
    grid = "scikit-learn"
    methods: list[Method] = ["robust", "published"]
    if len(times) <= MOST_FOR_THE_GRID:
        methods.append(grid)
        cluster(times[:5], method=grid)  # loads the libraries
    calls = {method: lambda method=method: timed(lambda: cluster(times, method=method)) for method in methods}
    commands = {
        method: lambda method=method: cost([NEXUSLIMS, "cluster", str(path), "--method", method]) for method in methods
    }
    return [
        *wall_and_cpu(f"clustering, {name}: the call", alternated(calls, runs), (grid,)),
        *wall_and_cpu(f"clustering, {name}: the command", alternated(commands, min(runs, 3)), (grid,)),
    ]


def timed(work: Callable[[], object]) -> Cost:
    """Return what a call takes in this process."""
    cpu, begun = time.process_time(), time.perf_counter()
    work()
    return Cost(wall_s=time.perf_counter() - begun, cpu_s=time.process_time() - cpu)


def alternated(contenders: Runs, runs: int) -> dict[str, list[Cost]]:
    """Run the contenders in turn, so that a busy minute hits all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name, run in contenders.items():
            costs[name].append(run())
    return costs


def wall_and_cpu(about: str, costs: dict[str, list[Cost]], against: Sequence[str]) -> list[Figure]:
    return [
        Figure(
            about=about,
            name=name,
            unit=unit,
            runs=tuple(getattr(each, field) for each in taken),
            against=() if name in against else tuple(against),
        )
        for field, unit in (("wall_s", "s wall"), ("cpu_s", "s CPU"))
        for name, taken in costs.items()
    ]
