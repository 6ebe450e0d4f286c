"""The files that were modified during the session: a slice of the instrument's scan."""

from nexuslims_core import codec
from nexuslims_core.errors import NoFilesFoundError
from nexuslims_core.files.models import FileList, Scan
from nexuslims_core.sessions.models import Claim, Session
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform
from nexuslims_core.stages.session_windows import files_of

STAGE = "find_files"


def find_files(facility: Facility, claim: Claim, scan: Scan) -> FileList:
    """Return the session's files, at least one.

    Raises
    ------
    NoFilesFoundError
        If the folder is there and holds none.
    StorageError
        If the folder was not there when it was searched, or was not searched for the session's time.
    """
    found = perform(
        facility,
        claim,
        STAGE,
        inputs=[codec.encode(scan.root), scan.taken_at, len(scan.files), facility.settings.clock_margin_s],
        kind=FileList,
        work=lambda: _slice(facility, claim.session, scan),
    )
    facility.database.note_counts(claim, files=len(found.files))
    return found


def _slice(facility: Facility, session: Session, scan: Scan) -> FileList:
    found = files_of(facility, session, scan)
    if not found.files:
        raise NoFilesFoundError(
            f"no file in {scan.root} was modified between {session.dt_from.isoformat()} and {session.dt_to.isoformat()}"
        )
    return found
