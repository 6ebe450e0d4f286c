"""``python -m tests.bench``, what `make bench` calls: measures, prints a table, writes build/bench.json.

It measures and judges nothing. Ratios are to baselines taken in the same run; on a busy machine trust them and the CPU
seconds, not the wall times.
"""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from nexuslims_core.errors import NexusLimsError
from tests.bench import measures, sessions
from tests.bench.figures import Figure, show, write

REPORT = Path(__file__).resolve().parents[2] / "build" / "bench.json"
TREE_FILES = 20_000
console = Console(stderr=True, highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure; nothing is judged.")
    parser.add_argument(
        "--files", type=Path, help="folder of real DM files, 39 of which are used instead of written ones"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each measure")
    parser.add_argument("--only", choices=("session", "start", "clustering", "finding"), action="append")
    args = parser.parse_args()
    try:
        figures = list(_figures(args))
    except NexusLimsError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    show(figures, Console(highlight=False, width=None if sys.stdout.isatty() else 160))
    write(figures, REPORT, {"files": str(args.files or "written"), "runs": args.runs})
    console.print(f"Every run: {REPORT}")
    return 0


def _figures(args: argparse.Namespace) -> Iterator[Figure]:
    wanted = args.only or ("session", "start", "clustering", "finding")
    if "start" in wanted:
        console.print("  start-up …")
        yield from measures.start_up(2 * args.runs + 1)
    if "clustering" in wanted:
        with _folder() as folder:
            for name, path in sessions.write_times(folder).items():
                console.print(f"  clustering {name} …")
                yield from measures.clustering(name, path, args.runs)
    if "finding" in wanted:
        with _folder() as folder:
            console.print(f"  finding among {TREE_FILES} files …")
            yield from measures.finding(sessions.write_tree(folder / "tree", TREE_FILES), TREE_FILES, args.runs)
    if "session" in wanted:
        with _folder() as folder:
            console.print("  a session of 39 DM files …")
            facility = sessions.copy_session(folder, args.files) if args.files else sessions.write_session(folder)
            size_mb = sum(path.stat().st_size for path in facility.files) / 1e6
            about = f"session of 39 {'real' if args.files else 'written'} DM files, {size_mb:.0f} MB"
            yield from measures.session(about, facility, args.runs)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="nexuslims-bench-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
