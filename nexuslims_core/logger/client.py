"""The logbook behind Airflow's web server: each entry is one POST, signed by a login of the same command.

An answer that was lost is asked for once more; the entry carries its own id and time, so that it is not written twice.
Redirects are never followed: a redirected POST turns into a GET that looks like success.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import requests
from requests.auth import AuthBase
from typing_extensions import override

from nexuslims_core import codec
from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    NexusLimsError,
    ServiceUnavailableError,
    SessionStateError,
    UnexpectedAnswerError,
    UnknownInstrumentError,
    UnknownSessionError,
)
from nexuslims_core.logger.entries import Entry, Event, RefusedError, StumbledError, Written
from nexuslims_core.logger.replies import Reply, one_line, plain_object

ANSWER_LIMIT_BYTES = 1024 * 1024
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_LOGIN_REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class _Bearer(AuthBase):
    """``Authorization: Bearer …``; as an AuthBase, since requests lets a .netrc file replace a plain header."""

    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request; without a token leave it as it is."""
        if self._token:
            r.headers["Authorization"] = f"Bearer {self._token}"
        return r


@dataclass(kw_only=True)
class AirflowLogbook:
    """The logbook of the facility whose Airflow is at an address.

    Attributes
    ----------
    url
        Address of Airflow, without a slash at the end.
    user, password
        An account of Airflow that may trigger DAGs; used once, at the first entry.
    timeout_s
        For the connection, and for each silence of the server afterwards; a whole answer may take ten silences.
    """

    url: str
    user: str | None
    password: str | None = field(repr=False)
    timeout_s: float
    _token: str = field(default="", init=False, repr=False)

    def write(self, entry: Entry) -> Written:
        """Have an entry written down; raises as :meth:`nexuslims_core.logger.entries.Logbook.write` says."""
        if not self._token:
            self._token = self._login()
        reply = self._post(f"nexuslims/api/sessions/{entry.event}", _payload(entry), self._token)
        if reply.status != HTTPStatus.OK:
            raise self._refusal(entry, reply)
        try:
            written = codec.decode(Written, dict(reply.document))
        except ValueError as error:
            raise self._unexpected("200 without saying how the session stands") from error
        if written.session != entry.session:
            raise self._unexpected("200 about another session")
        return written

    def _login(self) -> str:
        """Return a token of Airflow."""
        if not (self.user and self.password):
            raise ConfigurationError("NEXUSLIMS_USER and NEXUSLIMS_PASSWORD are not set: NEXUSLIMS_API_URL needs them")
        reply = self._post("auth/token", {"username": self.user, "password": self.password}, "")
        token = reply.document.get("access_token")
        if reply.status in (HTTPStatus.OK, HTTPStatus.CREATED) and isinstance(token, str):
            if re.fullmatch(r"[!-~]+", token):
                return token
        elif reply.status in _LOGIN_REFUSED:
            raise AuthenticationError(
                f"Airflow at {self.url} refuses the login of {self.user}{_colon(reply.says)}; "
                "correct NEXUSLIMS_USER and NEXUSLIMS_PASSWORD"
            )
        elif reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status in _PASSING:
            raise self._unavailable(f"answered {reply.status} to the login{_colon(reply.says)}")
        raise ConfigurationError(
            f"{self.url} answered {reply.status} to the login, and gave no token: is NEXUSLIMS_API_URL right?"
        )

    def _post(self, path: str, payload: Mapping[str, object], token: str, tries: int = 2) -> Reply:
        """Return the answer, asked for again where the connection broke before it was whole."""
        try:
            return self._exchange(path, payload, token)
        except requests.RequestException as error:
            if tries > 1 and _was_cut(error):
                return self._post(path, payload, token, tries - 1)
            raise self._without_answer(error) from error

    def _exchange(self, path: str, payload: Mapping[str, object], token: str) -> Reply:
        with requests.post(
            f"{self.url}/{path}",
            json=payload,
            auth=_Bearer(token),
            timeout=self.timeout_s,
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/json"},
        ) as reply:
            return Reply(status=reply.status_code, document=plain_object(self._body(reply)))

    def _body(self, reply: requests.Response) -> bytes:
        """Read an answer whole, unless it is endless in size or in time."""
        limit_s = time.monotonic() + 10 * self.timeout_s
        body = bytearray()
        for chunk in reply.iter_content(ANSWER_LIMIT_BYTES):
            body += chunk
            if len(body) > ANSWER_LIMIT_BYTES:
                raise self._unexpected(f"with more than {ANSWER_LIMIT_BYTES} bytes")
            if time.monotonic() > limit_s:
                raise requests.ReadTimeout
        return bytes(body)

    def _refusal(self, entry: Entry, reply: Reply) -> NexusLimsError:
        """Return the error that an unwelcome answer to an entry means."""
        if reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
            return self._final(entry, reply)
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return AuthenticationError(
                f"Airflow at {self.url} does not let {self.user} write down sessions{_colon(reply.says)}; "
                "give the account a role that may trigger DAGs"
            )
        if reply.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            return StumbledError(f"Airflow at {self.url} failed over {entry.label}{_colon(reply.says)}")
        if reply.status > HTTPStatus.INTERNAL_SERVER_ERROR or reply.status in _PASSING:
            return self._unavailable(f"answered {reply.status}{_colon(reply.says)}")
        return self._unexpected(f"{reply.status}{_colon(reply.says)}")

    def _final(self, entry: Entry, reply: Reply) -> NexusLimsError:
        """Return why an entry is refused for good; a 404 that is not the facility's own means another address."""
        if reply.error_type == UnknownInstrumentError.__name__:
            return UnknownInstrumentError(entry.instrument or "")
        if reply.error_type == UnknownSessionError.__name__:
            return UnknownSessionError(entry.session)
        if reply.error_type == SessionStateError.__name__:
            return SessionStateError(reply.says)
        if reply.status == HTTPStatus.NOT_FOUND:
            return self._unexpected(f"404{_colon(reply.says)}")
        return RefusedError(f"the facility refuses {entry.label}{_colon(reply.says)}")

    def _without_answer(self, error: requests.RequestException) -> NexusLimsError:
        """Say in plain words why there is no answer."""
        if isinstance(error, requests.exceptions.SSLError):
            return ConfigurationError(f"{self.url} shows a certificate that is not trusted: {_root(error)}")
        if isinstance(error, requests.ConnectTimeout):
            return self._unavailable(f"did not take the connection within {self.timeout_s:g} s")
        if isinstance(error, requests.Timeout):
            return self._unavailable(f"did not answer within {self.timeout_s:g} s")
        return self._unavailable(f"cannot be reached, or cut the connection: {_root(error)}")

    def _unavailable(self, what: str) -> NexusLimsError:
        return ServiceUnavailableError(f"Airflow at {self.url} {what}")

    def _unexpected(self, what: str) -> NexusLimsError:
        return UnexpectedAnswerError(
            f"{self.url} answered {what}: is NEXUSLIMS_API_URL right, and NexusLIMS's plugin in that Airflow?"
        )


def _payload(entry: Entry) -> dict[str, object]:
    """Return what the facility is asked to write down."""
    said: dict[str, object] = {"id": entry.session, "at" if entry.stated else "called_at": entry.at.isoformat()}
    if entry.event is Event.START:
        said |= {"instrument": entry.instrument, "user": entry.user}
    return said


def _was_cut(error: requests.RequestException) -> bool:
    """Return whether the connection broke; a server that is silent is not asked twice."""
    if isinstance(error, requests.Timeout | requests.exceptions.SSLError):
        return False
    return isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)


def _colon(said: str) -> str:
    return f": {said}" if said else ""


def _root(error: BaseException) -> str:
    """Say what the innermost of nested errors says, such as ``Connection refused``."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    said = error.strerror if isinstance(error, OSError) else None
    return one_line(said or str(error) or type(error).__name__)
