"""A folder of files read as sessions read them, in child processes with limits, with what each of them cost."""

import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path

from typing_extensions import override

from nexuslims_core.datasets.models import Outcome
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import companions
from nexuslims_core.files.models import FoundFile
from nexuslims_core.files.parts import parts_of
from nexuslims_core.reading.jobs import Job
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.opening import open_file
from nexuslims_core.reading.outputs import Mirror
from nexuslims_core.reading.pool import read_files

LIMITS = Limits(workers=2, timeout_s=60, memory_mb=1536)
_SPENT = "spent.jsonl"
_SAMPLE_S = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one file took: seconds of the clock and of the processor, and the most memory that its process held."""

    path: str
    wall_s: float
    cpu_s: float
    peak_mb: int


def read_files_of(
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
    lines = (out / _SPENT).read_text().splitlines() if (out / _SPENT).exists() else []
    return outcomes, {spent.path: spent for spent in (Spent(**json.loads(line)) for line in lines)}


def found(folder: Path) -> tuple[FoundFile, ...]:
    """Return the files below a folder, each with its companions, which are no files of their own."""
    paths = {str(path): path for path in sorted(folder.rglob("*")) if path.is_file()}
    parts = parts_of(set(paths), companions())
    attached = {part for own in parts.values() for part in own}
    return tuple(
        FoundFile(path=path, size=stat.st_size, mtime=stat.st_mtime, parts=tuple(map(Path, parts.get(name, ()))))
        for name, path in paths.items()
        if name not in attached and (stat := path.stat())
    )


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
    """Looks every few milliseconds how much memory this process holds; the kernel's own peak is of all files."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._peak, self._end = 0, threading.Event()

    @override
    def run(self) -> None:
        while not self._end.wait(_SAMPLE_S):
            self._look()

    def stopped(self) -> int:
        """End the watch and return the most bytes that were seen."""
        self._end.set()
        self.join()
        self._look()
        return self._peak

    def _look(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self._peak = max(self._peak, pages * os.sysconf("SC_PAGE_SIZE"))
