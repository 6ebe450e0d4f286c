"""``python tools/read_formats.py FOLDER``, what `make formats` calls: read all files below a folder, tell what came.

Files go through the reading pool as those of a session do, with their companions, and the pictures are drawn. Times and
memory are measured in the process that reads: seconds on the clock, and the most memory that the process had by then if
this file made it grow, else what it had when it was done.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # processes that read import this file as tools.…

from nexuslims_core.cli.answers import table
from nexuslims_core.cli.progress import progress
from nexuslims_core.datasets.models import DatasetType, Extracted, Metadata, Outcome, Unreadable
from nexuslims_core.errors import NexusLimsError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import companions
from nexuslims_core.files.scanning import scan_folder
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.opening import open_file
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import read_files

LIMITS = Limits(workers=os.cpu_count() or 1, timeout_s=60, memory_mb=1536)
_MEASURED = "tools.read_formats:measured"
_OF_NUMBERS = frozenset(
    {"Data Dimensions", "Pixel Width", "Pixel Height", "Dispersion", "Time Step", "Step Size X", "Step Size Y"}
)
"""Names of values that tell of the numbers, not of the instrument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One file that was read.

    Attributes
    ----------
    seconds, memory_mb
        What it took; zero where its process was ended.
    """

    outcome: Outcome
    seconds: float = 0.0
    memory_mb: float = 0.0

    @property
    def path(self) -> Path:
        """The file that was opened."""
        return self.outcome.file.path

    @property
    def format(self) -> str:
        """Its suffix in lower case, which stands for the format."""
        return self.path.suffix.lower() or "(none)"

    @property
    def says_more(self) -> bool:
        """Whether more is known than that there is a file: the kind of its data, and at least one value."""
        return any(one.dataset_type is not DatasetType.UNKNOWN and one.entries for one in self._metadata)

    @property
    def has_settings(self) -> bool:
        """Whether a value tells of the instrument, the specimen or the operator."""
        return any(one.entries.keys() - _OF_NUMBERS for one in self._metadata)

    @property
    def _metadata(self) -> tuple[Metadata, ...]:
        datasets = () if isinstance(self.outcome, Unreadable) else self.outcome.datasets
        return tuple(dataset.metadata for dataset in datasets)


def measured(job: Job, tell: Callable[[Outcome], None]) -> Outcome:
    """Open a file as the pool does, and write down what it took."""
    before, begun = _most_memory_mb(), time.monotonic()
    outcome = open_file(job, tell)
    seconds, after = time.monotonic() - begun, _most_memory_mb()
    if job.mirror is not None:
        told = {"path": str(job.source.path), "s": seconds, "mb": after if after > before else _memory_mb()}
        with (job.mirror.data_path / f"measured-{os.getpid()}").open("a") as file:
            file.write(json.dumps(told) + "\n")
    return outcome


def read_folder(folder: Path, data: Path, *, ignore: tuple[str, ...] = ()) -> tuple[Reading, ...]:
    """Read every dataset below a folder, and return what became of each, by path.

    Parameters
    ----------
    data
        An empty folder, for pictures and measures.
    ignore
        Patterns of names that are no datasets.
    """
    scan = scan_folder(
        folder,
        instrument_pid="",
        suffixes=None,
        ignore=ignore,
        companions=companions(),
        now=time.time(),
    )
    mirror = Mirror(filestore=folder, data_path=data)
    jobs = [Job(source=Source(file=file, zone=UTC), mirror=mirror) for file in scan.files]
    with progress(f"reading {len(jobs)} files") as tell:
        outcomes = read_files(jobs, LIMITS, work=_MEASURED, done=lambda outcome: tell(outcome.file.path.name))
    took = _measures(data)
    readings = (Reading(outcome=one, **took.get(str(one.file.path), {})) for one in outcomes)
    return tuple(sorted(readings, key=lambda reading: reading.path))


def main() -> int:
    """Read a folder and print the tables."""
    parser = argparse.ArgumentParser(description="Read every file below a folder and tell what came of it.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", action="store_true", help="print a line for every dataset")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="formats-") as data:
        try:
            readings = read_folder(args.folder.absolute(), Path(data))
        except NexusLimsError as error:
            print(f"formats: {error}", file=sys.stderr)
            return 1
    if not readings:
        print(f"formats: no file below {args.folder}", file=sys.stderr)
        return 1
    print(_by_format(readings))
    print()
    if args.every:
        print(_every(readings, args.folder.absolute()), "\n", sep="")
    print(_why_not(readings, args.folder.absolute()))
    return 0


def _by_format(readings: tuple[Reading, ...]) -> str:
    groups: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[reading.format].append(reading)
    rows = [_row(name, groups[name]) for name in sorted(groups)]
    heading = (
        "format",
        "files",
        "parts",
        "extracted",
        "says more",
        "settings",
        "unreadable",
        "slowest (s)",
        "memory (MB)",
    )
    return table(heading, [*rows, _row("all", readings)])


def _row(name: str, group: Iterable[Reading]) -> tuple[object, ...]:
    group = list(group)
    extracted = sum(isinstance(reading.outcome, Extracted) for reading in group)
    return (
        name,
        len(group),
        sum(len(reading.outcome.file.parts) for reading in group),
        extracted,
        sum(reading.says_more for reading in group),
        sum(reading.has_settings for reading in group),
        len(group) - extracted,
        f"{max(reading.seconds for reading in group):.2f}",
        f"{max(reading.memory_mb for reading in group):.0f}",
    )


def _every(readings: tuple[Reading, ...], folder: Path) -> str:
    rows = [
        (
            reading.path.relative_to(folder),
            dataset.extractor,
            f"{dataset.signal + 1}/{dataset.of}",
            dataset.metadata.dataset_type,
            dataset.metadata.data_type,
            len(dataset.metadata.entries),
        )
        for reading in readings
        if isinstance(reading.outcome, Extracted)
        for dataset in reading.outcome.datasets
    ]
    return table(("file", "extractor", "signal", "dataset type", "data type", "values"), rows)


def _why_not(readings: tuple[Reading, ...], folder: Path) -> str:
    unread = [(reading.path.relative_to(folder), reading.outcome) for reading in readings]
    rows = [(path, outcome.reason) for path, outcome in unread if isinstance(outcome, Unreadable)]
    return table(("unreadable", "why"), rows) if rows else "every file was read"


def _measures(data: Path) -> Mapping[str, dict[str, float]]:
    return {told["path"]: {"seconds": told["s"], "memory_mb": told["mb"]} for told in _told(data)}


def _told(data: Path) -> Iterator[dict[str, Any]]:
    for path in data.glob("measured-*"):
        yield from map(json.loads, path.read_text().splitlines())


def _most_memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _memory_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / (1 << 20)


if __name__ == "__main__":
    sys.exit(main())
