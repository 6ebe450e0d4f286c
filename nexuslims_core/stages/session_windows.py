"""When a session's files were modified: its time, and what clocks may differ by; no reader is loaded for that."""

from collections.abc import Iterable

from nexuslims_core.files.models import FileList, Scan
from nexuslims_core.files.spans import Window, window
from nexuslims_core.files.windows import files_between
from nexuslims_core.sessions.models import Session
from nexuslims_core.stages.facility import Facility


def windows_of(facility: Facility, sessions: Iterable[Session]) -> tuple[Window, ...]:
    """Return the times that the files of some sessions are looked for in."""
    margin_s = facility.settings.clock_margin_s
    return tuple(window(session.dt_from, session.dt_to, margin_s=margin_s) for session in sessions)


def files_of(facility: Facility, session: Session, scan: Scan) -> FileList:
    """Return the files that were modified during a session, of a scan of its instrument's folder.

    Raises
    ------
    StorageError
        If the folder was absent, or was not searched for that time.
    """
    return files_between(scan, session.dt_from, session.dt_to, margin_s=facility.settings.clock_margin_s)
