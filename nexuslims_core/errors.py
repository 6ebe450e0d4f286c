"""What can go wrong, named by cause: each error carries its facts and says whether trying again may help."""

from pathlib import Path

from typing_extensions import override


class NexusLimsError(Exception):
    """Root of all errors raised by this package; its text is a sentence that says what to do."""

    retryable = False


def may_pass(error: BaseException) -> bool:
    """Tell whether trying again may help; it may with all that this package does not know, such as a time limit."""
    return not isinstance(error, NexusLimsError) or error.retryable


class ConfigurationError(NexusLimsError):
    """A setting is missing or cannot be used."""


class DatabaseError(NexusLimsError):
    """The database of sessions is absent, too old, or from a newer release."""


class UnknownInstrumentError(NexusLimsError):
    """No instrument has this persistent id."""

    def __init__(self, instrument_pid: str) -> None:
        super().__init__(f"no instrument {instrument_pid!r}: list them with `nexuslims instruments list`")
        self.instrument_pid = instrument_pid


class UnusableInstrumentError(ConfigurationError):
    """The row of one instrument cannot be used until a person has corrected it; no other instrument is touched."""


class UnknownSessionError(NexusLimsError):
    """No session that can be built has this identifier."""

    def __init__(self, session_identifier: str) -> None:
        super().__init__(f"no session {session_identifier!r}: list them with `nexuslims sessions list`")
        self.session_identifier = session_identifier


class SessionStateError(NexusLimsError):
    """A session is not in a state from which the asked move is allowed."""


class NotDueError(NexusLimsError):
    """A session is not to be built yet; its turn comes by itself."""


class ClaimedElsewhereError(NexusLimsError):
    """Another holder is building this session, so this one leaves it alone."""


class ClaimLostError(NexusLimsError):
    """The claim ran out or was taken over while its holder still worked."""


class UnsafePathError(NexusLimsError):
    """A path from the database, a calendar or a file leads out of its root."""


class StorageError(NexusLimsError):
    """A folder cannot be read or written; a person or the file server must mend it."""

    retryable = True


class ServiceUnavailableError(NexusLimsError):
    """A calendar or repository did not answer, or answered that it cannot now."""

    retryable = True


class AuthenticationError(NexusLimsError):
    """A service refused the credentials; never tried again, since accounts lock after a few tries."""


class UnexpectedAnswerError(NexusLimsError):
    """A service answered something that its interface does not allow."""


class NoFilesFoundError(NexusLimsError):
    """The instrument's folder is there, and no file in it was modified during the session."""


class NoConsentError(NexusLimsError):
    """The user did not agree that a record is made."""


class ConsentUnknownError(NexusLimsError):
    """Nobody can tell now whether the user agreed that a record is made, so the session waits."""

    retryable = True


class ClusteringError(NexusLimsError):
    """File times cannot be grouped, for instance because one is not a number."""


class ExtractionError(NexusLimsError):
    """One file could not be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name}: {reason}")
        self.path, self.reason = path, reason

    @override
    def __reduce__(self) -> tuple[type["ExtractionError"], tuple[Path, str]]:
        """Travel between processes with both facts."""
        return type(self), (self.path, self.reason)


class InvalidRecordError(NexusLimsError):
    """A record does not satisfy the schema; it is kept beside its findings and not uploaded."""


class PublishingError(NexusLimsError):
    """A repository refused a record for good."""


class AlertRefusedError(NexusLimsError):
    """A mail server does not take an alert for one recipient; for others it may."""


class StageUnfinishedError(NexusLimsError):
    """A stage ended without a result and without saying why: its process was killed, or it holds a fault of ours."""


class ReadingError(NexusLimsError):
    """The processes that read files could not work, which is no file's fault."""

    retryable = True
