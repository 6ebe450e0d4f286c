"""Who is told: mail addresses, and addresses of chats and phones as Apprise writes them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from nexuslims_core.errors import ConfigurationError

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who is told.

    Attributes
    ----------
    address
        A mail address, or one of Apprise, which may hold a password or a token.
    """

    address: str = field(repr=False)

    def __post_init__(self) -> None:
        if not (_MAIL.fullmatch(self.address) or _SCHEME.fullmatch(self.address)):
            raise ConfigurationError(
                "an address that alerts go to is neither a mail address nor one of Apprise, such as mailto://… or "
                "slack://…: correct NEXUSLIMS_ALERTS_TO or NEXUSLIMS_ALERTS_INSTRUMENTS"
            )

    @property
    def is_mail(self) -> bool:
        """Whether our own mail server carries it there."""
        return _SCHEME.fullmatch(self.address) is None

    @property
    def name(self) -> str:
        """What it is called in the books and in sentences: no secret, and the same as long as the address is."""
        scheme = _SCHEME.fullmatch(self.address)
        if scheme is None:
            return self.address
        return f"{scheme[1].lower()} {sha256(self.address.encode()).hexdigest()[:6]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Who is told of what.

    Attributes
    ----------
    always
        Those who are told of everything.
    by_instrument
        Persistent id to those who are told of that instrument too.
    """

    always: tuple[Recipient, ...] = ()
    by_instrument: Mapping[str, tuple[Recipient, ...]] = field(default_factory=dict)

    def of(self, instrument_pid: str | None) -> tuple[Recipient, ...]:
        """Return those who are told of an instrument, or of what concerns no instrument; each once."""
        own = self.by_instrument.get(instrument_pid or "", ())
        return tuple(dict.fromkeys((*self.always, *own)))

    def everybody(self) -> tuple[Recipient, ...]:
        """Return all of them, each once."""
        return tuple(dict.fromkeys(self._all()))

    def _all(self) -> Iterator[Recipient]:
        yield from self.always
        for own in self.by_instrument.values():
            yield from own
