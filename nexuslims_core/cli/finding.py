"""``nexuslims find``."""

import argparse
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nexuslims_core.cli.answers import Answer, WrongUsageError, table
from nexuslims_core.cli.paths import absolute, path_fields
from nexuslims_core.cli.progress import progress
from nexuslims_core.cli.times import in_zone, moment
from nexuslims_core.errors import StorageError

if TYPE_CHECKING:  # this command's help must not wait for the readers
    from datetime import tzinfo

    from nexuslims_core.files.models import FileList, FoundFile, Scan

    Ends = tuple[datetime, datetime]


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

    scan, asked = _scan_root(args) if args.root else _scan_instrument(args)
    if scan.absent:
        raise StorageError(scan.absent)
    found = files_between(scan, *asked)
    return Answer(
        document=[_plain(file) for file in found.files], text=_text(found), complaints=list(_not_searched(found))
    )


def _scan_instrument(args: argparse.Namespace) -> tuple["Scan", "Ends"]:
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database
    from nexuslims_core.files.spans import window
    from nexuslims_core.stages.facility import Facility
    from nexuslims_core.stages.scan_storage import scan_storage

    settings = load_settings()
    facility = Facility(settings=settings, database=Database.open(settings.database_url))
    instrument = facility.database.instrument(args.instrument)
    asked = _ends(args, instrument.zone)
    with progress("searching"):
        return scan_storage(facility, instrument, [window(*asked)]), asked


def _scan_root(args: argparse.Namespace) -> tuple["Scan", "Ends"]:
    from nexuslims_core.config import FileStrategy, Finder, load_settings
    from nexuslims_core.extractors.choosing import catalogue
    from nexuslims_core.files.scanning import scan_folder
    from nexuslims_core.files.spans import window

    if not args.root.is_dir():
        raise StorageError(f"{args.root} is no folder: name one that is there")
    asked = _ends(args, UTC)
    chosen = load_settings(filestore_path=args.root, data_path=args.root)
    with progress("searching"):
        scan = scan_folder(
            args.root,
            instrument_pid="",
            suffixes=catalogue().suffixes if chosen.file_strategy is FileStrategy.EXCLUSIVE else None,
            ignore=chosen.ignore_patterns,
            companions=catalogue().companions,
            now=time.time(),
            threads=chosen.scan_threads,
            windows=[window(*asked)],
            with_gnu_find=chosen.finder is Finder.FIND,
        )
    return scan, asked


def _ends(args: argparse.Namespace, zone: "tzinfo") -> "Ends":
    """Return the first and the last moment asked for, aware."""
    start, end = in_zone(args.start, zone), in_zone(args.end, zone)
    if end < start:
        raise WrongUsageError(f"--from {start.isoformat()} is after --to {end.isoformat()}: swap them")
    return start, end


def _plain(file: "FoundFile") -> dict[str, Any]:
    return {**path_fields(file.path), "size": file.size, "mtime": file.mtime, "parts": [str(p) for p in file.parts]}


def _text(found: "FileList") -> str:
    rows = [(time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(f.mtime)), f.size, f.path) for f in found.files]
    return "\n".join([table(("modified", "bytes", "file"), rows) if rows else "No files.", *_not_searched(found)])


def _not_searched(found: "FileList") -> list[str]:
    return [f"not searched: {place.path}: {place.reason}" for place in found.unsearched]
