"""The memory of logins in the database, which all sessions, tasks and runs share."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from typing_extensions import override

from nexuslims_core.db.repositories import logins
from nexuslims_core.db.repositories.logins import Tried
from nexuslims_core.db.transactions import Transactions
from nexuslims_core.reservations.logins import Login, Logins, Permission, Turn, digest_of, fits


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginBook(Transactions, Logins):
    """Who may try which login now; each method is one transaction for writing at most."""

    @override
    def begin(self, login: Login, lasts_s: float) -> Permission:
        with self._reading() as transaction:
            known = logins.get(transaction, login.server, login.user)
        same = known is not None and fits(login.password, known.credential)  # takes its time, so outside the lock
        if known and same and known.refusal:
            return Permission(turn=Turn.REFUSED, refusal=known.refusal)
        credential = known.credential if known and same else digest_of(login.password)
        try:
            return self._take_turn(login, known, credential, lasts_s)
        except IntegrityError:  # two who never tried before, at the same moment
            return Permission(turn=Turn.BUSY)

    def _take_turn(self, login: Login, known: Tried | None, credential: str, lasts_s: float) -> Permission:
        now, ticket = self.clock(), secrets.token_hex(8)
        with self._writing() as transaction:
            if logins.get(transaction, login.server, login.user) != known:
                return Permission(turn=Turn.BUSY)
            if known and known.held_until and known.held_until > now:
                return Permission(turn=Turn.BUSY)
            until = now + timedelta(seconds=lasts_s)
            tried = Tried(credential=credential, refusal=None, holder=ticket, held_until=until)
            logins.put(transaction, login.server, login.user, tried, now)
        return Permission(turn=Turn.GO, ticket=ticket)

    @override
    def end(self, login: Login, ticket: str, refusal: str | None) -> None:
        with self._writing() as transaction:
            known = logins.get(transaction, login.server, login.user)
            if known is None or known.holder != ticket:  # it took so long that another had a turn
                return
            done = replace(known, refusal=refusal, holder=None, held_until=None)
            logins.put(transaction, login.server, login.user, done, self.clock())

    def forget_refused_logins(self) -> tuple[str, ...]:
        """Let every refused login be tried again, and return which those are, in words."""
        with self._writing() as transaction:
            return logins.forget_refused(transaction)
