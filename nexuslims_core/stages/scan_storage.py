"""One look at an instrument's folder, which serves all its waiting sessions."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from nexuslims_core.artefacts import confined, save_result
from nexuslims_core.config import FileStrategy, Finder
from nexuslims_core.errors import UnsafePathError
from nexuslims_core.files.models import Scan
from nexuslims_core.files.scanning import scan_folder
from nexuslims_core.files.spans import Window
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.stages.facility import Facility

KEPT = timedelta(days=7)
log = logging.getLogger(__name__)


def scan_storage(facility: Facility, instrument: Instrument, windows: Iterable[Window] | None = None) -> Scan:
    """Return what lies in the instrument's folder; a folder that is not there is a result, not a failure.

    Parameters
    ----------
    windows
        The times that anybody asks for, such as ``windows_of`` returns; None for every time.
    """
    chosen = facility.settings
    try:
        folder = instrument.folder(chosen.filestore_path)
    except UnsafePathError as error:
        folder, absent = chosen.filestore_path, str(error)
        return Scan(
            instrument_pid=instrument.instrument_pid,
            root=folder,
            taken_at=facility.now().timestamp(),
            absent=absent,
        )
    declared = facility.wards.catalogue()
    scan = scan_folder(
        folder,
        filestore=chosen.filestore_path,
        instrument_pid=instrument.instrument_pid,
        suffixes=declared.suffixes if chosen.file_strategy is FileStrategy.EXCLUSIVE else None,
        ignore=chosen.ignore_patterns,
        companions=declared.companions,
        now=facility.now().timestamp(),
        threads=chosen.scan_threads,
        windows=windows,
        with_gnu_find=chosen.finder is Finder.FIND,
    )
    log.info("instrument %s: %s", instrument.instrument_pid, scan.absent or f"{len(scan.files)} files")
    return scan


def scan_path(facility: Facility, instrument_pid: str, run: str) -> Path:
    """Return where the scan of one instrument in one run is kept, so that the sessions of the run share it."""
    names = (quote(name, safe="") for name in (instrument_pid, f"{run}.json"))
    return confined(facility.settings.data_path, "work", "scans", *names)


def keep_scan(facility: Facility, scan: Scan, run: str) -> Path:
    """Write a scan to its file and return where; those of its instrument from before a week are removed."""
    path = scan_path(facility, scan.instrument_pid, run)
    save_result(path, run, scan, Scan)
    _forget_old(path.parent, facility.now() - KEPT)
    return path


def _forget_old(folder: Path, before: datetime) -> None:
    """Remove old scans: each run writes one, and no task of a run is tried again that late."""
    for old in folder.glob("*.json"):
        with suppress(FileNotFoundError):  # another run was faster
            if old.stat().st_mtime < before.timestamp():
                old.unlink()
