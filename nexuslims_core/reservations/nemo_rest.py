"""NEMO's REST interface: lists of what it holds, asked for with a token, page by page.

Checked against NEMO 8.1.5. What this client does about the interface's traps:

- it always asks for pages, since without ``page_size`` a whole table comes at once; it counts them itself and only
  takes from ``next`` that there is one, since that address is built from a header and may lead past a proxy's TLS;
- values are written as NEMO reads them (``true`` and not ``1``, UTC with ``Z``, commas for ``__in``), since a value
  that it cannot read may be ignored in silence, as are filters that it does not know: whoever asks checks what comes.
  One unknown id among those of *another* table (``tool_id__in=1,999``) spoils the whole call;
- ``run_data`` and its like are JSON inside a JSON string: :func:`unpacked`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import requests
from requests.auth import AuthBase
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

MOST_PAGES = 1000
MOST_BYTES = 64 * 2**20
_DEADLINE_FACTOR = 4
_LONGEST_MESSAGE = 300
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_LOGIN_ADVICE = {
    HTTPStatus.UNAUTHORIZED: "make a new token in NEMO and set it",
    HTTPStatus.FORBIDDEN: "let the token's user view this table in NEMO",
}
_NUMBER = re.compile(r"[0-9]{1,18}")
_PATH = re.compile(r"(?P<root>.*/)tools(?:/(?P<number>[0-9]{1,18}))?/?")

Filter: TypeAlias = bool | int | str | datetime | Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """An instrument as NEMO knows it.

    Attributes
    ----------
    root
        Root of the server's REST interface, such as ``https://nemo.example.org/api/``.
    number
        The tool's id there.
    """

    root: str
    number: int


def tool_of(instrument: Instrument) -> Tool:
    """Return the tool that an instrument's ``api_url`` names, such as ``https://nemo.example.org/api/tools/?id=3``.

    Raises
    ------
    ConfigurationError
        If it names none, or holds a password.
    """
    refuse_login(instrument)
    tool = _tool((instrument.api_url or "").strip())
    if tool is None:
        raise no_address(instrument, "a tool of NEMO, such as https://SERVER/api/tools/?id=3")
    return tool


def _tool(address: str) -> Tool | None:
    try:
        parts = urlsplit(address)
        sound = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    path = _PATH.fullmatch(parts.path)
    if not sound or path is None:
        return None
    numbers = [path["number"]] if path["number"] else parse_qs(parts.query).get("id", [])
    if len(numbers) != 1 or not _NUMBER.fullmatch(numbers[0]):
        return None
    return Tool(root=f"{parts.scheme.lower()}://{parts.netloc.lower()}{path['root']}", number=int(numbers[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class NemoAccess:
    """One NEMO server, and our token there.

    Attributes
    ----------
    address
        Root of its REST interface, or of the whole site.
    zone
        For servers that say times without one.
    reads, writes
        Formats of the times that it says and takes, as for strptime, where a site has changed them; None is ISO 8601.
    """

    address: str
    token: str = field(repr=False)
    zone: ZoneInfo | None = None
    reads: str | None = None
    writes: str | None = None

    def covers(self, root: str) -> bool:
        """Return whether a REST interface belongs to this server, so that the token is for it."""
        parts = urlsplit(self.address.strip())
        own = f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}/"
        return root.startswith(own)


@dataclass(frozen=True, slots=True, kw_only=True)
class NemoRest:
    """The REST interface of one NEMO, as one account.

    Attributes
    ----------
    root
        Its address, with a slash at the end.
    timeout_s
        For the connection, and for each silence afterwards; a whole answer may take four silences.
    page_size
        Entries of one answer; a thousand take NEMO ten seconds.
    """

    root: str
    access: NemoAccess
    session: requests.Session = field(default_factory=requests.Session, repr=False)
    timeout_s: tuple[float, float] = (5.0, 30.0)
    page_size: int = 200

    def __post_init__(self) -> None:
        make_cuttable(self.session)

    def every(self, table: str, **filters: Filter) -> Iterator[Mapping[str, Any]]:
        """Return the entries of a table that NEMO gives for these filters, page after page.

        An entry may come twice when the table grows meanwhile.

        Raises
        ------
        ServiceUnavailableError
            If NEMO does not answer, or says that it cannot now.
        AuthenticationError
            If it refuses the token, or the account may not look at this table.
        ConfigurationError
            If it cannot take the filters: they name what it does not have.
        UnexpectedAnswerError
            If this is not how a NEMO answers.
        """
        asked = {name: self._literal(value) for name, value in filters.items()} | {"page_size": str(self.page_size)}
        for number in range(1, MOST_PAGES + 1):
            entries, goes_on = self._page(table, asked | ({"page": str(number)} if number > 1 else {}))
            yield from entries
            if not goes_on:
                return
        raise UnexpectedAnswerError(f"NEMO at {self.root}: {table} goes on after {MOST_PAGES} pages")

    def moment(self, text: str) -> datetime:
        """Return the aware time, in UTC, that NEMO says.

        Raises
        ------
        ValueError
            If it is none, or says no zone where none was configured.
        """
        reads = self.access.reads
        said = datetime.strptime(text, reads) if reads else datetime.fromisoformat(text)  # noqa: DTZ007 - zone: below
        if said.tzinfo is None and self.access.zone is None:
            raise ValueError(f"the time {text[:40]!r} has no zone: set NX_NEMO_TZ_1 (or its number) to the site's")
        try:
            return (said if said.tzinfo else said.replace(tzinfo=self.access.zone)).astimezone(UTC)
        except OverflowError as error:
            raise ValueError(f"the time {text[:40]!r} is out of range") from error

    def _literal(self, value: Filter) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, datetime):
            return self._time_literal(value)
        return str(value) if isinstance(value, int | str) else ",".join(map(str, value))

    def _time_literal(self, time: datetime) -> str:
        if self.access.writes:
            return time.astimezone(self.access.zone or UTC).strftime(self.access.writes)
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _page(self, table: str, asked: Mapping[str, str]) -> tuple[list[Mapping[str, Any]], bool]:
        """Return the entries of one page, and whether there is another."""
        document = self._get(f"{table}/", asked)
        if isinstance(document, list):  # a NEMO that knows no pages gives all at once
            entries, goes_on = document, False
        elif isinstance(document, Mapping) and isinstance(document.get("results"), list):
            entries, goes_on = document["results"], document.get("next") is not None
        else:
            raise UnexpectedAnswerError(
                f"NEMO at {self.root} answered {table} with what is no list: is its address right?"
            )
        if not all(isinstance(entry, Mapping) for entry in entries):
            raise UnexpectedAnswerError(f"NEMO at {self.root} answered {table} with entries that are none")
        return entries, goes_on

    def _get(self, path: str, asked: Mapping[str, str]) -> object:
        try:
            with (
                ended_in(self.timeout_s[1] * _DEADLINE_FACTOR),
                self.session.get(
                    f"{self.root}{path}",
                    params=dict(asked),
                    auth=_TokenAuth(self.access.token),
                    headers={"Accept": "application/json"},
                    timeout=self.timeout_s,
                    allow_redirects=False,
                    stream=True,
                ) as reply,
            ):
                document = _document(read_whole(reply, f"NEMO at {self.root}", MOST_BYTES))
        except requests.RequestException as error:
            raise _no_answer(self.root, error, self.timeout_s) from error
        if reply.status_code != HTTPStatus.OK:
            raise _refusal(f"NEMO at {self.root} answered {path} with {reply.status_code}", reply, document)
        return document


def unpacked(value: object) -> Mapping[str, Any]:
    """Return the answers to a form, which NEMO keeps as JSON, in some fields inside a JSON string; none is empty.

    Raises
    ------
    UnexpectedAnswerError
        If they are neither.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else None
        except (ValueError, RecursionError) as error:
            raise UnexpectedAnswerError(f"NEMO holds answers to a form that are no JSON: {one_line(value)}") from error
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise UnexpectedAnswerError(f"NEMO holds answers to a form that belong to no questions: {one_line(value)}")
    return value


