"""Alerts to chats and phones, through any address that Apprise understands."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nexuslims_core.alerts.models import Message
from nexuslims_core.alerts.recipients import Recipient
from nexuslims_core.errors import ConfigurationError, ServiceUnavailableError

if TYPE_CHECKING:  # only whoever sends something loads it
    from apprise import Apprise

_SPEAKS_OF_ADDRESSES = ("apprise", "urllib3")
"""Loggers that write down addresses, in which tokens and passwords are."""

_ADVICE = "its address in NEXUSLIMS_ALERTS_TO or NEXUSLIMS_ALERTS_INSTRUMENTS"


def send(recipient: Recipient, message: Message) -> None:
    """Send one message.

    Raises
    ------
    ConfigurationError
        If Apprise does not understand the address.
    ServiceUnavailableError
        If it does not get there; Apprise does not say whether it may later.
    """
    with _in_silence():
        speaker = _speaker(recipient)
        arrived = bool(speaker.notify(title=message.subject, body=message.text, body_format="text"))
    if not arrived:
        raise ServiceUnavailableError(
            f"{recipient.name} did not take the message: see whether its service can be reached from here, and check "
            f"{_ADVICE}"
        )


def check(recipient: Recipient) -> str:
    """Return what was found of an address; nothing is sent, and nobody is asked. Raises as :func:`send` does."""
    with _in_silence():
        _speaker(recipient)
    return f"{recipient.name} is an address that Apprise understands"


def _speaker(recipient: Recipient) -> "Apprise":
    from apprise import Apprise

    speaker = Apprise()
    if not speaker.add(recipient.address):
        raise ConfigurationError(f"Apprise does not understand the address of {recipient.name}: correct {_ADVICE}")
    return speaker


@contextmanager
def _in_silence() -> Iterator[None]:
    """Keep addresses out of the log, whatever its level."""
    loggers = [logging.getLogger(name) for name in _SPEAKS_OF_ADDRESSES]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
