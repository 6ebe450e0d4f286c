"""The measures of ours beside the peer's, in one run: the runs of both alternate, so that a busy minute hits both.

Whatever the peer cannot do is left out on both sides.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure
from tests.bench.measures import NEXUSLIMS, alternated, wall_and_cpu
from tests.bench.peer.facility import PeerFacility
from tests.bench.processes import cost, opened_below, peak_memory_mb
from tests.bench.sessions import GROUPS, SESSION, Facility

OURS, PEER = "ours", "peer"
BUILD = [NEXUSLIMS, "build", SESSION, "--no-upload"]
REBUILD = [*BUILD, "--rebuild"]
PEER_READING = str(Path(__file__).parent / "peer" / "reading.py")
Costs = Mapping[str, Mapping[str, float | None]]


def session(about: str, facility: Facility, peer: PeerFacility | None, runs: int) -> list[Figure]:
    """Measure the building of a session's record, from the start of the process to its end."""
    contenders = {OURS: lambda: cost(BUILD, facility.fresh())}
    if peer is not None:
        contenders[PEER] = lambda: cost(peer.command, peer.fresh())
    costs = alternated(contenders, runs)
    facility.check()
    peaks = {OURS: [peak_memory_mb(BUILD, facility.fresh()) for _ in range(min(runs, 3))]}
    if peer is not None:
        peer.check(GROUPS)
        peaks[PEER] = [peak_memory_mb(peer.command, peer.fresh())]
    memory = (_figure(about, name, "MB peak", taken) for name, taken in peaks.items())
    return [*wall_and_cpu(about, costs, (PEER,)), *memory]


def files(paths: Mapping[str, Sequence[Path]], peer: PeerFacility | None, runs: int) -> list[Figure]:
    """Measure, file by file and with everything loaded, metadata alone, and opening a file and drawing its preview.

    The peer opens a file for its preview without looking at its metadata; ours looks at them too.

    Parameters
    ----------
    paths
        Files by what they are called together.
    runs
        Each file counts with the least of so many, after one that is not counted.
    """
    words = [str(runs), *(str(path) for group in paths.values() for path in group)]
    ours = _told([sys.executable, "-m", "tests.bench.reading", *words], {})
    theirs = _told([str(peer.python), PEER_READING, *words], peer.fresh(Path("/"))) if peer is not None else None
    return [
        figure
        for name, group in paths.items()
        for measure in ("metadata", "preview")
        for figure in _of_group(f"{measure} of {name}", measure, [str(path) for path in group], ours, theirs)
    ]


def large(about: str, path: Path, peer: PeerFacility | None, runs: int) -> list[Figure]:
    """Measure metadata and preview of one large file, by the command line of each."""
    with TemporaryDirectory() as out:
        ours = [NEXUSLIMS, "extract", str(path), "--out", out]
        contenders = {OURS: lambda: cost(ours)}
        peaks = {OURS: [peak_memory_mb(ours)]}
        if peer is not None:
            env = peer.fresh(path.parent)
            theirs = [*peer.program("extract"), str(path), "--write", "--overwrite"]
            contenders[PEER] = lambda: cost(theirs, env)
            peaks[PEER] = [peak_memory_mb(theirs, env)]
        costs = alternated(contenders, min(runs, 3))
    memory = (_figure(about, name, "MB peak", taken) for name, taken in peaks.items())
    return [*wall_and_cpu(about, costs, (PEER,)), *memory]


def rebuild(about: str, facility: Facility, runs: int) -> list[Figure]:
    """Measure building a session again, of which nothing has changed, and make sure that no raw file is opened."""
    cost(BUILD, facility.fresh())
    costs = alternated({OURS: lambda: cost(REBUILD, facility.env)}, runs)
    opened = opened_below(facility.store, REBUILD, facility.env)
    facility.check(groups=None)
    return [*wall_and_cpu(about, costs, ()), _figure(about, OURS, "raw files opened", [len(opened)])]


def record(about: str, datasets: int, runs: int) -> list[Figure]:
    """Measure one record of that many datasets from what extractors gave to valid XML, each time in a fresh process."""
    command = [sys.executable, "-m", "tests.bench.records", str(datasets)]
    taken = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(runs)]
    return [_figure(about, OURS, unit, [each[unit] for each in taken]) for unit in taken[0]]


def _told(command: Sequence[str], env: Mapping[str, str]) -> Costs:
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[:3]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    answer: Costs = json.loads(done.stdout)
    return answer


def _of_group(about: str, measure: str, paths: Sequence[str], ours: Costs, theirs: Costs | None) -> list[Figure]:
    sides = {OURS: ours} | ({PEER: theirs} if theirs is not None else {})
    both = [path for path in paths if all(side[path][measure] is not None for side in sides.values())]
    taken = {name: [side[path][measure] for path in both] for name, side in sides.items()}
    if not both:
        raise SystemExit(f"{about}: no file of {len(paths)} could be done by every side")
    return [_figure(about, name, "ms CPU", values) for name, values in taken.items()]


def _figure(about: str, name: str, unit: str, runs: Sequence[float | None]) -> Figure:
    against = (PEER,) if name == OURS else ()
    return Figure(about=about, name=name, unit=unit, runs=tuple(float(run or 0) for run in runs), against=against)
