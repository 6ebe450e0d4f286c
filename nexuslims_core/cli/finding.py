"""``nexuslims find``."""

import argparse
import os
import time
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.cli.times import in_zone, moment
from nexuslims_core.errors import StorageError
from nexuslims_core.files.models import FileList, FoundFile, Scan


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare where and when."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--instrument", metavar="PID")
    where.add_argument("--root", type=Path, metavar="DIR")
    parser.add_argument("--from", dest="start", type=moment, required=True, metavar="T")
    parser.add_argument("--to", dest="end", type=moment, required=True, metavar="T")


def run(args: argparse.Namespace) -> Answer:
    """Search the folder once and list what was modified in ``[from, to]``."""
    from nexuslims_core.files.windows import files_between

    zone, scan = (UTC, _scan_root(args.root)) if args.root else _scan_instrument(args.instrument)
    if scan.absent:
        raise StorageError(scan.absent)
    found = files_between(scan, in_zone(args.start, zone), in_zone(args.end, zone))
    return Answer(document=[_plain(file) for file in found.files], text=_text(found))


def _scan_instrument(pid: str) -> tuple[Any, Scan]:
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database
    from nexuslims_core.stages.facility import Facility
    from nexuslims_core.stages.scan_storage import scan_storage

    settings = load_settings()
    facility = Facility(settings=settings, database=Database.open(settings.database_url))
    instrument = facility.database.instrument(pid)
    return instrument.zone, scan_storage(facility, instrument)


def _scan_root(root: Path) -> Scan:
    from nexuslims_core.extractors.choosing import companions, known_suffixes
    from nexuslims_core.files.scanning import scan_folder

    folder = root.absolute()
    return scan_folder(
        folder,
        filestore=folder,
        instrument_pid="",
        suffixes=known_suffixes(),
        ignore=(),
        companions=companions(),
        now=time.time(),
    )


def _plain(file: FoundFile) -> dict[str, Any]:
    return {**path_fields(file.path), "size": file.size, "mtime": file.mtime, "parts": [str(p) for p in file.parts]}


def path_fields(path: Path) -> dict[str, str]:
    """Return a path for JSON: as text, and as percent-encoded bytes where it is not UTF-8."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return {"path": str(path), "path_encoded": quote_from_bytes(os.fsencode(path))}
    return {"path": str(path)}


def _text(found: FileList) -> str:
    rows = [(time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(f.mtime)), f.size, f.path) for f in found.files]
    lines = [table(("modified", "bytes", "file"), rows) if rows else "No files."]
    return "\n".join([*lines, *(f"Not searched: {place.path}: {place.reason}" for place in found.unsearched)])
