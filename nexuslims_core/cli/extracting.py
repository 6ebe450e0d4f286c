"""``nexuslims extract``."""

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.cli.paths import absolute, path_fields
from nexuslims_core.cli.progress import progress

if TYPE_CHECKING:  # this command's help must not wait for the readers
    from datetime import tzinfo

    from nexuslims_core.datasets.models import Dataset, Metadata, Outcome
    from nexuslims_core.files.models import FoundFile


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the files and where to write."""
    parser.add_argument("paths", nargs="+", type=absolute, metavar="PATH")
    parser.add_argument("--out", type=absolute, metavar="DIR", help="write JSON and previews there; default: nowhere")
    parser.add_argument("--instrument", metavar="PID", help="whose clock the files' times follow; default: UTC")


def run(args: argparse.Namespace) -> Answer:
    """Read every file, each in a child process and whatever is known of it; every path is answered."""
    paths: list[Path] = list(dict.fromkeys(args.paths))
    answers = {path: [_unread(path, reason)] for path in paths if (reason := _why_not(path))}
    owners, parts = _belonging([path for path in paths if path not in answers])
    answers |= {part: [_part(part, owner, paths)] for part, owner in owners.items()}
    files = tuple(_found(path, parts.get(path, ())) for path in paths if path not in answers)
    answers |= {outcome.file.path: list(_answers(outcome)) for outcome in _read(files, args)}
    listed = [answer for path in paths for answer in answers[path]]
    return Answer(document=listed, text=_text(listed))


def _why_not(path: Path) -> str | None:
    try:
        if path.is_file() or (path.is_dir() and _is_whole(path)):
            return None
        return "it is no file: name the files in it" if path.is_dir() else "there is no such file"
    except (OSError, ValueError) as error:
        return f"it cannot be looked at: {error}"


def _is_whole(folder: Path) -> bool:
    """Tell whether a folder is one dataset."""
    from nexuslims_core.extractors.choosing import catalogue
    from nexuslims_core.files.ignoring import wanted

    return wanted(None, (), catalogue().companions).is_whole(folder.name)


def _belonging(paths: Sequence[Path]) -> tuple[dict[Path, Path], dict[Path, tuple[Path, ...]]]:
    """Return the datasets that some of the paths are only part of, and the parts of the others, asked for or not."""
    from nexuslims_core.extractors.choosing import catalogue
    from nexuslims_core.files.parts import parts_of

    beside = {str(path) for path in paths}
    for folder in {path.parent for path in paths}:
        with suppress(OSError), os.scandir(folder) as entries:
            beside.update(entry.path for entry in entries)
    attached = {Path(owner): tuple(map(Path, own)) for owner, own in parts_of(beside, catalogue().companions).items()}
    owners = {part: owner for owner, own in attached.items() for part in own}
    belonging = {path: owners[path] for path in paths if path in owners and _why_not(owners[path]) is None}
    return belonging, attached


def _part(path: Path, owner: Path, paths: Sequence[Path]) -> dict[str, Any]:
    """Answer for a part; where nobody asked for its dataset, say what to ask for."""
    reason = None if owner in paths else f"its data are read with {owner.name}, which it belongs to: name that file"
    return {**_blank(path), "status": "part", "of_path": str(owner), "reason": reason}


def _found(path: Path, parts: Sequence[Path]) -> "FoundFile":
    from nexuslims_core.files.models import FoundFile
    from nexuslims_core.files.sightings import Sighting

    sighting = Sighting.at(str(path))
    return FoundFile(path=path, size=sighting.size, mtime=sighting.mtime, parts=tuple(parts))


def _read(files: tuple["FoundFile", ...], args: argparse.Namespace) -> tuple["Outcome", ...]:
    from nexuslims_core.config import load_settings
    from nexuslims_core.extractors.base import Source
    from nexuslims_core.instruments.profiles.loading import load_profiles, profiles_of
    from nexuslims_core.reading.jobs import Job
    from nexuslims_core.reading.limits import Limits
    from nexuslims_core.reading.outputs import Mirror
    from nexuslims_core.reading.pool import read_files

    if not files:
        return ()
    shared = Path(os.path.commonpath([file.path.parent for file in files]))
    chosen = load_settings(filestore_path=shared, data_path=args.out or shared)
    limits = Limits(workers=chosen.workers, timeout_s=chosen.file_timeout_s, memory_mb=chosen.file_memory_mb)
    mirror = Mirror(filestore=shared, data_path=args.out) if args.out else None
    zone, profiles = _zone(args.instrument), profiles_of(args.instrument, load_profiles(chosen.profiles_path))
    jobs = [
        Job(source=Source(file=f, zone=zone, instrument_pid=args.instrument), mirror=mirror, profiles=profiles)
        for f in files
    ]
    with progress(f"reading {len(files)} files") as tell:
        return read_files(jobs, limits, done=lambda outcome: tell(outcome.file.path.name))


def _zone(instrument_pid: str | None) -> "tzinfo":
    if instrument_pid is None:
        from datetime import UTC

        return UTC
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database

    return Database.open(load_settings().database_url).instrument(instrument_pid).zone


def _answers(outcome: "Outcome") -> Iterator[dict[str, Any]]:
    from nexuslims_core.datasets.models import Unreadable

    if isinstance(outcome, Unreadable):
        yield _unread(outcome.file.path, outcome.reason)
        return
    for dataset in outcome.datasets:
        yield _blank(outcome.file.path) | _told(dataset)


def _unread(path: Path, reason: str) -> dict[str, Any]:
    return {**_blank(path), "status": "unreadable", "reason": reason}


def _blank(path: Path) -> dict[str, Any]:
    return {
        **path_fields(path),
        "status": None,
        "of_path": None,
        "extractor": None,
        "dataset_type": None,
        "data_type": None,
        "creation_time": None,
        "metadata": {},
        "preview": None,
        "json": None,
        "reason": None,
        "signal": 0,
        "of": 1,
    }


def _told(dataset: "Dataset") -> dict[str, Any]:
    metadata = dataset.metadata
    return {
        "status": "extracted",
        "extractor": dataset.extractor,
        "dataset_type": metadata.dataset_type.value,
        "data_type": metadata.data_type,
        "creation_time": metadata.creation_time.isoformat() if metadata.creation_time else None,
        "metadata": _values(metadata),
        "preview": str(dataset.preview) if dataset.preview else None,
        "json": str(dataset.json) if dataset.json else None,
        "signal": dataset.signal,
        "of": dataset.of,
    }


def _values(metadata: "Metadata") -> dict[str, dict[str, Any]]:
    from nexuslims_core.quantities import Quantity

    return {
        name: {
            "value": value.value if isinstance(value, Quantity) else value,
            "unit": value.unit if isinstance(value, Quantity) else None,
            "warning": name in metadata.warnings,
        }
        for name, value in metadata.entries.items()
    }


def _text(answers: list[dict[str, Any]]) -> str:
    rows = [
        (a["path"], a["status"], a["extractor"], a["data_type"], len(a["metadata"]), a["of_path"] or a["reason"])
        for a in answers
    ]
    return table(("file", "status", "extractor", "data type", "values", "why, or part of"), rows)
