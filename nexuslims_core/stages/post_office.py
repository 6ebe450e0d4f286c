"""The settings of alerts as the way to people."""

from datetime import timedelta

from pydantic import SecretStr

from nexuslims_core.alerts.books import Gathering
from nexuslims_core.alerts.mail import MailServer, Security
from nexuslims_core.alerts.post import Post
from nexuslims_core.alerts.recipients import Recipient, Recipients
from nexuslims_core.alerts.wording import Pages
from nexuslims_core.config import Settings
from nexuslims_core.sessions.states import RecordStatus


def open_post(settings: Settings, mail: MailServer | None = None, pages: Pages | None = None) -> Post:
    """Return the way to people; nothing is connected to before something is sent.

    Parameters
    ----------
    mail
        The mail server, where it is not that of the settings.
    pages
        Where people look further, where that is not only the settings' own address of Airflow.

    Raises
    ------
    ConfigurationError
        If an address is none.
    """
    recipients = Recipients(
        always=_recipients(settings.alerts_to),
        by_instrument={pid: _recipients(own) for pid, own in settings.alerts_instruments.items()},
    )
    patience = timedelta(seconds=settings.alerts_gather_s)
    return Post(
        recipients=recipients,
        mail=mail or mail_server(settings),
        pages=pages or Pages(url=settings.airflow_url),
        gathering=Gathering(digest=settings.alerts_digest, patience=patience),
        about=frozenset(RecordStatus(word) for word in settings.alerts_about),
    )


def mail_server(settings: Settings) -> MailServer:
    """Return the mail server of the settings."""
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=Security(settings.smtp_security),
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        sender=settings.alerts_from,
        ca_bundle=settings.ca_bundle,
    )


def _recipients(addresses: tuple[SecretStr, ...]) -> tuple[Recipient, ...]:
    return tuple(Recipient(address=address.get_secret_value().strip()) for address in addresses)
