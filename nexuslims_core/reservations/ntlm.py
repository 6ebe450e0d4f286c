"""Reading from a web server that asks for NTLM, as SharePoint on premises does.

NTLM proves who asks once per connection, so one session is kept and its connection stays signed in. A refused
account is not tried twice, by nobody: see :mod:`.logins`.
"""

import struct
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from requests_ntlm import HttpNtlmAuth
from spnego.exceptions import SpnegoError

from nexuslims_core.connections import AGAIN, ended_in, make_cuttable, read_whole, why_silent
from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    NexusLimsError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.reservations.listdata import error_message, without_query
from nexuslims_core.reservations.logins import Logins, OwnLogins
from nexuslims_core.reservations.signing_in import Account, RefusedError

MOST_BYTES = 64 * 2**20
_DEADLINE_FACTOR = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said that took the credentials."""

    address: str
    status: int
    body: bytes

    def content(self) -> bytes:
        """Return the text of an answer that says yes.

        Raises
        ------
        AuthenticationError
            If the account may not read this.
        UnexpectedAnswerError
            If the server says anything but 200; the sentence holds its message.
        """
        if self.status == HTTPStatus.OK:
            return self.body
        said, address = error_message(self.body) or "no reason given", without_query(self.address)
        if self.status == HTTPStatus.FORBIDDEN:
            raise AuthenticationError(f"{address} may not be read ({said}): let the account read this list")
        if HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST:
            said = "it redirects, and credentials do not follow"
        raise UnexpectedAnswerError(f"{address} answered {self.status} ({said}): correct the instrument's api_url")


@dataclass(kw_only=True, eq=False)
class NtlmReader:
    r"""Gets documents from a server as one account.

    Attributes
    ----------
    user, password
        The account, best as ``DOMAIN\user``.
    session
        Keeps the connection; nothing of the account is stored in it.
    timeout_s
        How long the server may stay silent; a whole answer may take ten times as long.
    logins
        The memory of refused logins.
    """

    user: str
    password: str = field(repr=False)
    session: requests.Session = field(default_factory=requests.Session, repr=False)
    timeout_s: float = 30.0
    logins: Logins = field(default_factory=OwnLogins, repr=False)
    _account: Account = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.user or not self.password:
            raise ConfigurationError("the SharePoint calendar needs a user and a password: set both")
        make_cuttable(self.session)
        self._account = Account(user=self.user, password=self.password, timeout_s=self.timeout_s, logins=self.logins)

    def get(self, address: str) -> Answer:
        """Return the answer of the server, whatever its status below 500.

        Raises
        ------
        AuthenticationError
            If the account is refused, now or at an earlier call by anybody; then the server is not asked.
        ServiceUnavailableError
            If the server does not answer in time, or says that it cannot now.
        UnexpectedAnswerError
            If it sends more than anybody reads.
        """
        return self._account.ask(_server(address), address, lambda: self._get(address))

    def _get(self, address: str) -> Answer:
        try:
            with ended_in(self.timeout_s * _DEADLINE_FACTOR), self._ask(address) as response:
                if response.status_code == HTTPStatus.UNAUTHORIZED:
                    raise self._unauthorized(response)
                body = read_whole(response, _server(address), MOST_BYTES)
                answer = Answer(address=address, status=response.status_code, body=body)
        except PermissionError as error:
            raise self._refused(address) from error
        except requests.RequestException as error:
            raise _no_answer(address, error, self.timeout_s) from error
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            said = error_message(answer.body) or "no reason given"
            raise ServiceUnavailableError(f"{_server(address)} answered {answer.status} ({said}); {AGAIN}")
        return answer

    def _ask(self, address: str) -> requests.Response:
        """Send the request; redirections are not followed, since the credentials would go along."""
        auth = HttpNtlmAuth(self.user, self.password)
        headers = {"Accept": "application/atom+xml"}
        try:
            return self.session.get(
                address, auth=auth, headers=headers, timeout=self.timeout_s, stream=True, allow_redirects=False
            )
        except requests.RequestException:
            raise
        except (KeyError, ValueError, struct.error, SpnegoError) as error:
            raise ServiceUnavailableError(f"{_server(address)} broke off the NTLM handshake") from error

    def _unauthorized(self, response: requests.Response) -> AuthenticationError:
        if "ntlm" in response.headers.get("WWW-Authenticate", "").lower() or response.history:
            return self._refused(response.url)
        return AuthenticationError(f"{_server(response.url)} does not offer NTLM: have it switched on for this site")

    def _refused(self, address: str) -> AuthenticationError:
        return RefusedError(
            f"{_server(address)} refused the user {self.user!r}: correct the user (as DOMAIN\\user), the password or "
            "the server's address; it is not tried again, since accounts lock after a few tries; if it is the "
            "server that was corrected, run `nexuslims doctor --retry-logins`"
        )


def _no_answer(address: str, error: requests.RequestException, timeout_s: float) -> NexusLimsError:
    """Return the error to raise where the server could not be heard to the end."""
    said = f"{_server(address)} {why_silent(error, (timeout_s, timeout_s))}"
    if isinstance(error, requests.exceptions.SSLError):
        return ConfigurationError(said)
    return ServiceUnavailableError(f"{said}; {AGAIN}")


def _server(address: str) -> str:
    return f"SharePoint at {urlsplit(address).netloc}"
