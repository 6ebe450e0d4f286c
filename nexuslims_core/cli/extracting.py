"""``nexuslims extract``."""

import argparse
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.cli.finding import path_fields
from nexuslims_core.datasets.models import Dataset, Outcome, Unreadable
from nexuslims_core.files.models import FoundFile
from nexuslims_core.quantities import Quantity

MEMORY_MB = 2048
TIMEOUT_S = 120.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the files and where to write."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write JSON and previews there; default: nowhere")
    parser.add_argument("--instrument", metavar="PID", help="whose clock the files' times follow; default: UTC")


def run(args: argparse.Namespace) -> Answer:
    """Read every file, each in a child process; every path is answered."""
    from nexuslims_core.extractors.choosing import companions
    from nexuslims_core.files.parts import parts_of

    paths = [path.absolute() for path in args.paths]
    there = [path for path in paths if path.is_file()]
    attached = parts_of(map(str, there), companions())
    parts = {Path(part): Path(main) for main, each in attached.items() for part in each}
    files = tuple(_found(path, attached.get(str(path), ())) for path in there if path not in parts)
    outcomes = _read(files, _zone(args.instrument), args)
    answers = [answer for outcome in outcomes for answer in _answers(outcome)]
    answers += [_blank(part) | {"status": "part", "of_path": str(main)} for part, main in parts.items()]
    answers += [
        _blank(p) | {"status": "unreadable", "reason": "there is no such file"} for p in paths if p not in there
    ]
    order = {str(path): i for i, path in enumerate(paths)}
    answers.sort(key=lambda answer: (order[answer["path"]], answer["signal"]))
    missing = any(path not in there for path in paths)
    return Answer(document=answers, text=_text(answers), exit_code=1 if missing else 0)


def _read(files: tuple[FoundFile, ...], zone: tzinfo, args: argparse.Namespace) -> tuple[Outcome, ...]:
    from nexuslims_core.extractors.base import Source
    from nexuslims_core.reading.opening import Job
    from nexuslims_core.reading.outputs import Mirror
    from nexuslims_core.reading.pool import Limits, read_files

    mirror = None
    if args.out and files:
        shared = Path(os.path.commonpath([file.path.parent for file in files]))
        mirror = Mirror(filestore=shared, data_path=args.out.absolute())
    jobs = [Job(source=Source(file=f, zone=zone, instrument_pid=args.instrument), mirror=mirror) for f in files]
    return read_files(jobs, Limits(workers=os.cpu_count() or 1, timeout_s=TIMEOUT_S, memory_mb=MEMORY_MB))


def _zone(instrument_pid: str | None) -> tzinfo:
    if instrument_pid is None:
        return UTC
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database

    return Database.open(load_settings().database_url).instrument(instrument_pid).zone


def _found(path: Path, parts: Sequence[str]) -> FoundFile:
    stat = path.stat()
    return FoundFile(path=path, size=stat.st_size, mtime=stat.st_mtime, parts=tuple(map(Path, parts)))


def _answers(outcome: Outcome) -> Iterator[dict[str, Any]]:
    if isinstance(outcome, Unreadable):
        yield _blank(outcome.file.path) | {"status": "unreadable", "reason": outcome.reason}
        return
    for dataset in outcome.datasets:
        yield _blank(outcome.file.path) | _told(dataset)


def _blank(path: Path) -> dict[str, Any]:
    nothing = ("of_path", "extractor", "dataset_type", "data_type", "creation_time", "preview", "json", "reason")
    return {**path_fields(path), "metadata": {}, "signal": 0, "of": 1, **dict.fromkeys(nothing)}


def _told(dataset: Dataset) -> dict[str, Any]:
    metadata = dataset.metadata
    return {
        "status": "extracted",
        "extractor": dataset.extractor,
        "dataset_type": metadata.dataset_type.value,
        "data_type": metadata.data_type,
        "creation_time": metadata.creation_time.isoformat() if metadata.creation_time else None,
        "metadata": {
            name: {
                "value": value.value if isinstance(value, Quantity) else value,
                "unit": value.unit if isinstance(value, Quantity) else None,
                "warning": name in metadata.warnings,
            }
            for name, value in metadata.entries.items()
        },
        "preview": str(dataset.preview) if dataset.preview else None,
        "json": str(dataset.json) if dataset.json else None,
        "signal": dataset.signal,
        "of": dataset.of,
    }


def _text(answers: list[dict[str, Any]]) -> str:
    rows = [
        (a["path"], a["status"], a["extractor"], a["data_type"], len(a["metadata"]), a["reason"] or a["of_path"])
        for a in answers
    ]
    return table(("file", "status", "extractor", "data type", "values", ""), rows)
