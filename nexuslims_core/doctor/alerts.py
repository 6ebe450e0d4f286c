"""The alerts: is anybody told, does the mail server let us in, does something wait since it could not be sent."""

from collections.abc import Iterator

from nexuslims_core.alerts import chats
from nexuslims_core.alerts.recipients import Recipient
from nexuslims_core.config import Settings
from nexuslims_core.db.database import Database
from nexuslims_core.doctor.checking import Doubt, checked
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.publishing.base import Check
from nexuslims_core.stages.post_office import open_post

AREA = "alerts"
_LOOKED_AT = 1000


def ways(settings: Settings) -> Iterator[Check]:
    """Look at the mail server and at the addresses of chats; nothing is sent."""
    try:
        post = open_post(settings)
    except ConfigurationError as error:
        yield Check(area=AREA, subject="addresses", ok=False, sentence=str(error))
        return
    everybody = post.recipients.everybody()
    if not everybody:
        nobody = Doubt(sentence="nobody is told of sessions that end badly: set NEXUSLIMS_ALERTS_TO")
        yield checked("alerts", lambda: nobody)
        return
    if any(recipient.is_mail for recipient in everybody):
        yield checked("mail", post.mail.check, area=AREA)
    for recipient in everybody:
        if not recipient.is_mail:
            yield _chat(recipient)


def _chat(recipient: Recipient) -> Check:
    return checked(recipient.name, lambda: chats.check(recipient), area=AREA)


def waiting(database: Database) -> Iterator[Check]:
    """Look for alerts that could not be sent."""
    yield checked("outbox", lambda: _waiting(database), area=AREA)


def _waiting(database: Database) -> str | Doubt:
    found = (each for told in database.told_alerts(_LOOKED_AT) for each in told.deliveries)
    stuck = [each for each in found if each.last_error and not (each.told_at or each.given_up_at)]
    if not stuck:
        return "nothing waits that could not be sent"
    them = "1 alert waits" if len(stuck) == 1 else f"{len(stuck):,} alerts wait"
    return Doubt(sentence=f"{them}: {stuck[0].last_error}; then `nexuslims alerts send`")
