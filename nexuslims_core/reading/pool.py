"""Files read in child processes with limits: what a reader does to its process, it does to one file, never to a record.

This side only asks. A ward (:mod:`nexuslims_core.reading.ward`), a process of its own, forks the workers that open the
files and ends those that go astray; it ends with the call. Nothing here imports a reader.
"""

import logging
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from socket import socket

from nexuslims_core import codec
from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.models import Extracted, Outcome
from nexuslims_core.errors import ConfigurationError, ReadingError, StorageError
from nexuslims_core.reading import frames
from nexuslims_core.reading.frames import ANSWER, Kind, Request
from nexuslims_core.reading.jobs import Job, unreadable, without_picture
from nexuslims_core.reading.limits import Limits
from nexuslims_core.reading.starting import Wards

OPEN_FILE = "nexuslims_core.reading.opening:open_file"
log = logging.getLogger(__name__)


def read_files(
    jobs: Sequence[Job],
    limits: Limits,
    *,
    work: str = OPEN_FILE,
    done: Callable[[Outcome], None] = lambda _outcome: None,
    wards: Wards | None = None,
) -> tuple[Outcome, ...]:
    """Open every file, the largest first, and return what became of each, in the order of ``jobs``.

    Parameters
    ----------
    work
        What is done to each file in a worker, as ``module:function``.
    done
        Called with each outcome as it comes, for a progress display.
    wards
        Where there may be a ward that was started ahead.

    Raises
    ------
    StorageError
        If what is learnt cannot be written; that is no file's fault.
    ReadingError
        If the processes that read files cannot work.
    ConfigurationError
        If an extractor cannot be imported.
    """
    if not jobs:
        return ()
    order = _order(jobs)
    outcomes: dict[int, Outcome] = {}
    so_far: dict[int, bytes] = {}
    with (wards or Wards()).asked(_request(jobs, limits, work)) as line:
        while len(outcomes) < len(jobs):
            index, kind, said = _next_answer(line)
            if kind is Kind.READY:
                continue
            at = order[index]
            if kind is Kind.PRINTED:
                log.info("%s: its reader printed: %s", jobs[at].source.path, clean_text(_text(said)))
                continue
            if kind is Kind.SO_FAR:
                so_far[at] = said
                continue
            outcomes[at] = _outcome(kind, said, jobs[at], so_far.pop(at, b""))
            done(outcomes[at])
    return tuple(outcomes[i] for i in range(len(jobs)))


def read_ahead(jobs: Sequence[Job], limits: Limits, wards: Wards) -> None:
    """Have files opened already by a ward that was started ahead, if one was: who reads the same files gets those.

    Raises
    ------
    StorageError
        If what is learnt cannot be written.
    """
    if jobs:
        wards.ask_ahead(_request(jobs, limits, OPEN_FILE))


def are_being_read(jobs: Sequence[Job], limits: Limits, wards: Wards) -> bool:
    """Tell whether just these files are being opened ahead, so that some may be known only because of that."""
    asked = wards.asked_ahead
    return bool(asked) and asked == _request(jobs, limits, OPEN_FILE)


def _order(jobs: Sequence[Job]) -> list[int]:
    """Return the places of the jobs, the largest file first, the same files in the same order however they come."""
    return sorted(range(len(jobs)), key=lambda i: (-jobs[i].source.file.size, jobs[i].source.file.path))


def _request(jobs: Sequence[Job], limits: Limits, work: str) -> bytes:
    request = Request(
        work=work,
        limits=limits,
        jobs=tuple(pickle.dumps(jobs[i]) for i in _order(jobs)),
        writable=_writable(jobs),
    )
    return pickle.dumps(request)


def _writable(jobs: Sequence[Job]) -> tuple[str, ...]:
    folders = dict.fromkeys(str(job.mirror.data_path) for job in jobs if job.mirror is not None)
    for folder in folders:
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot write {folder}: {error.strerror or error}") from error
    return tuple(folders)


def _next_answer(line: socket) -> tuple[int, Kind, bytes]:
    message = frames.receive(line)
    if message is None:
        raise ReadingError("the process that watches over the readers ended by itself: try again, and see the log")
    index, kind = ANSWER.unpack_from(message)
    said = message[ANSWER.size :]
    if kind == Kind.REFUSED:
        raise ConfigurationError(_text(said))
    if kind == Kind.STORAGE:
        raise StorageError(_text(said))
    return index, Kind(kind), said


def _outcome(kind: Kind, said: bytes, job: Job, so_far: bytes) -> Outcome:
    if kind is Kind.OUTCOME:
        return _decoded(said, job)
    known = _decoded(so_far, job) if so_far else None
    return (
        without_picture(known, _text(said))
        if isinstance(known, Extracted)
        else unreadable(job.source.file, _text(said))
    )


def _decoded(said: bytes, job: Job) -> Outcome:
    file = job.source.file
    try:
        outcome: Outcome = codec.loads(Outcome, said)  # type: ignore[arg-type]  # a union is a kind too
    except ValueError as error:  # pydantic's ValidationError is one
        log.info("%s: what its reader says cannot be kept: %s", file.path, error)
        return unreadable(file, "what its reader says of it cannot be kept")
    return replace(outcome, file=file)


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace")
