"""``nexuslims find``."""

import argparse
import time
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core.cli.answers import Answer, WrongUsageError, table
from nexuslims_core.cli.paths import absolute, path_fields
from nexuslims_core.cli.progress import progress
from nexuslims_core.cli.times import in_zone, moment
from nexuslims_core.errors import StorageError

if TYPE_CHECKING:  # this command's help must not wait for the readers
    from datetime import tzinfo

    from nexuslims_core.files.models import FileList, FoundFile, Scan


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare where and when."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--instrument", metavar="PID")
    where.add_argument("--root", type=absolute, metavar="DIR")
    parser.add_argument("--from", dest="start", type=moment, required=True, metavar="T")
    parser.add_argument("--to", dest="end", type=moment, required=True, metavar="T")


def run(args: argparse.Namespace) -> Answer:
    """Search the folder once and list what was modified in ``[from, to]``."""
    from nexuslims_core.files.windows import files_between

    with progress("searching"):
        zone, scan = (UTC, _scan_root(args.root)) if args.root else _scan_instrument(args.instrument)
    if scan.absent:
        raise StorageError(scan.absent)
    start, end = in_zone(args.start, zone), in_zone(args.end, zone)
    if end < start:
        raise WrongUsageError(f"--from {start.isoformat()} is after --to {end.isoformat()}: swap them")
    found = files_between(scan, start, end)
    return Answer(
        document=[_plain(file) for file in found.files], text=_text(found), complaints=list(_not_searched(found))
    )


def _scan_instrument(pid: str) -> tuple["tzinfo", "Scan"]:
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database
    from nexuslims_core.stages.facility import Facility
    from nexuslims_core.stages.scan_storage import scan_storage

    settings = load_settings()
    facility = Facility(settings=settings, database=Database.open(settings.database_url))
    instrument = facility.database.instrument(pid)
    return instrument.zone, scan_storage(facility, instrument)


def _scan_root(root: Path) -> "Scan":
    from nexuslims_core.config import FileStrategy, load_settings
    from nexuslims_core.extractors.choosing import companions, known_suffixes
    from nexuslims_core.files.scanning import scan_folder

    if not root.is_dir():
        raise StorageError(f"{root} is no folder: name one that is there")
    chosen = load_settings(filestore_path=root, data_path=root)
    return scan_folder(
        root,
        instrument_pid="",
        suffixes=known_suffixes() if chosen.file_strategy is FileStrategy.EXCLUSIVE else None,
        ignore=chosen.ignore_patterns,
        companions=companions(),
        now=time.time(),
        threads=chosen.scan_threads,
    )


def _plain(file: "FoundFile") -> dict[str, Any]:
    return {**path_fields(file.path), "size": file.size, "mtime": file.mtime, "parts": [str(p) for p in file.parts]}


def _text(found: "FileList") -> str:
    rows = [(time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(f.mtime)), f.size, f.path) for f in found.files]
    return "\n".join([table(("modified", "bytes", "file"), rows) if rows else "No files.", *_not_searched(found)])


def _not_searched(found: "FileList") -> list[str]:
    return [f"not searched: {place.path}: {place.reason}" for place in found.unsearched]
