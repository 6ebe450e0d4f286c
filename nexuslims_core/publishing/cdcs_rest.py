"""CDCS's REST interface: one request out, one checked answer in, and every refusal as an error of ours.

CDCS speaks JSON, but the proxies before it do not. Redirects are never followed: a redirected POST turns into a GET
that looks like success. Nothing is sent after the deadline.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from typing_extensions import override

from nexuslims_core.connections import Deadline, ended_in, read_whole, why_silent
from nexuslims_core.errors import ConfigurationError, ServiceUnavailableError
from nexuslims_core.publishing.cdcs_refusals import Answer, refusal

ANSWER_LIMIT_BYTES = 256 * 1024 * 1024
_SILENCES = 10


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
class CdcsRest:
    """The REST interface of one CDCS, as one account, until a deadline.

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
    deadline
        When the last request must be over.
    """

    url: str
    auth: AuthBase
    timeout_s: tuple[float, float]
    session: requests.Session
    deadline: Deadline

    @property
    def server(self) -> str:
        """What sentences call it."""
        return f"CDCS at {self.url}"

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
        left_s = self.deadline.left_s
        if not left_s:
            limit = f"within {self.deadline.limit_s:g} s, the time that one upload may take"
            raise ServiceUnavailableError(f"{self.server} did not take the record {limit}")
        try:
            with ended_in(min(left_s, _SILENCES * self.timeout_s[1])):
                answer = self._exchange(method, path, payload, parameters)
        except requests.RequestException as error:
            raise ServiceUnavailableError(f"{self.server} {why_silent(error, self.timeout_s)}") from error
        if answer.status != expected:
            raise refusal(self.server, f"{method} {path}", answer)
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
            return Answer(
                status=reply.status_code,
                document=_document(read_whole(reply, self.server, ANSWER_LIMIT_BYTES)),
                location=reply.headers.get("Location", ""),
                retry_after=reply.headers.get("Retry-After", "").strip(),
            )


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
