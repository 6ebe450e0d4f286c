"""What every destination of records can do."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that a record is where it should be.

    Attributes
    ----------
    destination
        Name of the destination, such as ``cdcs``.
    record_id
        The destination's own id of the record.
    url
        Where a person can look at it.
    sha256
        Digest of the XML that the destination holds.
    """

    destination: str
    record_id: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The record that a destination made of a session before, by the books; by another system under another title.

    Attributes
    ----------
    record_id
        The destination's own id of the record; "" where no answer told it.
    title
        What it was called when it was published.
    also
        What it may be called by now, since it was sent under this title and no answer came.
    """

    record_id: str
    title: str
    also: str | None = None

    @property
    def titles(self) -> frozenset[str]:
        """What it may be called."""
        return frozenset(filter(None, (self.title, self.also)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at, and whether it is as it should be.

    Attributes
    ----------
    subject
        What was looked at, in a word: ``address``, ``credentials``, …
    ok
        Whether records can be made and published with it as it is.
    sentence
        What was found; where it is not ``ok``, or a warning, what to do.
    area
        What the subject belongs to, such as ``CDCS`` or an instrument; empty where it stands for itself.
    warning
        Whether a person should look at it although it is ``ok``.
    """

    subject: str
    ok: bool
    sentence: str
    area: str = ""
    warning: bool = False

    def __post_init__(self) -> None:
        if self.warning and not self.ok:
            raise ValueError(f"{self.subject}: what fails is more than a warning")

    @property
    def name(self) -> str:
        """What was looked at, in full."""
        return f"{self.area} {self.subject}".strip()


class RecordStore(Protocol):
    """A destination of records: putting a title again replaces its record, so a retry never makes a second one."""

    @property
    def name(self) -> str:
        """Name of the destination in the books."""
        ...

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        """Make the record ``title`` publicly readable with exactly these bytes, and prove it.

        Parameters
        ----------
        earlier
            What is renamed and replaced where no record of this title is found; ignored where it is there no more.

        Raises
        ------
        ServiceUnavailableError
            If the destination does not answer, or says that it cannot now.
        AuthenticationError
            If it refuses the credentials.
        PublishingError
            If it refuses the record for good, or lacks what records need; the sentence holds its reason.
        UnexpectedAnswerError
            If what answers is no such destination.
        """
        ...

    def check(self) -> tuple[Check, ...]:
        """Look whether records could be published now, without publishing one."""
        ...
