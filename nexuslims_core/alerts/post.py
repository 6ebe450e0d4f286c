"""The way to people: who is told, through which mail server, and how alerts are gathered."""

from dataclasses import dataclass, field

from nexuslims_core.alerts.books import Gathering
from nexuslims_core.alerts.mail import MailServer
from nexuslims_core.alerts.models import Message
from nexuslims_core.alerts.recipients import Recipient, Recipients
from nexuslims_core.alerts.wording import Pages
from nexuslims_core.sessions.states import RecordStatus

TOLD_BY_ITSELF = frozenset({RecordStatus.ERROR, RecordStatus.BUILT_NOT_EXPORTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """All that sending needs from outside.

    Attributes
    ----------
    about
        End states of sessions that are told.
    """

    recipients: Recipients = field(default_factory=Recipients)
    mail: MailServer = field(default_factory=MailServer)
    pages: Pages = field(default_factory=Pages)
    gathering: Gathering = field(default_factory=Gathering)
    about: frozenset[RecordStatus] = TOLD_BY_ITSELF

    def names(self, instrument_pid: str | None) -> tuple[str, ...]:
        """Return the names of those who are told of an instrument, or of what concerns none."""
        return tuple(recipient.name for recipient in self.recipients.of(instrument_pid))

    def send(self, recipient: Recipient, message: Message) -> None:
        """Send one message to one recipient; raises as :mod:`.mail` and :mod:`.chats` do."""
        if recipient.is_mail:
            self.mail.send(recipient.address, message)
            return
        from nexuslims_core.alerts import chats

        chats.send(recipient, message)
