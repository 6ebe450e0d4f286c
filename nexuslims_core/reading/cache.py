"""What became of a file, kept for the next time: the same file, reader and rules give the same answer unread.

An entry stands for the content of a file by the path, size and modification time (to the nanosecond) of everything that
was opened for it. It counts only while all of them, and the files that were written, are as they were. It is one JSON
file with its own digest, put in place by a rename: half an entry, or one of another release, is none.

What may be otherwise the next time is not kept: lack of time or memory, a crash, an error of the file system, a file
that was being written.
"""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from nexuslims_core import previews
from nexuslims_core.artefacts import Stamp, digest, fingerprint, load_result, save_result, sha256, stamps
from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.extractors.choosing import standing
from nexuslims_core.instruments.profiles import loading
from nexuslims_core.instruments.profiles.models import Profile
from nexuslims_core.reading.jobs import Job

FORM = 1
"""Raised when what is kept, the JSON beside a preview, or what is done to the metadata of every file changes."""

SETTLED_S = 3.0
"""Seconds since a file was modified, below which its times are too coarse to tell whether it will be again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is kept of one file.

    Attributes
    ----------
    reader, standing
        Name of the extractor that read it, and what :func:`choosing.standing` said then.
    read, written
        All files that were opened for it, and all that were written.
    """

    reader: str
    standing: str
    read: tuple[Stamp, ...]
    written: tuple[Stamp, ...]
    outcome: Extracted | Unreadable


def recipe(profiles: tuple[Profile, ...]) -> str:
    """Return the digest of all that decides what is made of a file, beside the file, its source and its reader."""
    return digest([FORM, previews.VERSION, loading.digest(profiles)])


def recall(job: Job) -> Outcome | None:
    """Return what became of a file the last time, if it would now become the same; the file is not opened."""
    place = _place(job)
    known = load_result(place, _inputs(job), Known) if place else None
    if known is None or known.standing != standing(job.source.path.suffix.lower(), known.reader):
        return None
    expected = (*known.read, *known.written)
    if stamps(path for path, _, _ in expected) != expected:
        return None
    return replace(known.outcome, file=job.source.file)


def keep(job: Job, reader: str, read: tuple[Stamp, ...], outcome: Outcome) -> None:
    """Keep what became of a file for the next time, unless the file has changed meanwhile or may be about to.

    Parameters
    ----------
    read
        What was opened for it, as it was before.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    place = _place(job)
    if place is None or stamps(path for path, _, _ in read) != read or not _settled(read):
        return
    datasets = outcome.datasets if isinstance(outcome, Extracted) else ()
    made = [path for dataset in datasets for path in (dataset.preview, dataset.json) if path is not None]
    written = stamps(made)
    if written is None:
        return
    stands = standing(job.source.path.suffix.lower(), reader)
    known = Known(reader=reader, standing=stands, read=read, written=written, outcome=outcome)
    save_result(place, _inputs(job), known, Known)


def _settled(read: tuple[Stamp, ...]) -> bool:
    latest = max(mtime_ns for _, _, mtime_ns in read) / 1e9
    return not 0 <= time.time() - latest < SETTLED_S


def _place(job: Job) -> Path | None:
    if job.mirror is None or not job.recipe:
        return None
    name = sha256(os.fsencode(job.source.path))
    return job.mirror.data_path / f"work/read/{name[:2]}/{name}.json"


def _inputs(job: Job) -> str:
    source = job.source
    return digest([job.recipe, fingerprint(source.file), str(source.zone), source.instrument_pid, _roots(job)])


def _roots(job: Job) -> list[str]:
    return [repr(job.mirror.filestore), repr(job.mirror.data_path)] if job.mirror else []
