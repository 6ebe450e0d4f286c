"""What reading one file may cost; apart from the pool, so that whoever only names limits loads no reader."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading one file may cost.

    Attributes
    ----------
    workers
        Files that are read at the same time.
    timeout_s
        Seconds for one file; then its process is killed.
    memory_mb
        Memory of one process; a reader that asks for more gets a MemoryError.
    """

    workers: int
    timeout_s: float
    memory_mb: int
