"""The measures, each a function from an input to its figures; a baseline's runs alternate with ours."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from nexuslims_core.activities.clustering import cluster
from nexuslims_core.extractors.choosing import companions, known_suffixes
from nexuslims_core.files.scanning import scan_folder
from tests.bench.figures import Figure
from tests.bench.processes import Cost, cost, peak_memory_mb
from tests.bench.sessions import SESSION, Facility

NEXUSLIMS = str(Path(sys.executable).with_name("nexuslims"))
PEERS_WAY = str(Path(__file__).with_name("peers_way.py"))
READ_ALL = "import sys; [open(name, 'rb').read() for name in sys.argv[1:]]"
NOTHING, READING, PEER = "python -c pass", "reading every byte", "the peer's way"
Runs = dict[str, Callable[[], Cost]]


def session(about: str, facility: Facility, runs: int) -> list[Figure]:
    """Measure the building of a session's record, from the start of the process to its end."""
    files = [str(path) for path in facility.files]
    build = [NEXUSLIMS, "build", SESSION, "--no-upload"]
    with TemporaryDirectory() as out:
        peer = [sys.executable, PEERS_WAY, out, *files]
        peer_runs = _alternated({PEER: lambda: cost(peer)}, min(runs, 3))
        ours = _alternated(
            {
                "nexuslims build": lambda: cost(build, facility.fresh()),
                READING: lambda: cost([sys.executable, "-c", READ_ALL, *files]),
                NOTHING: lambda: cost([sys.executable, "-c", "pass"]),
            },
            runs,
        )
        facility.check()
        memory = {
            "nexuslims build": tuple(peak_memory_mb(build, facility.fresh()) for _ in range(min(runs, 3))),
            PEER: (peak_memory_mb(peer),),
        }
    against = (PEER, READING, NOTHING)
    return [*_wall_and_cpu(about, ours | peer_runs, against), *_memory(about, memory)]


def start_up(runs: int) -> list[Figure]:
    """Measure how long a person waits for the help."""
    commands = {
        "nexuslims --help": [NEXUSLIMS, "--help"],
        "nexuslims build --help": [NEXUSLIMS, "build", "--help"],
        NOTHING: [sys.executable, "-c", "pass"],
    }
    costs = _alternated({name: lambda words=words: cost(words) for name, words in commands.items()}, runs)
    return _wall_and_cpu("start-up", costs, (NOTHING,))


def clustering(name: str, path: Path, runs: int) -> list[Figure]:
    """Measure the grouping of file times: the call alone, libraries loaded, and the whole command."""
    times: list[float] = json.loads(path.read_bytes())["times_epoch"]
    grid = "scikit-learn's grid"
    about = f"clustering, {name}: the call"
    cluster(times[:5], method="scikit-learn")  # loads the libraries
    calls = {
        "nexuslims": lambda: _timed(lambda: cluster(times)),
        grid: lambda: _timed(lambda: cluster(times, method="scikit-learn")),
    }
    commands = {
        "nexuslims": lambda: cost([NEXUSLIMS, "cluster", str(path)]),
        grid: lambda: cost([NEXUSLIMS, "cluster", str(path), "--method", "scikit-learn"]),
    }
    return [
        *_wall_and_cpu(about, _alternated(calls, runs), (grid,)),
        *_wall_and_cpu(f"clustering, {name}: the command", _alternated(commands, min(runs, 3)), (grid,)),
    ]


def finding(tree: Path, files: int, runs: int) -> list[Figure]:
    """Measure the search of a folder: the call alone, and the whole command, which prints a day's files."""
    gnu = "find -printf"
    day = ["--from", "2024-05-14T09:00:00Z", "--to", "2024-05-14T17:00:00Z"]
    costs = _alternated(
        {
            "scan_folder, the call": lambda: _timed(lambda: _scan(tree)),
            "nexuslims find, the command": lambda: cost([NEXUSLIMS, "find", "--root", str(tree), *day, "--json"]),
            gnu: lambda: cost(["find", str(tree), "-type", "f", "-printf", r"%T@ %s %p\n"]),
        },
        runs,
    )
    return _wall_and_cpu(f"finding, {files} files, warm", costs, (gnu,))


def _scan(tree: Path) -> None:
    found = scan_folder(
        tree, instrument_pid="", suffixes=known_suffixes(), ignore=(), companions=companions(), now=time.time()
    )
    if not found.files:
        raise SystemExit(f"the scan of {tree} found nothing: {found.absent}")


def _timed(work: Callable[[], object]) -> Cost:
    cpu, begun = time.process_time(), time.perf_counter()
    work()
    return Cost(wall_s=time.perf_counter() - begun, cpu_s=time.process_time() - cpu)


def _alternated(contenders: Runs, runs: int) -> dict[str, list[Cost]]:
    """Run the contenders in turn, so that a busy minute hits all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name, run in contenders.items():
            costs[name].append(run())
    return costs


def _wall_and_cpu(about: str, costs: dict[str, list[Cost]], against: Sequence[str]) -> list[Figure]:
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


def _memory(about: str, peaks: dict[str, tuple[float, ...]]) -> list[Figure]:
    return [
        Figure(about=about, name=name, unit="MB peak", runs=runs, against=() if name == PEER else (PEER,))
        for name, runs in peaks.items()
    ]
