"""What an unwelcome answer of CDCS, or of the proxies before it, means: which error of ours, and for how long.

CDCS says ``message`` where it refuses a record and ``detail`` where it refuses a login. It answers 500 with ``message``
to a record that does not satisfy the schema and to an account without rights, so that is final; except where the words
are those of a database or a queue that cannot now. A 500 without a word of CDCS comes from somewhere else, and passes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from nexuslims_core.errors import (
    AuthenticationError,
    NexusLimsError,
    PublishingError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.publishing.cdcs_patience import BusyError

_SENTENCE_LIMIT = 500
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_PASSES = re.compile(
    r"database (table )?is locked|disk i/o error|the database system is|deadlock detected|could not (serialize|obtain)"
    r"|connection|connecting to|too many clients|timed? ?out|timeout|temporar|no space left|name resolution",
    re.IGNORECASE,
)
"""What SQLite, PostgreSQL, Redis and sockets say when they cannot now; CDCS hands it on as its own message."""
_FINDING = re.compile(r", line \d+")
"""How libxml2's findings end, which may quote any word of the record."""
_NO_RIGHT = re.compile(r"does not have the permission|doesn't have enough rights", re.IGNORECASE)


class GoneError(ServiceUnavailableError):
    """A record that was there a moment ago is not; looking again shows what is."""


class NoRightError(PublishingError):
    """The account is known and may not do this."""


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
    retry_after
        When it asks to be asked again: seconds or a date, as it came, or "".
    """

    status: int
    document: object
    location: str = ""
    retry_after: str = ""

    @property
    def says(self) -> str:
        """What CDCS says in it, on one line, or ""."""
        said = self.document if isinstance(self.document, Mapping) else {}
        return one_line(said.get("message") or said.get("detail") or "")

    @property
    def refuses_login(self) -> bool:
        """Whether it says that the credentials are not good enough."""
        if self.status == HTTPStatus.FORBIDDEN:
            return isinstance(self.document, Mapping) and "detail" in self.document
        return self.status == HTTPStatus.UNAUTHORIZED

    @property
    def wait_s(self) -> float:
        """How long it asks to be left alone, in seconds; 0 where it does not say."""
        if re.fullmatch(r"[0-9]{1,9}", self.retry_after):
            return float(self.retry_after)
        try:
            until = parsedate_to_datetime(self.retry_after)
        except ValueError:
            return 0
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def refusal(server: str, request: str, answer: Answer) -> NexusLimsError:
    """Return the error that an unwelcome answer means.

    Parameters
    ----------
    server, request
        Who answered, and to what, for the sentence.
    """
    said = f": {answer.says}" if answer.says else ""
    text = f"{server} answered {request} with {answer.status}{said}"
    if answer.refuses_login:
        return AuthenticationError(f"{text}; check its token, or its user and password")
    if answer.location:
        return UnexpectedAnswerError(f"{text}, a redirect to {one_line(answer.location)}: is its address right?")
    if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR and _is_final(answer.says):
        return _for_good(text, answer)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _PASSING:
        return BusyError(text, answer.wait_s)
    return _client_refusal(text, answer)


def _client_refusal(text: str, answer: Answer) -> NexusLimsError:
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return PublishingError(f"{text}: the record is too large for the proxy before it")
    if not answer.says:
        return UnexpectedAnswerError(f"{text}, without a word of CDCS: is its address right?")
    return GoneError(text) if answer.status == HTTPStatus.NOT_FOUND else _for_good(text, answer)


def _is_final(said: str) -> bool:
    return bool(said) and (_FINDING.search(said) is not None or _PASSES.search(said) is None)


def _for_good(text: str, answer: Answer) -> PublishingError:
    if answer.status == HTTPStatus.FORBIDDEN or _NO_RIGHT.search(answer.says):
        return NoRightError(text)
    return PublishingError(text)


def one_line(text: object) -> str:
    """Return text from outside without line breaks and control characters, and not too long."""
    plain = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    printable = "".join(letter if letter.isprintable() else " " for letter in plain[: 4 * _SENTENCE_LIMIT])
    line = " ".join(printable.split())
    return line if len(line) <= _SENTENCE_LIMIT else f"{line[:_SENTENCE_LIMIT]}…"
