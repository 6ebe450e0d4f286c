"""What a crate is made from: the head of a record, its files, and what is known of each file on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nexuslims_core.codec import AnyPath
from nexuslims_core.records.models import RecordSample, Summary
from nexuslims_core.reservations.models import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One signal that was read from a file.

    Attributes
    ----------
    reader
        Name of the extractor.
    data_type
        What it is, with underscores: ``TEM_Imaging``.
    preview, json
        What was written for it; None where there is none.
    """

    reader: str
    data_type: str
    preview: AnyPath | None = None
    json: AnyPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrateFile:
    """One raw file of the session, or one dataset of several.

    Attributes
    ----------
    size, mtime
        As the scan saw it: bytes, and epoch seconds.
    parts
        Companions of the same dataset.
    unreadable
        Why nothing could be read from it; None if something was.
    """

    path: AnyPath
    size: int
    mtime: float
    parts: tuple[AnyPath, ...] = ()
    readings: tuple[Reading, ...] = ()
    unreadable: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrateActivity:
    """Files that were made in one go.

    Attributes
    ----------
    start, end
        Aware times at which its first and its last file were written, in whole seconds.
    sample_id
        The sample that was on the stage, where that is known.
    """

    seqno: int
    start: datetime
    end: datetime
    files: tuple[CrateFile, ...]
    sample_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """A program or a part of one, and the version that was at work."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrateSource:
    """All that a crate tells of a session, but for what lies on disk.

    Attributes
    ----------
    name
        What the experiment is called.
    session_identifier, record_id
        The session's, and the reservation's where there is one.
    start, end
        Aware times of the session, by the instrument's clock.
    readers
        The extractors that read its files, sorted by name.
    """

    name: str
    session_identifier: str
    record_id: str
    start: datetime
    end: datetime
    summary: Summary
    program: Software
    library: Software
    readers: tuple[Software, ...] = ()
    samples: tuple[RecordSample, ...] = ()
    projects: tuple[Project, ...] = ()
    activities: tuple[CrateActivity, ...] = ()

    @property
    def files(self) -> Iterator[CrateFile]:
        """Every file, in the order of the activities."""
        return (file for activity in self.activities for file in activity.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What is known of a file on disk.

    Attributes
    ----------
    size
        Bytes; None of a folder, and of a file that is not there.
    mtime
        Epoch seconds.
    sha256
        64 hexadecimal digits; None where nobody asked, or it cannot be told.
    note
        Why it cannot be told.
    """

    size: int | None = None
    mtime: float | None = None
    folder: bool = False
    sha256: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFiles:
    """The record's own files, with what is known of each."""

    xml: tuple[Path, FileFacts]
    page: tuple[Path, FileFacts]
