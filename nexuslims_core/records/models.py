"""A record, as typed objects; text in it may be anything, since writing it as XML is what makes it fit."""

from dataclasses import dataclass
from datetime import datetime

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.reservations.models import Project, Sample

UNREADABLE = "Could not be read: "
"""How the description of a dataset begins that nothing could be read from; the stylesheet looks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value of a setup or of a dataset.

    Attributes
    ----------
    value
        As text; numbers in the shortest form that keeps 15 digits.
    warning
        True for a value that is not to be trusted.
    """

    name: str
    value: str
    unit: str | None = None
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDataset:
    """One signal of a file, or one file that could not be read.

    Attributes
    ----------
    location
        ``/`` and the path of the raw file relative to the file store, percent-encoded once.
    preview, metadata_file
        The same for the PNG and the JSON, relative to the folder of what we write; None where there is none.
    file_format
        The file's suffix without the dot; None where it has none.
    descriptions
        Sentences for people: why a file could not be read, what was left out of its metadata.
    """

    name: str
    location: str
    dataset_type: DatasetType
    role: str = "Experimental"
    file_format: str | None = None
    descriptions: tuple[str, ...] = ()
    preview: str | None = None
    metadata_file: str | None = None
    meta: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Remarks of one source, a sentence or paragraph each."""

    source: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordActivity:
    """Datasets that were recorded in one go.

    Attributes
    ----------
    seqno
        Counts the activities of a session from 0.
    start
        Aware time at which the first file was written.
    sample_id
        ``sample_id`` of one of the record's samples; None where it is not known which was on the stage.
    setup
        What all its datasets share.
    """

    seqno: int
    start: datetime
    sample_id: str | None = None
    setup: tuple[Parameter, ...] = ()
    datasets: tuple[RecordDataset, ...] = ()
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError(f"activity {self.seqno}: its start needs a zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSample:
    """A sample with the id that activities point to."""

    sample_id: str
    sample: Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Who was on which instrument, when, and what for.

    Attributes
    ----------
    instrument, instrument_pid
        Its name for people, and its persistent identifier.
    reservation_start, reservation_end
        Aware times; None without a reservation.
    url
        Where a person can look at the reservation.
    """

    instrument: str
    instrument_pid: str
    experimenters: tuple[str, ...] = ()
    collaborators: tuple[str, ...] = ()
    reservation_start: datetime | None = None
    reservation_end: datetime | None = None
    motivation: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that is known of one session, ready to be written.

    Attributes
    ----------
    pid
        The session's identifier.
    title
        What the experiment is called; not the name of its file.
    record_id
        The reservation's id, or the session's where there is no reservation.
    """

    pid: str
    title: str
    record_id: str
    summary: Summary
    samples: tuple[RecordSample, ...] = ()
    projects: tuple[Project, ...] = ()
    activities: tuple[RecordActivity, ...] = ()
    notes: tuple[Note, ...] = ()
