"""Records in a CDCS repository, each exactly once.

CDCS knows no unique titles: posting twice makes two records. So a title is looked up before it is posted, and looked
up again after an answer was lost. Whoever finds several keeps the one with the lowest number, which every uploader
would choose, and removes the others that the account owns. A record that the books know by another title is given this
one. Two uploaders of the same title at the same moment must be kept apart by the claim on the session.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

import requests

from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import (
    AuthenticationError,
    NexusLimsError,
    PublishingError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.publishing.base import Check, Earlier, Receipt
from nexuslims_core.publishing.cdcs_contents import CdcsContents, Record, Template, Workspace
from nexuslims_core.publishing.cdcs_rest import CdcsRest, GoneError, base_url, credentials

log = logging.getLogger(__name__)

_TITLE_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The record as it shall be.

    Attributes
    ----------
    title, xml
        What it is called and what it says.
    template
        The template whose current version a new record follows.
    workspace
        The public workspace that makes it readable.
    """

    title: str
    xml: str
    template: Template
    workspace: Workspace

    def is_(self, record: Record) -> bool:
        """Whether a record of CDCS is this one: public, and the same to the letter."""
        named = record.title == self.title
        return named and record.workspace == self.workspace.id and record.xml_content == self.xml


@dataclass(frozen=True, kw_only=True)
class CdcsStore:
    """A CDCS repository as a destination of records.

    Attributes
    ----------
    url
        Address of the CDCS; a path and a missing slash at its end are fine.
    token
        Token of the account that publishes; without it ``user`` and ``password`` are sent.
    template_title
        Title of the template that records follow.
    workspace_title
        Title of the public workspace that they belong to.
    timeout_s
        For the connection, and for each silence of the server afterwards.
    pauses_s
        How long to wait before each further try when CDCS does not answer; nothing is posted without looking first.
    sleep
        Waits that long.
    session
        The connections, for instance with a site's own certificates.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    template_title: str = "nexus-experiment"
    workspace_title: str = "Global Public Workspace"
    timeout_s: tuple[float, float] = (5, 60)
    pauses_s: tuple[float, ...] = (1, 4, 15)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    session: requests.Session | None = field(default=None, repr=False)
    _rest: CdcsRest = field(init=False, repr=False)
    _contents: CdcsContents = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rest = CdcsRest(
            url=base_url(self.url),
            auth=credentials(self.token, self.user, self.password),
            timeout_s=self.timeout_s,
            session=self.session or requests.Session(),
        )
        object.__setattr__(self, "_rest", rest)
        object.__setattr__(self, "_contents", CdcsContents(rest=rest))

    @property
    def name(self) -> str:
        """Name of the destination in the books."""
        return "cdcs"

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        """Make the record ``title`` publicly readable with exactly these bytes, and prove it.

        Parameters
        ----------
        earlier
            What is renamed and replaced where no record of this title is found. Its number alone proves nothing, since
            a CDCS that was set up anew counts from 1 again; so it must have the title that the books know too.

        Raises
        ------
        ServiceUnavailableError
            If CDCS does not answer, or says that it cannot now, at every try.
        AuthenticationError
            If it refuses the credentials.
        PublishingError
            If it refuses the record, or is not set up to take it.
        UnexpectedAnswerError
            If what answers is no CDCS.
        """
        text = _sound(title, xml)
        lost = False
        for pause_s in self.pauses_s:
            try:
                receipt = self._settle(title, text, earlier)
                if not lost:
                    return receipt
                lost = False  # and look once more: what was lost may have been slow and not in vain
            except ServiceUnavailableError as error:
                lost = True
                log.warning("record %s: %s; looking again in %g s", title, error, pause_s)
            self.sleep(pause_s)
        return self._settle(title, text, earlier)

    def check(self) -> tuple[Check, ...]:
        """Say whether records could be published now: address, credentials, template, workspace; writes nothing."""
        return tuple(self._checks())

    def _settle(self, title: str, xml: str, earlier: Earlier | None) -> Receipt:
        """Look what CDCS holds of this record, change only what is not right, and look again."""
        wanted = _Wanted(
            title=title,
            xml=xml,
            template=self._contents.template(self.template_title),
            workspace=self._contents.workspace(self.workspace_title),
        )
        held = self._held(wanted, earlier)
        if held and wanted.is_(held[0]):
            return self._proven(wanted, held)
        if held:
            self._amend(held[0], wanted)
        else:
            self._rest.send("POST", "data/", HTTPStatus.CREATED, _new(wanted))
        return self._proven(wanted, self._held(wanted, earlier))

    def _held(self, wanted: _Wanted, earlier: Earlier | None) -> list[Record]:
        """Return the records of the title that is wanted, else the one that was published before under another."""
        held = self._contents.records(wanted.title, wanted.template)
        if held or earlier is None:
            return held
        known = self._contents.record(earlier.record_id)
        return [known] if known and known.title in (earlier.title, wanted.title) else []

    def _amend(self, held: Record, wanted: _Wanted) -> None:
        """Give a record that is there our title, our bytes and our workspace."""
        try:
            if held.xml_content != wanted.xml or held.title != wanted.title:
                named = {"title": wanted.title, "xml_content": wanted.xml}
                self._rest.send("PATCH", f"data/{held.id}/", HTTPStatus.OK, named)
            if held.workspace != wanted.workspace.id:
                self._rest.send("PATCH", f"data/{held.id}/assign/{wanted.workspace.id}", HTTPStatus.OK)
        except PublishingError as error:
            if held.template == wanted.template.current:
                raise
            reason = f"record {held.id} follows an older version of the template, migrate it in CDCS"
            raise PublishingError(f"{error}; {reason}") from error

    def _proven(self, wanted: _Wanted, held: list[Record]) -> Receipt:
        """Return the receipt of what CDCS says that it holds, and remove what a lost answer left beside it."""
        url = self._rest.url
        if not held:
            raise UnexpectedAnswerError(f"CDCS at {url} accepted the record {wanted.title} and does not show it")
        kept, *others = held
        if not wanted.is_(kept):
            raise PublishingError(
                f"CDCS at {url} holds something else than we sent as record {kept.id}, {wanted.title}: "
                f"its workspace is {kept.workspace} instead of {wanted.workspace.id}, or its XML differs"
            )
        for other in others:
            self._remove(other, kept)
        digest = sha256(kept.xml_content.encode())
        return Receipt(destination=self.name, record_id=str(kept.id), url=f"{url}/data?id={kept.id}", sha256=digest)

    def _remove(self, other: Record, kept: Record) -> None:
        try:
            self._rest.send("DELETE", f"data/{other.id}/", HTTPStatus.NO_CONTENT)
        except GoneError:
            return
        except PublishingError as error:
            log.warning("%s is also record %d, which is not ours to remove: %s", kept.title, other.id, error)
        else:
            log.warning("removed record %d, a second %s beside record %d", other.id, kept.title, kept.id)

    def _checks(self) -> Iterator[Check]:
        try:
            self._rest.get("workspace/read_access")
        except AuthenticationError as error:
            yield Check(subject="address", ok=True, sentence=f"CDCS answers at {self._rest.url}")
            yield Check(subject="credentials", ok=False, sentence=str(error))
            return
        except NexusLimsError as error:
            yield Check(subject="address", ok=False, sentence=str(error))
            return
        yield Check(subject="address", ok=True, sentence=f"CDCS answers at {self._rest.url}")
        yield Check(subject="credentials", ok=True, sentence=f"CDCS accepts {self._who()}")
        yield _check("template", lambda: self._contents.template(self.template_title))
        yield _check("workspace", lambda: self._contents.workspace(self.workspace_title))

    def _who(self) -> str:
        return "the token" if self.token else f"the password of {self.user}"


def _sound(title: str, xml: bytes) -> str:
    """Return the XML as text, once it is clear that CDCS would keep it and its title as they are."""
    if not title or title != title.strip() or len(title) > _TITLE_LIMIT:
        raise PublishingError(
            f"CDCS cannot keep the title {title!r}: 1 to {_TITLE_LIMIT} letters, no blanks round them"
        )
    try:
        return xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PublishingError(f"the record {title} is not UTF-8: {error.reason} at byte {error.start}") from error


def _new(wanted: _Wanted) -> dict[str, object]:
    return {
        "title": wanted.title,
        "template": wanted.template.current,
        "workspace": wanted.workspace.id,
        "xml_content": wanted.xml,
    }


def _check(subject: str, look: Callable[[], Template | Workspace]) -> Check:
    try:
        found = look()
    except NexusLimsError as error:
        return Check(subject=subject, ok=False, sentence=str(error))
    return Check(subject=subject, ok=True, sentence=f"CDCS has the {subject} {found.title!r}")
