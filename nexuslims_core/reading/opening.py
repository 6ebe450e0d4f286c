"""Open one file, once: its metadata to JSON, its picture to PNG. Runs in a child process."""

from dataclasses import dataclass, replace
from pathlib import Path

from nexuslims_core.artefacts import write_whole
from nexuslims_core.codec import to_json
from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.models import Dataset, Extracted, Outcome, Unreadable
from nexuslims_core.datasets.plausibility import without_impossible
from nexuslims_core.datasets.profiling import apply_profiles
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Extractor, Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.files.models import FoundFile
from nexuslims_core.instruments.profiles.models import Profile
from nexuslims_core.previews.drawing import draw
from nexuslims_core.reading.outputs import Mirror, jsonable, nx_meta

LONGEST_REASON = 500
"""Characters of a reason; some readers explain themselves at length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file to open and where to write what is learnt.

    Attributes
    ----------
    mirror
        None reads the metadata and writes nothing.
    profiles
        Those of the source's instrument, in their order.
    """

    source: Source
    mirror: Mirror | None
    profiles: tuple[Profile, ...] = ()


def open_file(job: Job) -> Outcome:
    """Read a file with the extractor that fits it and write the files about it.

    An :class:`ExtractionError` becomes :class:`Unreadable`; whatever else a foreign reader raises ends the job, and the
    pool turns it into the same.
    """
    extractor = choose(job.source.path)
    try:
        signals = extractor.read(job.source)
    except ExtractionError as error:
        return unreadable(job.source.file, error.reason)
    if not signals:
        return unreadable(job.source.file, f"the {extractor.name} reader found nothing in it")
    signals = tuple(_corrected(job, extractor, signal) for signal in signals)
    datasets = tuple(_keep(job, extractor, signal, i, len(signals)) for i, signal in enumerate(signals))
    return Extracted(file=job.source.file, datasets=datasets)


def unreadable(file: FoundFile, reason: str) -> Unreadable:
    """Return what a record says of a file that could not be read, without the folder that it lies in."""
    return Unreadable(file=file, reason=clean_text(reason.replace(f"{file.path.parent}/", ""))[:LONGEST_REASON])


def _corrected(job: Job, extractor: Extractor, signal: Signal) -> Signal:
    possible = without_impossible(signal.metadata)
    return replace(signal, metadata=apply_profiles(possible, job.profiles, job.source.path, extractor.name))


def _keep(job: Job, extractor: Extractor, signal: Signal, i: int, of: int) -> Dataset:
    path, mirror = job.source.path, job.mirror
    preview = json = None
    if mirror is not None:
        preview, json = mirror.preview(path, i, of), mirror.json(path, i, of)
        write_whole(preview, draw(signal))
        write_whole(json, to_json(_document(path, extractor, signal, i, of)))
    return Dataset(
        name=path.name if of == 1 else f"{path.name} ({i + 1} of {of})",
        metadata=signal.metadata,
        extractor=extractor.name,
        signal=i,
        of=of,
        preview=preview,
        json=json,
    )


def _document(path: Path, extractor: Extractor, signal: Signal, i: int, of: int) -> dict[str, object]:
    return {
        "nx_meta": nx_meta(signal.metadata),
        "notes": list(signal.metadata.notes),
        "file": path.name,
        "signal": i,
        "of": of,
        "extractor": extractor.name,
        "native": jsonable(signal.native),
    }
