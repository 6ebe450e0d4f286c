"""Open one file, once: its metadata to JSON, its picture to PNG. Runs in a child process."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nexuslims_core.artefacts import stamps, write_whole
from nexuslims_core.codec import to_json
from nexuslims_core.datasets.models import Dataset, Extracted, Outcome
from nexuslims_core.datasets.plausibility import without_impossible
from nexuslims_core.datasets.profiling import apply_profiles
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Extractor
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.previews.drawing import draw
from nexuslims_core.reading.cache import keep
from nexuslims_core.reading.faults import Faults
from nexuslims_core.reading.jobs import Job, unreadable
from nexuslims_core.reading.neighbours import opened_beside
from nexuslims_core.reading.outputs import jsonable, nx_meta

LARGEST_DOCUMENT = 64 << 20
"""Bytes of one JSON file; a vendor's own tree that takes more is left out of it."""


def open_file(job: Job, tell: Callable[[Outcome], None] = lambda _outcome: None) -> Outcome:
    """Read a file with the extractor that fits it, write the files about it, and keep the outcome for the next time.

    Parameters
    ----------
    tell
        Called with what is known before each picture is drawn, for the case that drawing it ends the process.

    An :class:`ExtractionError` becomes :class:`Unreadable`; whatever else a foreign reader raises ends the job, and the
    pool turns it into the same.
    """
    file, faults = job.source.file, Faults()
    own = (file.path, *file.parts)
    before = stamps(own)
    with opened_beside(file.path) as opened:
        extractor = choose(file.path)
        try:
            outcome: Outcome = _read(job, extractor, faults, tell)
        except ExtractionError as error:
            faults.note(error)
            outcome = unreadable(file, error.reason if file.size else "the file is empty")
    others = stamps(path for path in opened if path not in own)
    if before is not None and others is not None and not faults.passing:
        keep(job, extractor.name, (*before, *others), outcome)
    return outcome


def _read(job: Job, extractor: Extractor, faults: Faults, tell: Callable[[Outcome], None]) -> Extracted:
    signals = extractor.read(job.source)
    if not signals:
        raise ExtractionError(job.source.path, f"the {extractor.name} reader found nothing in it")
    signals = tuple(faults.watching(_corrected(job, extractor, signal)) for signal in signals)
    datasets = [_keep(job, extractor, signal, i, len(signals)) for i, signal in enumerate(signals)]
    if job.mirror is not None:
        for i, signal in enumerate(signals):
            tell(Extracted(file=job.source.file, datasets=tuple(datasets)))
            preview = job.mirror.preview(job.source.path, i, len(signals))
            write_whole(preview, draw(signal))
            datasets[i] = replace(datasets[i], preview=preview)
    return Extracted(file=job.source.file, datasets=tuple(datasets))


def _corrected(job: Job, extractor: Extractor, signal: Signal) -> Signal:
    possible = without_impossible(signal.metadata)
    return replace(signal, metadata=apply_profiles(possible, job.profiles, job.source.path, extractor.name))


def _keep(job: Job, extractor: Extractor, signal: Signal, i: int, of: int) -> Dataset:
    path, mirror = job.source.path, job.mirror
    json = None
    if mirror is not None:
        json = mirror.json(path, i, of)
        write_whole(json, _document(path, extractor, signal, i, of))
    return Dataset(
        name=path.name if of == 1 else f"{path.name} ({i + 1} of {of})",
        metadata=signal.metadata,
        extractor=extractor.name,
        signal=i,
        of=of,
        json=json,
    )


def _document(path: Path, extractor: Extractor, signal: Signal, i: int, of: int) -> bytes:
    told = {
        "nx_meta": nx_meta(signal.metadata),
        "notes": list(signal.metadata.notes),
        "file": path.name,
        "signal": i,
        "of": of,
        "extractor": extractor.name,
    }
    whole = to_json({**told, "native": jsonable(signal.native)})
    if len(whole) <= LARGEST_DOCUMENT:
        return whole
    return to_json({**told, "native": f"left out: with it, this file would have {len(whole) >> 20} MB"})
