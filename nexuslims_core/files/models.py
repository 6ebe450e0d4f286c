"""A file that was found, and all that one scan of an instrument's folder saw."""

from dataclasses import dataclass

from nexuslims_core.codec import AnyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One file, or one dataset of several files, as a scan saw it.

    Attributes
    ----------
    path
        Absolute path of the file that a reader opens.
    size
        Bytes of that file.
    mtime
        Its modification time, epoch seconds.
    parts
        Companions that belong to the same dataset, such as the ``.emi`` of a ``.ser``; absolute paths, sorted.
    """

    path: AnyPath
    size: int
    mtime: float
    parts: tuple[AnyPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsearched:
    """A place that a scan could not look into, and why."""

    path: AnyPath
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What one walk through an instrument's folder found.

    Attributes
    ----------
    instrument_pid, root
        Whose folder it is, and where.
    taken_at
        When the walk began, epoch seconds.
    files
        Everything that may belong to a record, sorted by modification time, then path.
    unsearched
        Places that could not be looked into.
    absent
        Why the folder counts as not there (unmounted, missing), or None. An absent folder is never "no files".
    """

    instrument_pid: str
    root: AnyPath
    taken_at: float
    files: tuple[FoundFile, ...] = ()
    unsearched: tuple[Unsearched, ...] = ()
    absent: str | None = None


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
