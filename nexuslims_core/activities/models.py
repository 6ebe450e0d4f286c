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
class Boundary:
    """Why one activity ends and the next begins.

    Attributes
    ----------
    at
        Epoch seconds.
    files_before
        How many files of the session are older.
    pause_s
        From the last file before it to the first one after it, seconds.
    spacing_before_s, spacing_after_s
        The median pause in the activity before and in the one after; None where all its files are of one time.
    sensitivity
        It is a boundary from this sensitivity on.
    reason
        In words.
    """

    at: float
    files_before: int
    pause_s: float
    spacing_before_s: float | None
    spacing_after_s: float | None
    sensitivity: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseClass:
    """A row of the table of pauses: from ``from_s`` to below ``to_s``, how many there are, how many are boundaries."""

    from_s: float
    to_s: float
    pauses: int
    boundaries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a partition rests on.

    Attributes
    ----------
    bandwidth_log
        Width of the kernel over natural logarithms of pauses; None where the method has none.
    tick_s
        Step of the clock that wrote the times, seconds; None where the method does not ask for it.
    pauses
        The table of pauses between different times, short ones first; classes without any are left out.
    boundaries
        By time; as many as boundaries.
    sensitivity
        What was asked for.
    """

    bandwidth_log: float | None = None
    tick_s: float | None = None
    pauses: tuple[PauseClass, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    sensitivity: float = 1.0


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
        Width of the kernel over times, in seconds; None where none was needed.
    method
        ``"robust"``, ``"published"`` or ``"scikit-learn"``.
    explanation
        Why it is as it is.
    """

    labels: tuple[int, ...]
    boundaries: tuple[float, ...]
    bandwidth_s: float | None
    method: str
    explanation: Explanation = Explanation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The activities of a session, and in a few sentences how they were told apart."""

    activities: tuple[Activity, ...]
    explanation: str
