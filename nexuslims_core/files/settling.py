"""Files that somebody may still be writing: a record is built when there are none."""

from collections.abc import Iterable

from nexuslims_core.files.late import changed_at
from nexuslims_core.files.models import FoundFile
from nexuslims_core.files.sightings import Sighting


def unsettled(files: Iterable[FoundFile], *, now: float, settle_s: float) -> tuple[FoundFile, ...]:
    """Return the files that were changed a moment ago, or are no longer as a scan saw them.

    A file that was just copied with its old time counts as changed: the file server knows when it wrote last. One whose
    part was changed a moment ago, and one that is gone, are among them. One that a fast clock dates far into the future
    is not.

    Parameters
    ----------
    files
        Files as a scan saw them.
    now
        Epoch seconds.
    settle_s
        How long a file must have stayed the same, seconds.
    """
    return tuple(file for file in files if not _settled(file, now, settle_s))


def _settled(file: FoundFile, now: float, settle_s: float) -> bool:
    try:
        sights = [Sighting.at(str(path)) for path in (file.path, *file.parts)]
        changed = [changed_at(path) for path in (file.path, *file.parts)]
    except OSError:
        return False
    mtimes = tuple(sorted(sight.mtime for sight in sights)) if file.mtimes else (sights[0].mtime,)
    same = (sights[0].size, mtimes) == (file.size, file.mtimes or (file.mtime,))
    return same and all(abs(now - moment) > settle_s for moment in (*mtimes, *changed))
