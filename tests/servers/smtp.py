"""A real SMTP server on loopback that keeps what it takes, and can be stopped, refuse and ask for a login."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword


@dataclass
class SmtpServer:
    """Takes mail at ``127.0.0.1:port``; the port stays its own when it is stopped and started again.

    Attributes
    ----------
    refuses
        Recipient to what is said instead of taking mail for it.
    login
        User and password; None where nobody is asked.
    """

    port: int = 0
    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    refuses: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    _controller: Controller | None = None

    def start(self) -> Self:
        """Begin to take mail."""
        options: dict[str, Any] = {"ready_timeout": 20}
        if self.tls:
            options |= {"tls_context": self.tls, "require_starttls": True}
        if self.login:
            options |= {"auth_required": True, "authenticator": self._authenticate}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        if self.port == 0:
            self._controller.port = self.port = _free_port()
        self._controller.start()
        return self

    def stop(self) -> None:
        """Take no more, and let the port refuse."""
        if self._controller:
            self._controller.stop(no_assert=True)
            self._controller = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    @property
    def env(self) -> dict[str, str]:
        """Settings with which alerts go here, to one address."""
        return {
            "NEXUSLIMS_SMTP_HOST": "127.0.0.1",
            "NEXUSLIMS_SMTP_PORT": str(self.port),
            "NEXUSLIMS_SMTP_SECURITY": "none",
            "NEXUSLIMS_ALERTS_FROM": "nexuslims@example.org",
            "NEXUSLIMS_ALERTS_TO": "staff@example.org",
        }

    # ---- aiosmtpd's interface

    async def handle_RCPT(  # noqa: N802 - its names
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.mails.append(message_from_bytes(bytes(envelope.content or b""), policy=policy.default))
        return "250 taken"

    def _authenticate(
        self, _server: object, _session: object, _envelope: object, _how: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = (given.login.decode(), given.password.decode()) == self.login
        return AuthResult(success=right, handled=right)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server that takes everything."""
    with SmtpServer() as server:
        yield server


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    """Return the HTML of a mail."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())
