"""Finding files, beside GNU find on the same tree in the same minutes: the call alone, and the whole command.

Times are warm. The scan is given the windows of sessions and answers with their files; find prints every file that its
filter lets pass, which would still have to be read, sorted and cut. ``50 finds`` is what 50 sessions cost that are
looked for one by one; it is taken once, since it takes as long as all the rest.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from nexuslims_core.extractors.choosing import catalogue
from nexuslims_core.files.scanning import scan_folder
from nexuslims_core.files.spans import Window
from nexuslims_core.files.windows import files_between
from tests.bench.figures import Figure
from tests.bench.measures import NEXUSLIMS, alternated, timed, wall_and_cpu
from tests.bench.processes import Cost, cost, peak_memory_mb
from tests.bench.sessions import BEGUN

SIX = frozenset({".dm3", ".dm4", ".emi", ".msa", ".ser", ".tif"})
"""What a facility with two microscopes may have; find takes longer the more suffixes it is to look for."""
SESSIONS = 50
TWO_HOURS_S, TWO_DAYS_S = 2 * 3_600.0, 2 * 86_400.0
EVERY_FILE, SIX_SUFFIXES, FIFTY, ONE = "every file", "six suffixes", f"{SESSIONS} sessions", "one session"


def finding(tree: Path, files: int, runs: int) -> list[Figure]:
    """Measure the search of a folder."""
    about = f"finding among {files:,} files"
    _scan(tree, None, 1)  # loads the libraries and warms the tree
    return [
        *_beside_find(f"{about}, {EVERY_FILE}", tree, None, runs),
        *_beside_find(f"{about}, {SIX_SUFFIXES}", tree, SIX, runs),
        *_beside_find(f"{about}, all {len(catalogue().suffixes)} suffixes", tree, catalogue().suffixes, min(runs, 3)),
        *_many_sessions(f"{about}, {EVERY_FILE}, {FIFTY}", tree, runs),
        *wall_and_cpu(f"{about}, {FIFTY} of 480", _many_and_one(tree, runs, 4 * TWO_HOURS_S), (ONE,)),
        *_command(f"{about}, the command", tree, runs),
    ]


def _beside_find(about: str, tree: Path, suffixes: frozenset[str] | None, runs: int) -> list[Figure]:
    find = "find -printf"
    contenders = {
        "scan": lambda: timed(lambda: _scan(tree, suffixes, 1)),
        find: lambda: cost(_find(tree, suffixes)),
    }
    return wall_and_cpu(about, alternated(contenders, runs), (find,))


def _many_sessions(about: str, tree: Path, runs: int) -> list[Figure]:
    finds = f"{SESSIONS} finds"
    costs = _many_and_one(tree, runs, TWO_HOURS_S)
    costs[finds] = [_sum(cost(_find(tree, None)) for _ in range(SESSIONS))]
    return wall_and_cpu(about, costs, (ONE, finds))


def _many_and_one(tree: Path, runs: int, lasting_s: float) -> dict[str, list[Cost]]:
    contenders = {
        FIFTY: lambda: timed(lambda: _scan(tree, None, SESSIONS, lasting_s)),
        ONE: lambda: timed(lambda: _scan(tree, None, 1, lasting_s)),
    }
    return alternated(contenders, runs)


def _command(about: str, tree: Path, runs: int) -> list[Figure]:
    day = ["--from", _time(0), "--to", _time(TWO_HOURS_S)]
    command, find = [NEXUSLIMS, "find", "--root", str(tree), *day, "--json"], "find -printf"
    every = {"NEXUSLIMS_FILE_STRATEGY": "inclusive"}
    contenders = {
        "nexuslims find": lambda: cost(command, every),
        find: lambda: cost(_find(tree, None)),
    }
    memory = Figure(about=about, name="nexuslims find", unit="MB peak", runs=(peak_memory_mb(command, every),))
    return [*wall_and_cpu(about, alternated(contenders, runs), (find,)), memory]


def _scan(tree: Path, suffixes: frozenset[str] | None, sessions: int, lasting_s: float = TWO_HOURS_S) -> None:
    """Find the files of that many sessions, two days apart; in two hours there are 120."""
    starts = [BEGUN + TWO_DAYS_S * i for i in range(sessions)]
    scan = scan_folder(
        tree,
        instrument_pid="",
        suffixes=suffixes,
        ignore=(),
        companions=catalogue().companions,
        now=time.time(),
        windows=[Window(low=start, high=start + lasting_s) for start in starts],
    )
    lists = [files_between(scan, _moment(start), _moment(start + lasting_s)) for start in starts]
    if not lists[0].files:
        raise SystemExit(f"the scan of {tree} found nothing: {scan.absent}")


def _find(tree: Path, suffixes: frozenset[str] | None) -> list[str]:
    names = [word for suffix in sorted(suffixes or ()) for word in ("-o", "-iname", f"*{suffix}")]
    wanted = ["(", *names[1:], ")"] if names else []
    return ["find", str(tree), "-type", "f", *wanted, "-printf", r"%T@ %s %p\n"]


def _sum(costs: Iterable[Cost]) -> Cost:
    every = tuple(costs)
    return Cost(wall_s=sum(each.wall_s for each in every), cpu_s=sum(each.cpu_s for each in every))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _time(after_s: float) -> str:
    return _moment(BEGUN + after_s).isoformat()
