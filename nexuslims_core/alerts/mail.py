"""Alerts by mail, through the facility's own mail server."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.alerts.models import Message
from nexuslims_core.alerts.texts import on_one_line
from nexuslims_core.errors import (
    AlertRefusedError,
    AuthenticationError,
    ConfigurationError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:  # whoever sends nothing need not load them
    import ssl
    from email.message import EmailMessage
    from smtplib import SMTP, SMTPRecipientsRefused, SMTPResponseException

PATIENCE_S = 10.0
"""For each answer of the mail server; a session's last task waits for it."""


UNBROKEN = 200
"""Letters of a line: a subject that begins on the second line looks odd in some mail programs."""


class Security(StrEnum):
    """How the connection to the mail server is made safe."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


USUAL_PORTS = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """One SMTP server, and how we speak to it.

    Attributes
    ----------
    host
        None where none is configured; whoever sends then learns which setting is missing.
    port
        None for the usual one.
    sender
        Mail address that alerts come from.
    ca_bundle
        Certificates of the authorities to trust, in PEM; None for the usual ones.
    """

    host: str | None = None
    port: int | None = None
    security: Security = Security.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str | None = None
    ca_bundle: Path | None = None
    patience_s: float = PATIENCE_S

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return f"the mail server {self.host}:{self._port}"

    @property
    def _port(self) -> int:
        return self.port or USUAL_PORTS[self.security]

    def send(self, address: str, message: Message) -> None:
        """Send one message to one address.

        Raises
        ------
        ConfigurationError
            If the server or the sender is not named.
        ServiceUnavailableError
            If the server does not answer, or not now.
        AuthenticationError
            If it refuses the login.
        AlertRefusedError
            If it refuses this recipient or this message.
        """
        from smtplib import SMTPRecipientsRefused

        mail = self._mail(address, message)
        with self._connected() as smtp:
            try:
                smtp.send_message(mail, from_addr=self.sender, to_addrs=[address])
            except SMTPRecipientsRefused as error:
                raise self._refused(address, error) from error

    def check(self) -> str:
        """Connect and log in, send nothing, and return what was found; raises as :meth:`send` does."""
        self._sender()
        with self._connected():
            login = f" as {self.user}" if self.user else " without a login"
            return f"{self.name} lets us in{login}"

    def _sender(self) -> str:
        if not self.host:
            raise ConfigurationError(
                "alerts are to go out by mail and no mail server is named: set NEXUSLIMS_SMTP_HOST, or the Airflow "
                "connection nexuslims_smtp"
            )
        if not self.sender:
            raise ConfigurationError("no sender of alerts is named: set NEXUSLIMS_ALERTS_FROM to a mail address")
        return self.sender

    def _mail(self, address: str, message: Message) -> "EmailMessage":
        from email.message import EmailMessage
        from email.policy import SMTP
        from email.utils import format_datetime

        sender = self._sender()
        whole = SMTP.clone(max_line_length=UNBROKEN)  # encoded words of other alphabets need shorter lines
        mail = EmailMessage(policy=whole if message.subject.isascii() else SMTP)
        mail["From"], mail["To"], mail["Subject"] = f"NexusLIMS <{sender}>", address, message.subject
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.key[:40]}@{sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # nobody's holiday answers it (RFC 3834)
        mail.set_content(message.text)
        mail.add_alternative(f"<!DOCTYPE html><html><body>{message.html}</body></html>", subtype="html")
        return mail

    @contextmanager
    def _connected(self) -> "Iterator[SMTP]":
        import ssl
        from smtplib import SMTPAuthenticationError, SMTPException, SMTPNotSupportedError, SMTPResponseException

        try:
            with closing(self._open()) as smtp:
                if self.user and self.password:
                    smtp.login(self.user, self.password)
                yield smtp
                with suppress(SMTPException, OSError):  # what it took is taken, however it says good-bye
                    smtp.quit()
        except SMTPAuthenticationError as error:
            raise AuthenticationError(
                f"{self.name} refuses the login of {self.user}: correct NEXUSLIMS_SMTP_USER and "
                "NEXUSLIMS_SMTP_PASSWORD, or the Airflow connection nexuslims_smtp"
            ) from error
        except SMTPNotSupportedError as error:
            raise ConfigurationError(
                f"{self.name} does not offer what is asked of it: set NEXUSLIMS_SMTP_SECURITY to none for a relay "
                "without encryption, to tls for one that is encrypted from the start, and no user where it has no login"
            ) from error
        except SMTPResponseException as error:
            raise self._answered(error) from error
        except ssl.SSLCertVerificationError as error:
            raise ServiceUnavailableError(
                f"{self.name} has a certificate that is not trusted ({error.verify_message}): "
                "name its authority in NEXUSLIMS_CA_BUNDLE"
            ) from error
        except (OSError, SMTPException) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise ServiceUnavailableError(f"{self.name} does not answer: {reason}") from error

    def _open(self) -> "SMTP":
        from smtplib import SMTP, SMTP_SSL

        host = self.host or ""
        if self.security is Security.TLS:
            return SMTP_SSL(host, self._port, timeout=self.patience_s, context=self._trust())
        with ExitStack() as on_failure:
            smtp = SMTP(host, self._port, timeout=self.patience_s)
            on_failure.callback(smtp.close)
            if self.security is Security.STARTTLS:
                smtp.starttls(context=self._trust())
            on_failure.pop_all()
        return smtp

    def _trust(self) -> "ssl.SSLContext":
        import ssl

        return ssl.create_default_context(cafile=self.ca_bundle)

    def _answered(self, error: "SMTPResponseException") -> ServiceUnavailableError | AlertRefusedError:
        said = _in_words(error.smtp_code, error.smtp_error)
        if 500 <= error.smtp_code < 600:
            return AlertRefusedError(f"{self.name} refuses the message: {said}")
        return ServiceUnavailableError(f"{self.name} does not take the message now: {said}")

    def _refused(self, address: str, error: "SMTPRecipientsRefused") -> AlertRefusedError:
        code, said = error.recipients.get(address, (550, b""))
        return AlertRefusedError(f"{self.name} does not take mail for {address}: {_in_words(code, said)}")


def _in_words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return on_one_line(f"{code} {text}", 300)
