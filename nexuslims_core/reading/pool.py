"""Child processes with limits: what a reader does to its process, it does to one file, never to a record.

Pebble keeps the pool alive through crashes and time-outs. Children come from a fork server that has already imported
the readers, so each starts in milliseconds and none inherits threads or locks of the caller.
"""

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as PoolTimeoutError
from contextlib import contextmanager

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from nexuslims_core.datasets.models import Outcome
from nexuslims_core.errors import StorageError
from nexuslims_core.files.models import FoundFile
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.opening import Job, open_file, unreadable

PRELOADED = ("nexuslims_core.reading.opening",)


def read_files(
    jobs: Sequence[Job],
    limits: Limits,
    *,
    work: Callable[[Job], Outcome] = open_file,
    done: Callable[[Outcome], None] = lambda _outcome: None,
) -> tuple[Outcome, ...]:
    """Open every file, the largest first, and return what became of each, in the order of ``jobs``.

    Parameters
    ----------
    work
        What is done to each file in a child; importable by its module's name.
    done
        Called with each outcome as it comes, for a progress display.

    Raises
    ------
    StorageError
        If what is learnt cannot be written; that is no file's fault.
    """
    if not jobs:
        return ()
    with _pool(min(limits.workers, len(jobs)), limits) as pool:
        by_size = sorted(range(len(jobs)), key=lambda i: -jobs[i].source.file.size)
        futures = {i: pool.schedule(work, args=[jobs[i]], timeout=limits.timeout_s) for i in by_size}
        outcomes = {}
        for i in by_size:
            outcomes[i] = _outcome(futures[i], jobs[i].source.file, limits)
            done(outcomes[i])
    return tuple(outcomes[i] for i in range(len(jobs)))


def _outcome(future: ProcessFuture[Outcome], file: FoundFile, limits: Limits) -> Outcome:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, StorageError):  # not the file's fault
        raise error
    return unreadable(file, _reason(error, limits))


def _reason(error: BaseException, limits: Limits) -> str:
    if isinstance(error, PoolTimeoutError):
        return f"reading it took longer than {limits.timeout_s:g} s, so it was stopped"
    if isinstance(error, ProcessExpired):
        code = error.exitcode or 0
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"its reader crashed ({how})"
    if isinstance(error, MemoryError):
        return f"reading it needs more than the {limits.memory_mb} MB that one file may take"
    return f"its reader failed: {type(error).__name__}: {error}"


@contextmanager
def _pool(workers: int, limits: Limits) -> Iterator[ProcessPool]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    with _no_main_module():
        pool = ProcessPool(max_workers=workers, context=context, initializer=_settle, initargs=[limits.memory_mb])
        try:
            yield pool
            pool.close()  # type: ignore[no-untyped-call]  # pebble's, as the two below
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def _settle(memory_mb: int) -> None:
    """Bound the private memory of this process (mapped files do not count), and send what readers print to stderr."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Keep children from importing the caller's main program again.

    Under Airflow that program is ``airflow`` itself, which ends every child at once.
    """
    main = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    for name in kept:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)
