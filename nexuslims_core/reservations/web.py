"""Documents of web servers, public or behind a login: bounded in size and time, and no login goes anywhere else.

The address of a private calendar may hold a secret, so sentences name only the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from typing_extensions import override

from nexuslims_core.connections import AGAIN, ended_in, make_cuttable, read_whole, why_silent
from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    NexusLimsError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.addresses import no_address, refuse_login
from nexuslims_core.reservations.listdata import joined, origin, shortened
from nexuslims_core.reservations.logins import Logins, OwnLogins
from nexuslims_core.reservations.signing_in import Account, RefusedError

MOST_BYTES = 64 * 2**20
_MOST_REDIRECTIONS = 5
_DEADLINE_FACTOR = 4
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_SCHEMES = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAccess:
    """Credentials for one server, or for a part of it.

    Attributes
    ----------
    address
        They go to what lies below it and nowhere else.
    user
        Empty where the password is a token.
    """

    address: str
    user: str = ""
    password: str = field(default="", repr=False)

    def covers(self, address: str) -> bool:
        """Tell whether the credentials are for this address."""
        path = urlsplit(self.address).path.rstrip("/")
        asked = urlsplit(address).path
        return origin(self.address) == origin(address) and (asked == path or asked.startswith(f"{path}/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a server is asked; a plain GET unless it says otherwise."""

    address: str
    accept: str
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """An answer that says yes, and the address that gave it."""

    address: str
    body: bytes


@dataclass(kw_only=True, eq=False)
class WebReader:
    """Asks servers, each with the credentials that are for it.

    Attributes
    ----------
    setting
        Beginning of the names of the settings that hold credentials, such as ``NEXUSLIMS_ICAL``.
    kind
        What a server has for us, in sentences: ``calendar``.
    accesses
        Where two cover an address, the first counts.
    timeout_s
        For the connection, and for each silence afterwards; a whole answer may take four silences.
    most_bytes
        No answer may be longer.
    logins
        The memory of refused logins; one that was refused is not tried again.
    """

    setting: str
    kind: str
    accesses: tuple[WebAccess, ...] = ()
    session: requests.Session = field(default_factory=requests.Session, repr=False)
    timeout_s: tuple[float, float] = (5.0, 30.0)
    most_bytes: int = MOST_BYTES
    logins: Logins = field(default_factory=OwnLogins, repr=False)
    _accounts: dict[WebAccess, Account] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        make_cuttable(self.session)

    def ask(self, question: Question) -> WebAnswer:
        """Return what the server answers; redirections are followed on the same server only.

        Raises
        ------
        AuthenticationError
            If it wants a login that there is none for, or refuses ours, now or at an earlier call by anybody.
        ServiceUnavailableError
            If it does not answer in time, or says that it cannot now.
        UnexpectedAnswerError
            If it has no such document, sends more than anybody reads, or leads to another server.
        ConfigurationError
            If its certificate is not trusted.
        """
        address = question.address
        for _ in range(_MOST_REDIRECTIONS):
            reply, body = self._answered(question, address)
            if not reply.is_redirect:
                return WebAnswer(address=address, body=body)
            address = self._onward(address, reply.headers["Location"])
        raise UnexpectedAnswerError(f"{self._server(address)} redirects again and again: correct the api_url")

    def _answered(self, question: Question, address: str) -> tuple[requests.Response, bytes]:
        access = next((each for each in self.accesses if each.covers(address)), None)
        if access is None:
            return self._exchange(question, address, None)
        if access not in self._accounts:
            self._accounts[access] = Account(
                user=access.user, password=access.password, timeout_s=self.timeout_s[1], logins=self.logins
            )
        return self._accounts[access].ask(
            self._server(address), address, lambda: self._exchange(question, address, access)
        )

    def _exchange(self, question: Question, address: str, access: WebAccess | None) -> tuple[requests.Response, bytes]:
        server = self._server(address)
        try:
            with (
                ended_in(_DEADLINE_FACTOR * self.timeout_s[1]),
                self.session.request(
                    question.method,
                    address,
                    data=question.body,
                    headers={"Accept": question.accept, **question.headers},
                    auth=_signature(access),
                    timeout=self.timeout_s,
                    allow_redirects=False,
                    stream=True,
                ) as reply,
            ):
                body = read_whole(reply, server, self.most_bytes)
        except requests.RequestException as error:
            raise _no_answer(server, error, self.timeout_s) from None  # its text holds the whole address
        if not reply.is_redirect and reply.status_code not in (HTTPStatus.OK, HTTPStatus.MULTI_STATUS):
            raise self._refusal(server, reply, access)
        return reply, body

    def _onward(self, address: str, location: str) -> str:
        """Return where a redirection leads; the same server, or the same host with TLS."""
        try:
            target = joined(address, location)
            here, there = origin(address), origin(target)
        except UnexpectedAnswerError:
            sentence = f"{self._server(address)} redirects to what is no address: correct the instrument's api_url"
            raise UnexpectedAnswerError(sentence) from None
        if there != here and there != ("https", here[1], 443):
            raise UnexpectedAnswerError(
                f"{self._server(address)} redirects to another server, {shortened(there[1]) or 'a strange one'}, which "
                "is not asked: if that is right, make it the instrument's api_url"
            )
        return target

    def _refusal(self, server: str, reply: requests.Response, access: WebAccess | None) -> NexusLimsError:
        """Return the error that an answer other than a yes means."""
        status = reply.status_code
        if status == HTTPStatus.UNAUTHORIZED:
            return self._unauthorized(server, access)
        if status == HTTPStatus.FORBIDDEN:
            return AuthenticationError(
                f"{server} answered 403: let the account read it, or correct the instrument's api_url"
            )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
            return ServiceUnavailableError(f"{server} answered {status}; {AGAIN}")
        return UnexpectedAnswerError(f"{server} answered {status}: correct the instrument's api_url")

    def _unauthorized(self, server: str, access: WebAccess | None) -> NexusLimsError:
        if access is None:
            return AuthenticationError(
                f"{server} asks for a login, and there is none for it: set {self.setting}_URL, {self.setting}_USER and "
                f"{self.setting}_PASSWORD, or the Airflow connection {self.setting.lower()}"
            )
        whom = f"the user {access.user!r}" if access.user else "the token"
        return RefusedError(
            f"{server} refused {whom}: correct it, or the server's address; it is not tried again, since accounts lock "
            "after a few tries; if it is the server that was corrected, run `nexuslims doctor --retry-logins`"
        )

    def _server(self, address: str) -> str:
        return f"the {self.kind} at {urlsplit(address).netloc}"


