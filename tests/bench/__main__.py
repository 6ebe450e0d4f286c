"""``python -m tests.bench``, what `make bench` calls: measures, prints tables, writes build/bench.json.

It measures, says which targets are met, and judges nothing: only a step that fails makes it end with an error. Ratios
are to baselines taken in the same run; on a busy machine trust them and the CPU seconds, not the wall times.

The peer is NexusLIMS 2.8.0 as published, run by its own commands on the same files. Its calendar (NEMO) and its CDCS
are small servers that answer at once, in this process, whose time is not counted; ours builds without either. Memory is
the PSS of all processes, looked at every 10 ms.
"""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from nexuslims_core.errors import NexusLimsError
from tests.bench import airflow_pages, measures, pages, samples, sessions, side_by_side, targets
from tests.bench.figures import Figure, show, write
from tests.bench.finding import finding
from tests.bench.peer.facility import PRODUCT, PeerFacility
from tests.bench.peer.services import nemo_and_cdcs

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "build" / "bench.json"
COLLECTIONS = (ROOT / ".cache" / "em_files", ROOT.parent / "shared" / "data" / "em_files")
"""Where the collection of real files may lie, the unpacked one first."""
TREE_FILES = 20_000
"""So many are written in a few seconds; what we set out to reach is meant for 200,000."""
PARTS = (
    "session",
    "files",
    "large",
    "rebuild",
    "record",
    "pages",
    "start",
    "clustering",
    "finding",
    "ui",
    "throughput",
)
console = Console(stderr=True, highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure; nothing is judged.")
    collection = next((path for path in COLLECTIONS if path.is_dir()), None)
    parser.add_argument(
        "--files", type=Path, default=collection, help="folder of real files; without one, DM files are written"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each measure")
    parser.add_argument("--no-peer", action="store_true", help="leave out NexusLIMS 2.8.0, which is then not installed")
    parser.add_argument("--tree-files", type=int, default=TREE_FILES, help="files of the tree to find files in")
    parser.add_argument("--tree", type=Path, help="where that tree is, or is to be written and kept")
    parser.add_argument("--only", choices=PARTS, action="append")
    args = parser.parse_args()
    try:
        figures = list(_figures(args))
    except NexusLimsError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    wide = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    beside = [each for each in figures if each.name in (side_by_side.OURS, side_by_side.PEER)]
    alone = [each for each in figures if each not in beside]
    for some, table in ((alone, show), (beside, targets.show_targets)):
        if some:
            table(some, wide)
    write(figures, REPORT, {"files": str(args.files or "written"), "runs": args.runs, "peer": not args.no_peer})
    console.print(f"Every run: {REPORT}")
    return 0


def _figures(args: argparse.Namespace) -> Iterator[Figure]:
    wanted = args.only or PARTS
    if "start" in wanted:
        console.print("  start-up …")
        yield from measures.start_up(2 * args.runs + 1)
    if "clustering" in wanted:
        with _folder() as folder:
            for name, path in sessions.write_times(folder).items():
                console.print(f"  clustering {name} …")
                yield from measures.clustering(name, path, args.runs)
    if "finding" in wanted:
        yield from _finding(args)
    if "rebuild" in wanted:
        with _folder() as folder:
            console.print(f"  {targets.REBUILT} …")
            yield from side_by_side.rebuild(targets.REBUILT, sessions.write_many(folder), args.runs)
    parts = {
        "record": _records,
        "pages": _pages,
        "ui": _ui,
        "large": _large,
        "files": _files,
        "session": _session,
        "throughput": _throughput,
    }
    for part, measure in parts.items():
        if part in wanted:
            with _folder() as folder:
                yield from measure(args, folder)


def _finding(args: argparse.Namespace) -> Iterator[Figure]:
    console.print(f"  finding among {args.tree_files:,} files …")
    with _folder() as folder:
        tree = args.tree or folder / "tree"
        if not tree.exists():
            sessions.write_tree(tree, args.tree_files)
        yield from finding(tree, args.tree_files, args.runs)


def _pages(args: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    console.print(f"  pages of {pages.DATASETS} datasets …")
    yield from pages.pages(folder, args.runs)


def _ui(args: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    console.print(f"  Airflow's pages with {airflow_pages.SESSIONS:,} sessions …")
    yield from airflow_pages.airflow_pages(folder, args.runs)


def _records(args: argparse.Namespace, _unused: Path) -> Iterator[Figure]:
    for about, datasets in targets.RECORDS.items():
        console.print(f"  {about} …")
        yield from side_by_side.record(about, datasets, args.runs)


def _throughput(args: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    from tests.bench.throughput import SESSIONS, throughput

    console.print(f"  {SESSIONS} sessions under Airflow's scheduler …")
    yield from throughput(folder, min(args.runs, 2))


def _large(args: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    console.print(f"  {targets.FOUR_D} …")
    path = samples.write_sparse_4d(folder)
    with _peer(args, sessions.Facility(folder=folder)) as peer:
        yield from side_by_side.large(targets.FOUR_D, path, peer, args.runs)


def _files(args: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    console.print("  file by file …")
    paths = dict(samples.by_format(args.files)) if args.files else {}
    paths[targets.LARGE_IMAGE] = (samples.write_large_image(folder),)
    with _peer(args, sessions.Facility(folder=folder)) as peer:
        yield from side_by_side.files(paths, peer, min(args.runs, 2))


def _session(args: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    console.print("  a session of 39 DM files …")
    facility = sessions.copy_session(folder, args.files) if args.files else sessions.write_session(folder)
    about = targets.SESSION if args.files else "session of 39 written DM files"
    with _peer(args, facility) as peer:
        yield from side_by_side.session(about, facility, peer, args.runs)


@contextlib.contextmanager
def _peer(args: argparse.Namespace, facility: sessions.Facility) -> Iterator[PeerFacility | None]:
    """Give the peer, installed on the first call, with the same session to build; None where it is left out."""
    if args.no_peer:
        yield None
        return
    python = PRODUCT.make_venv(ROOT / ".cache" / "nexuslims", lambda step: console.print(f"  {step} …"))
    with nemo_and_cdcs(facility.start.isoformat(), facility.end.isoformat()) as services:
        yield PeerFacility(
            python=python,
            store=facility.store,
            folder=facility.folder / "peer",
            services=services,
            begun=facility.start,
            ended=facility.end,
        )


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="nexuslims-bench-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