def one_line(text: object) -> str:
    """Return text from outside without line breaks and control characters, and not too long."""
    plain = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False, default=str)
    printable = "".join(letter if letter.isprintable() else " " for letter in plain[: 4 * _LONGEST_MESSAGE])
    line = " ".join(printable.split())
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]} …"


class _TokenAuth(AuthBase):
    """``Authorization: Token …``; as an AuthBase, since requests lets a .netrc file replace a plain header."""

    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request."""
        r.headers["Authorization"] = f"Token {self._token}"
        return r


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _refusal(text: str, reply: requests.Response, document: object) -> NexusLimsError:
    """Return the error that an answer other than 200 means."""
    said = f": {_said(document)}" if _said(document) else ""
    text = f"{text}{said}"
    if reply.status_code in _LOGIN_ADVICE:
        return AuthenticationError(f"{text}; {_LOGIN_ADVICE[HTTPStatus(reply.status_code)]}")
    if reply.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status_code in _PASSING:
        wait = reply.headers.get("Retry-After", "")
        return ServiceUnavailableError(f"{text}; ask again in {wait} s" if wait.isdecimal() else f"{text}; {AGAIN}")
    if reply.status_code == HTTPStatus.BAD_REQUEST and isinstance(document, Mapping):
        return ConfigurationError(f"{text}; does the instrument's api_url name a tool that is there?")
    if "Location" in reply.headers:
        return UnexpectedAnswerError(
            f"{text}, a redirect to {one_line(reply.headers['Location'])}: is its address right?"
        )
    return UnexpectedAnswerError(f"{text}: is its address right?")


def _said(document: object) -> str:
    """Return what NEMO says: one ``detail``, or complaints by the name of the filter."""
    if not isinstance(document, Mapping) or not document:
        return ""
    return one_line(document.get("detail", document))


def _no_answer(root: str, error: requests.RequestException, timeout_s: tuple[float, float]) -> NexusLimsError:
    said = f"NEMO at {root} {why_silent(error, timeout_s)}"
    if isinstance(error, requests.exceptions.SSLError):
        return ConfigurationError(said)
    return ServiceUnavailableError(f"{said}; {AGAIN}")