def web_address(instrument: Instrument, kind: str) -> str:
    """Return the address that an instrument's ``api_url`` is, with the scheme that is asked.

    Raises
    ------
    ConfigurationError
        If it is none, or holds a password; it is not shown then.
    """
    refuse_login(instrument)
    parts = _parts((instrument.api_url or "").strip())
    if parts is None:
        raise no_address(instrument, f"a {kind} by an address that begins with https://")
    return parts._replace(scheme=_SCHEMES[parts.scheme.lower()], fragment="").geturl()


def _parts(address: str) -> SplitResult | None:
    """Return the parts of a web address; None where it is none."""
    if any(letter.isspace() or not letter.isprintable() for letter in address):
        return None
    try:
        parts = urlsplit(address)
        sound = parts.scheme.lower() in _SCHEMES and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        return None
    return parts if sound else None


class _Nobody(AuthBase):
    """No credentials at all: without this, requests takes those of a .netrc file."""

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return r


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request."""
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


def _signature(access: WebAccess | None) -> AuthBase:
    if access is None:
        return _Nobody()
    if not access.user:
        return _Bearer(access.password)
    return HTTPBasicAuth(access.user.encode(), access.password.encode())


def _no_answer(server: str, error: requests.RequestException, timeout_s: tuple[float, float]) -> NexusLimsError:
    said = f"{server} {why_silent(error, timeout_s)}"
    if isinstance(error, requests.exceptions.SSLError):
        return ConfigurationError(said)
    return ServiceUnavailableError(f"{said}; {AGAIN}")
