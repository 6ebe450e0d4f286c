"""The files that were modified during the session: a slice of the instrument's scan."""

from nexuslims_core import codec
from nexuslims_core.errors import NoFilesFoundError, StorageError
from nexuslims_core.files.models import FileList, Scan
from nexuslims_core.files.windows import files_between
from nexuslims_core.sessions.models import Claim, Session
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "find_files"


def find_files(facility: Facility, claim: Claim, scan: Scan) -> FileList:
    """Return the session's files, at least one.

    Raises
    ------
    NoFilesFoundError
        If the folder is there and holds none.
    StorageError
        If the folder was not there when it was searched.
    """
    found = perform(
        facility,
        claim,
        STAGE,
        inputs=[codec.encode(scan.root), scan.taken_at, len(scan.files)],
        kind=FileList,
        work=lambda: _slice(claim.session, scan),
    )
    facility.database.note_counts(claim, files=len(found.files))
    return found


def _slice(session: Session, scan: Scan) -> FileList:
    if scan.absent:
        raise StorageError(scan.absent)
    found = files_between(scan, session.dt_from, session.dt_to)
    if not found.files:
        raise NoFilesFoundError(
            f"no file in {scan.root} was modified between {session.dt_from.isoformat()} and {session.dt_to.isoformat()}"
        )
    return found
