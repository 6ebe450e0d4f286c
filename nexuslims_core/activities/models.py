"""Activities and how they were told apart."""

from dataclasses import dataclass

from nexuslims_core.files.models import FoundFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Files that were made in one go.

    Attributes
    ----------
    seqno
        Counts the activities of a session from 0, by time.
    files
        At least one, sorted by modification time, then path.
    """

    seqno: int
    files: tuple[FoundFile, ...]

    def __post_init__(self) -> None:
        if not self.files:
            raise ValueError(f"activity {self.seqno} has no file")

    @property
    def start(self) -> float:
        """When its first file was written, epoch seconds."""
        return self.files[0].mtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """The activity that each file belongs to, and how that was decided.

    Attributes
    ----------
    labels
        One number a time, in the order of the input, counted by time from 0.
    boundaries
        Epoch seconds between two activities, ascending; one less than there are activities.
    bandwidth_s
        Width of the kernel, in seconds; None where none was needed.
    method
        ``"published"`` or ``"scikit-learn"``.
    """

    labels: tuple[int, ...]
    boundaries: tuple[float, ...]
    bandwidth_s: float | None
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The activities of a session, and in a sentence how they were told apart."""

    activities: tuple[Activity, ...]
    explanation: str
