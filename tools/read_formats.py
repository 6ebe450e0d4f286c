"""``python -m tools.read_formats FOLDER``, what `make formats` calls: read all files below a folder, tell what came.

Files go through the reading pool as those of a session do, with their companions, and the pictures are drawn.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nexuslims_core.cli.answers import table
from nexuslims_core.cli.progress import progress
from nexuslims_core.datasets.models import DatasetType, Extracted, Metadata, Outcome, Unreadable
from nexuslims_core.errors import NexusLimsError
from tools.read_folder import Spent, files_in, read_all

_OF_NUMBERS = frozenset(
    {"Data Dimensions", "Pixel Width", "Pixel Height", "Dispersion", "Time Step", "Step Size X", "Step Size Y"}
)
"""Names of values that tell of the numbers, not of the instrument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One file that was read.

    Attributes
    ----------
    spent
        What it took; None where its process was ended.
    """

    outcome: Outcome
    spent: Spent | None = None

    @property
    def path(self) -> Path:
        """The file that was opened."""
        return self.outcome.file.path

    @property
    def seconds(self) -> float:
        """Seconds on the clock; zero where nobody knows."""
        return self.spent.wall_s if self.spent else 0.0

    @property
    def memory_mb(self) -> int:
        """The most memory that its process held; zero where nobody knows."""
        return self.spent.peak_mb if self.spent else 0

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


def read_folder(folder: Path, data: Path, *, ignore: tuple[str, ...] = ()) -> tuple[Reading, ...]:
    """Read every dataset below a folder, and return what became of each, by path.

    Parameters
    ----------
    data
        An empty folder, for pictures and measures.
    ignore
        Patterns of names that are no datasets.
    """
    files = files_in(folder, ignore=ignore)
    with progress(f"reading {len(files)} files") as tell:
        outcomes, spent = read_all(files, folder, data, lambda outcome: tell(outcome.file.path.name))
    readings = (Reading(outcome=one, spent=spent.get(str(one.file.path))) for one in outcomes)
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
        max(reading.memory_mb for reading in group),
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


if __name__ == "__main__":
    sys.exit(main())
