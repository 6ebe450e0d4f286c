"""How an account signs in to servers: each in its turn, and never again after a refusal; see :mod:`.logins`."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from nexuslims_core.errors import AuthenticationError, ServiceUnavailableError
from nexuslims_core.reservations.logins import Login, Logins, OwnLogins, Turn

_TRY_FACTOR = 4
"""So many silences may a try to sign in last before the next in turn stops waiting for it."""
_PAUSE_S = 0.1

T = TypeVar("T")


class RefusedError(AuthenticationError):
    """The server has counted a wrong login."""


@dataclass(kw_only=True, eq=False)
class Account:
    """A user's name and password, for servers that count wrong ones.

    Attributes
    ----------
    timeout_s
        How long a server may stay silent.
    logins
        The memory of refused logins.
    """

    user: str
    password: str = field(repr=False)
    timeout_s: float = 30.0
    logins: Logins = field(default_factory=OwnLogins, repr=False)
    _proven: set[str] = field(default_factory=set, init=False, repr=False)

    def ask(self, server: str, address: str, question: Callable[[], T]) -> T:
        """Return the answer to a question that shows the password to the server of ``address``.

        Parameters
        ----------
        server
            What people call it.
        question
            Raises RefusedError where the server refuses the password.

        Raises
        ------
        AuthenticationError
            If the account is refused, now or at an earlier call by anybody; then the server is not asked.
        ServiceUnavailableError
            If another task has been signing in for long.
        """
        login = Login(server=urlsplit(address).netloc.lower(), user=self.user, password=self.password)
        if login.server in self._proven:
            return question()
        ticket, refusal = self._turn(login, server), None
        try:
            answer = question()
            self._proven.add(login.server)
        except RefusedError as error:
            refusal = str(error)
            raise
        finally:
            self.logins.end(login, ticket, refusal)
        return answer

    def _turn(self, login: Login, server: str) -> str:
        """Wait until nobody else tries this login, and return the ticket of our own try."""
        deadline = time.monotonic() + self.timeout_s
        while (allowed := self.logins.begin(login, lasts_s=_TRY_FACTOR * self.timeout_s)).turn is Turn.BUSY:
            if time.monotonic() > deadline:
                raise ServiceUnavailableError(f"{server}: another task has been signing in for long")
            time.sleep(_PAUSE_S)
        if allowed.turn is Turn.REFUSED:
            raise AuthenticationError(allowed.refusal)
        return allowed.ticket
