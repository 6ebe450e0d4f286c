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
class Check:
    """One thing that must hold before records can be published, and whether it does.

    Attributes
    ----------
    subject
        What was looked at, in a word: ``address``, ``credentials``, …
    ok
        Whether it is as it should be.
    sentence
        What was found; where it is not ``ok``, what to do.
    """

    subject: str
    ok: bool
    sentence: str


class RecordStore(Protocol):
    """A destination of records: putting a title again replaces its record, so a retry never makes a second one."""

    @property
    def name(self) -> str:
        """Name of the destination in the books."""
        ...

    def put(self, title: str, xml: bytes) -> Receipt:
        """Make the record ``title`` publicly readable with exactly these bytes, and prove it.

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
