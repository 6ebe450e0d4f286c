"""A folder of files read as sessions read them, in child processes with limits, with what each of them cost."""

import json
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path

from typing_extensions import override

from nexuslims_core.datasets.models import Outcome
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import catalogue
from nexuslims_core.files.models import FoundFile
from nexuslims_core.files.scanning import scan_folder
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.opening import open_file
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import read_files

LIMITS = Limits(workers=os.cpu_count() or 1, timeout_s=60, memory_mb=1536)
_SPENT = "spent.jsonl"
_SAMPLE_S = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one file took: seconds of the clock and of the processor, and the most memory that its process held."""

    path: str
    wall_s: float
    cpu_s: float
    peak_mb: int


def files_in(folder: Path, *, ignore: tuple[str, ...] = ()) -> tuple[FoundFile, ...]:
    """Return every dataset below a folder, each with its companions, which are no files of their own.

    Parameters
    ----------
    ignore
        Patterns of names that are no datasets.
    """
    scan = scan_folder(
        folder, instrument_pid="", suffixes=None, ignore=ignore, companions=catalogue().companions, now=time.time()
    )
    return scan.files


def read_all(
    files: Sequence[FoundFile], folder: Path, out: Path, done: Callable[[Outcome], None]
) -> tuple[tuple[Outcome, ...], dict[str, Spent]]:
    """Read files below ``folder`` and write their previews below ``out``.

    Returns
    -------
    outcomes
        In the order of ``files``.
    spent
        By path; a file that ended its process has none.
    """
    (out / _SPENT).unlink(missing_ok=True)
    mirror = Mirror(filestore=folder, data_path=out)
    jobs = [Job(source=Source(file=file, zone=UTC), mirror=mirror) for file in files]
    outcomes = read_files(jobs, LIMITS, work=f"{__name__}:measured", done=done)
    return outcomes, {spent.path: spent for spent in _written(out / _SPENT)}


def _written(path: Path) -> Iterator[Spent]:
    lines = path.read_text().splitlines() if path.exists() else []
    return (Spent(**json.loads(line)) for line in lines)


def measured(job: Job, tell: Callable[[Outcome], None]) -> Outcome:
    """Open one file as sessions do, in a worker, and write down what it took."""
    wall_s, cpu_s, watch = time.perf_counter(), time.process_time(), _Memory()
    watch.start()
    try:
        return open_file(job, tell)
    finally:
        spent = Spent(
            path=str(job.source.path),
            wall_s=time.perf_counter() - wall_s,
            cpu_s=time.process_time() - cpu_s,
            peak_mb=watch.stopped() >> 20,
        )
        if job.mirror is not None:
            with (job.mirror.data_path / _SPENT).open("a") as file:
                file.write(json.dumps(asdict(spent)) + "\n")


class _Memory(threading.Thread):
    """Looks every few milliseconds how much memory this process holds.

    The kernel's own peak is of all files that the process read: it counts only if this one raised it.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._peak, self._end = 0, threading.Event()
        self._before = _most_ever()

    @override
    def run(self) -> None:
        while not self._end.wait(_SAMPLE_S):
            self._look()

    def stopped(self) -> int:
        """End the watch and return the most bytes that were seen."""
        self._end.set()
        self.join()
        self._look()
        most = _most_ever()
        return most if most > self._before else self._peak

    def _look(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self._peak = max(self._peak, pages * os.sysconf("SC_PAGE_SIZE"))


def _most_ever() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
