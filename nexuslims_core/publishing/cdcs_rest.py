"""CDCS's REST interface: one request out, one checked answer in, and every refusal as an error of ours.

CDCS speaks JSON, but the proxies before it do not; it says ``message`` where it refuses a record and ``detail`` where
it refuses a login, and answers 500 to a record that does not satisfy the schema. Redirects are never followed: a
redirected POST turns into a GET that looks like success.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from typing_extensions import override

from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    NexusLimsError,
    PublishingError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)

ANSWER_LIMIT_BYTES = 256 * 1024 * 1024
_SENTENCE_LIMIT = 500
_CHUNK_BYTES = 64 * 1024
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_FINAL = re.compile(r", line \d+|entities are disabled|does not have the permission|doesn't have enough rights")
"""What a 500 says that no later try would change: libxml2's findings end in a line, the others are CDCS's own."""


class TokenAuth(AuthBase):
    """``Authorization: Token …``; as an AuthBase, since requests lets a .netrc file replace a plain header."""

    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request."""
        r.headers["Authorization"] = f"Token {self._token}"
        return r


def credentials(token: str | None, user: str | None, password: str | None) -> AuthBase:
    """Return what signs the requests: the token where there is one, else the user's name and password.

    Raises
    ------
    ConfigurationError
        If there is neither, or the token holds what no header can carry.
    """
    if token:
        if not re.fullmatch(r"[!-~]+", token):
            raise ConfigurationError("the token of CDCS holds a blank or a letter that no token has: copy it again")
        return TokenAuth(token)
    if user and password:
        return HTTPBasicAuth(user.encode(), password.encode())
    raise ConfigurationError("CDCS needs a token, or a user and a password")


def base_url(url: str) -> str:
    """Return the address of a CDCS without the slash at its end.

    Raises
    ------
    ConfigurationError
        If it is no address of a web site, or holds a password, a query or a fragment.
    """
    try:
        parts = urlsplit(url.strip())
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound, parts = False, urlsplit("")
    if not sound or "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(
            "the address of CDCS must look like https://cdcs.example.org/ or http://host:8000/path"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, as far as it matters.

    Attributes
    ----------
    status
        HTTP status.
    document
        The JSON that it holds, or None.
    location
        Where a redirect leads, or "".
    """

    status: int
    document: object
    location: str

    @property
    def says(self) -> str:
        """What CDCS says in it, on one line, or ""."""
        said = self.document if isinstance(self.document, Mapping) else {}
        return _one_line(said.get("message") or said.get("detail") or "")

    @property
    def refuses_login(self) -> bool:
        """Whether it says that the credentials are not good enough."""
        if self.status == HTTPStatus.FORBIDDEN:
            return isinstance(self.document, Mapping) and "detail" in self.document
        return self.status == HTTPStatus.UNAUTHORIZED


@dataclass(frozen=True, slots=True, kw_only=True)
class CdcsRest:
    """The REST interface of one CDCS, as one account.

    Attributes
    ----------
    url
        Address of the CDCS, without a slash at the end.
    auth
        Signs the requests.
    timeout_s
        For the connection, and for each silence of the server afterwards; a whole answer may take ten silences.
    session
        The connections.
    """

    url: str
    auth: AuthBase
    timeout_s: tuple[float, float]
    session: requests.Session

    def get(self, path: str, **parameters: str | int) -> object:
        """Return the document at ``path``."""
        return self.send("GET", path, HTTPStatus.OK, parameters=parameters)

    def send(
        self,
        method: str,
        path: str,
        expected: HTTPStatus,
        payload: Mapping[str, object] | None = None,
        parameters: Mapping[str, str | int] | None = None,
    ) -> object:
        """Return the document of the answer, whose status must be ``expected``.

        Raises
        ------
        ServiceUnavailableError
            If it does not answer, or says that it cannot now; what was asked may have been done all the same.
        AuthenticationError
            If it refuses the credentials.
        PublishingError
            If it refuses what was asked for good.
        UnexpectedAnswerError
            If this is not how a CDCS answers.
        """
        try:
            answer = self._exchange(method, path, payload, parameters)
        except requests.RequestException as error:
            raise ServiceUnavailableError(f"CDCS at {self.url} {_why(error, self.timeout_s)}") from error
        if answer.status != expected:
            raise self._refusal(f"{method} {path}", answer)
        return answer.document

    def _exchange(
        self,
        method: str,
        path: str,
        payload: Mapping[str, object] | None,
        parameters: Mapping[str, str | int] | None,
    ) -> Answer:
        with self.session.request(
            method,
            f"{self.url}/rest/{path}",
            params=parameters,
            json=payload,
            auth=self.auth,
            timeout=self.timeout_s,
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/json"},
        ) as reply:
            document = _document(self._body(reply))
            return Answer(status=reply.status_code, document=document, location=reply.headers.get("Location", ""))

    def _body(self, reply: requests.Response) -> bytes:
        """Read an answer whole, unless it is endless in size or in time."""
        limit_s = time.monotonic() + 10 * self.timeout_s[1]
        body = bytearray()
        for chunk in reply.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > ANSWER_LIMIT_BYTES:
                raise UnexpectedAnswerError(f"CDCS at {self.url} sent more than {ANSWER_LIMIT_BYTES} bytes")
            if time.monotonic() > limit_s:
                raise requests.ReadTimeout
        return bytes(body)

    def _refusal(self, request: str, answer: Answer) -> NexusLimsError:
        """Return the error that an unwelcome answer means."""
        said = f": {answer.says}" if answer.says else ""
        text = f"CDCS at {self.url} answered {request} with {answer.status}{said}"
        if answer.refuses_login:
            return AuthenticationError(f"{text}; check its token, or its user and password")
        if answer.location:
            return UnexpectedAnswerError(f"{text}, a redirect to {_one_line(answer.location)}: is its address right?")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return PublishingError(text) if _FINAL.search(answer.says) else ServiceUnavailableError(text)
        return _client_refusal(text, answer)


def _client_refusal(text: str, answer: Answer) -> NexusLimsError:
    if answer.status in _PASSING:
        return ServiceUnavailableError(text)
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return PublishingError(f"{text}: the record is too large for the proxy before it")
    if answer.says:
        return GoneError(text) if answer.status == HTTPStatus.NOT_FOUND else PublishingError(text)
    return UnexpectedAnswerError(f"{text}, without a word of CDCS: is its address right?")


class GoneError(ServiceUnavailableError):
    """A record that was there a moment ago is not; looking again shows what is."""


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _one_line(text: object) -> str:
    """Return text from outside without line breaks and control characters, and not too long."""
    plain = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    printable = "".join(letter if letter.isprintable() else " " for letter in plain[: 4 * _SENTENCE_LIMIT])
    line = " ".join(printable.split())
    return line if len(line) <= _SENTENCE_LIMIT else f"{line[:_SENTENCE_LIMIT]}…"


def _why(error: requests.RequestException, timeout_s: tuple[float, float]) -> str:
    """Say in plain words why there is no answer."""
    if isinstance(error, requests.ConnectTimeout):
        return f"did not take the connection within {timeout_s[0]:g} s"
    if isinstance(error, requests.Timeout):
        return f"did not answer within {timeout_s[1]:g} s"
    if isinstance(error, requests.exceptions.SSLError):
        return f"shows a certificate that is not trusted: {_root(error)}"
    return f"cannot be reached, or cut the connection: {_root(error)}"


def _root(error: BaseException) -> str:
    """Say what the innermost of nested errors says, such as ``Connection refused``."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    said = error.strerror if isinstance(error, OSError) else None
    return _one_line(said or str(error) or type(error).__name__)
