"""What is known of the logins that servers take: a refused one is not tried again, by nobody.

Windows domains lock an account after a few wrong passwords, and then it is locked for people too. So whoever proves a
password for the first time on a connection takes a turn: no two try at once, and after a refusal nobody does, until the
password is another or a person says that it may be tried again.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from typing_extensions import override

_COST = {"n": 2**14, "r": 8, "p": 1}
"""Takes 16 MB and some 50 ms, so that nobody finds a password by its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user's name and password at a server.

    Attributes
    ----------
    server
        Its name, and its port where it has one of its own.
    """

    server: str
    user: str
    password: str = field(repr=False)


class Turn(StrEnum):
    """Whether a login may be tried now."""

    GO = "go"
    BUSY = "busy"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The answer to who wants to try a login.

    Attributes
    ----------
    ticket
        Names the turn that :meth:`Logins.end` closes; empty unless it is GO.
    refusal
        What was said when the server refused it; empty unless it is REFUSED.
    """

    turn: Turn
    ticket: str = ""
    refusal: str = ""


class Logins(Protocol):
    """The memory of logins that all sessions, tasks and runs share."""

    def begin(self, login: Login, lasts_s: float) -> Permission:
        """Ask whether a login may be tried; GO keeps all others waiting until the end, or for ``lasts_s`` seconds."""
        ...

    def end(self, login: Login, ticket: str, refusal: str | None) -> None:
        """Say that a login was tried: the sentence to say where it was refused, None where it was not."""
        ...


@dataclass(kw_only=True)
class OwnLogins(Logins):
    """A memory of one process, where there is no database."""

    refusals: dict[tuple[str, str, str], str] = field(default_factory=dict, repr=False)

    @override
    def begin(self, login: Login, lasts_s: float) -> Permission:
        """Let all try but those that were refused."""
        refusal = self.refusals.get((login.server, login.user, login.password))
        return Permission(turn=Turn.REFUSED, refusal=refusal) if refusal else Permission(turn=Turn.GO)

    @override
    def end(self, login: Login, ticket: str, refusal: str | None) -> None:
        """Remember a refusal."""
        if refusal:
            self.refusals[login.server, login.user, login.password] = refusal


def digest_of(password: str, salt: bytes | None = None) -> str:
    """Return a digest of a password by which nobody finds it, with its salt, for :func:`fits`."""
    salt = salt or secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_COST)
    return f"scrypt${salt.hex()}${digest.hex()}"


def fits(password: str, kept: str) -> bool:
    """Tell whether a digest was made of this password."""
    kind, _, rest = kept.partition("$")
    salt, _, _ = rest.partition("$")
    try:
        return kind == "scrypt" and hmac.compare_digest(digest_of(password, bytes.fromhex(salt)), kept)
    except ValueError:  # somebody wrote into the table by hand
        return False
