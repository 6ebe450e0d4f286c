"""A file that was found, and all that one scan of an instrument's folder saw."""

from dataclasses import dataclass, fields
from pathlib import Path

from nexuslims_core.codec import AnyPath
from nexuslims_core.files.spans import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One file, or one dataset of several files, as a scan saw it.

    Attributes
    ----------
    path
        Absolute path of the file that a reader opens, or of the folder that is one dataset.
    size
        Bytes of that file, or of all files in that folder.
    mtime
        Its modification time, epoch seconds; of a folder that of the file in it that was modified last. Where only
        parts of a dataset were modified during a session, the list of that session's files has the time of the first
        of them.
    parts
        Companions that belong to the same dataset, such as the ``.ser`` files of an ``.emi``; absolute paths, sorted by
        their numbers, then by path.
    mtimes
        When each file of a dataset of several was modified, epoch seconds, ascending; empty for one file.
    """

    path: AnyPath
    size: int
    mtime: float
    parts: tuple[AnyPath, ...] = ()
    mtimes: tuple[float, ...] = ()


_set_path, _set_size, _set_mtime, _set_parts, _set_mtimes = (
    vars(FoundFile)[each.name].__set__ for each in fields(FoundFile)
)


def found_file(path: Path, size: int, mtime: float) -> FoundFile:
    """Return a dataset of one file in half the time, since a search makes tens of thousands.

    A frozen class looks up, field by field, whether it may be written to; its fields may be before anybody has it.
    """
    made = object.__new__(FoundFile)
    _set_path(made, path)
    _set_size(made, size)
    _set_mtime(made, mtime)
    _set_parts(made, ())
    _set_mtimes(made, ())
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsearched:
    """A place that a scan could not look into, and why."""

    path: AnyPath
    reason: str


class _Indexed:
    """Where a noun keeps what follows from its fields; no part of its value."""

    __slots__ = ("_several",)
    _several: "tuple[FoundFile, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(_Indexed):
    """What one walk through an instrument's folder found.

    Attributes
    ----------
    instrument_pid, root
        Whose folder it is, and where.
    taken_at
        When the walk began, epoch seconds.
    files
        Everything that may belong to a record and was modified in one of the windows, sorted by modification time, then
        path; of a dataset of several files one must have been.
    unsearched
        Places that could not be looked into.
    absent
        Why the folder counts as not there (unmounted, missing), or None. An absent folder is never "no files".
    windows
        The times that were looked for, ascending and apart; None for every time.
    """

    instrument_pid: str
    root: AnyPath
    taken_at: float
    files: tuple[FoundFile, ...] = ()
    unsearched: tuple[Unsearched, ...] = ()
    absent: str | None = None
    windows: tuple[Window, ...] | None = None

    @property
    def several(self) -> tuple[FoundFile, ...]:
        """Return the datasets of several files; they are looked for once, since every session asks."""
        try:
            return self._several
        except AttributeError:
            object.__setattr__(self, "_several", tuple(file for file in self.files if file.mtimes))
        return self._several


@dataclass(frozen=True, slots=True, kw_only=True)
class FileList:
    """The files of one session.

    Attributes
    ----------
    files
        Sorted by modification time, then path.
    unsearched
        Places where further files of the session may lie.
    """

    files: tuple[FoundFile, ...]
    unsearched: tuple[Unsearched, ...] = ()
