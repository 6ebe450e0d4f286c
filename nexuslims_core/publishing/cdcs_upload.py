"""One record on its way into a CDCS: looked up, put right only where it is not, and looked up again.

Its books come first: the record that the receipt names is the session's, whatever it is called by now. Else it is known
by its title, among the records of the account that publishes. Whoever finds several keeps the one of the receipt, else
the one with the lowest number, which every uploader would choose, and removes the others that the account owns.
"""

import logging
from dataclasses import dataclass
from http import HTTPStatus

from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import PublishingError, UnexpectedAnswerError
from nexuslims_core.publishing.base import Earlier, Receipt
from nexuslims_core.publishing.cdcs_contents import CdcsContents, Record, Workspace
from nexuslims_core.publishing.cdcs_refusals import GoneError, NoRightError
from nexuslims_core.publishing.cdcs_templates import RecordTemplate

log = logging.getLogger(__name__)


class DisplacedError(PublishingError):
    """What CDCS shows after we wrote is not what we wrote; another uploader may have been there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
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
    template: RecordTemplate
    workspace: Workspace

    def is_(self, record: Record) -> bool:
        """Whether a record of CDCS is this one: public, and the same to the letter."""
        named = record.title == self.title
        return named and record.workspace == self.workspace.id and record.xml_content == self.xml

    @property
    def new(self) -> dict[str, object]:
        """What CDCS is sent to make it."""
        return {
            "title": self.title,
            "template": self.template.current,
            "workspace": self.workspace.id,
            "xml_content": self.xml,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CdcsUpload:
    """The upload of one record.

    Attributes
    ----------
    contents
        What CDCS holds.
    wanted
        The record as it shall be.
    earlier
        The record that the books know, if any.
    destination
        Name of the CDCS in the books.
    """

    contents: CdcsContents
    wanted: Wanted
    earlier: Earlier | None
    destination: str

    def settle(self) -> Receipt:
        """Look what CDCS holds of this record, change only what is not right, and look again.

        Raises
        ------
        DisplacedError
            If another uploader was faster, or CDCS does not keep what it was sent.
        """
        held = self._held()
        if held and self.wanted.is_(held[0]):
            return self._proven(held)
        if held:
            self._amend(held[0])
        else:
            self._refuse_to_double()
            self.contents.rest.send("POST", "data/", HTTPStatus.CREATED, self.wanted.new)
        return self._proven(self._held())

    def _held(self) -> list[Record]:
        """Return the record that the books know, and after it the account's own ones of its titles."""
        known, own = self._known(), self._own()
        return [known, *(each for each in own if each.id != known.id)] if known else own

    def _known(self) -> Record | None:
        """Return the record that the books know by its number.

        Its number alone proves nothing, since a CDCS that was set up anew counts from 1 again; so it must have a
        title that the books know too, or ours.
        """
        if self.earlier is None:
            return None
        known = self.contents.record(self.earlier.record_id)
        titles = {self.wanted.title, *self.earlier.titles}
        return known if known and known.title in titles and known.is_of(self.wanted.template) else None

    def _own(self) -> list[Record]:
        """Return the account's own records of the title that is wanted, and of one that was sent without an answer."""
        sent = self.earlier.also if self.earlier else None
        titles = [self.wanted.title, *([sent] if sent and sent != self.wanted.title else [])]
        return [each for title in titles for each in self.contents.own_records(title, self.wanted.template)]

    def _refuse_to_double(self) -> None:
        """Stop where somebody else's record has our title: it is not ours to change, and ours would be the second."""
        seen = self.contents.public_records(self.wanted.title, self.wanted.template)
        if not seen:
            return
        ours = {each.id for each in self._held()}
        others = [each for each in seen if each.id not in ours and self.contents.record(str(each.id))]
        if not others:
            raise DisplacedError(f"another upload of {self.wanted.title} was there a moment ago")
        whose = f"account {others[0].user_id}" if others[0].user_id else "another account"
        raise PublishingError(
            f"{self.contents.rest.server} shows a record {self.wanted.title} already, number {others[0].id}, which "
            f"{whose} made and our books do not know: have its administrator hand it to the account that publishes, "
            "or remove it; then requeue the session"
        )

    def _amend(self, held: Record) -> None:
        """Give a record that is there our title, our bytes and our workspace."""
        wanted, rest = self.wanted, self.contents.rest
        self._hold_against_current_version(held)
        try:
            if held.xml_content != wanted.xml or held.title != wanted.title:
                named = {"title": wanted.title, "xml_content": wanted.xml}
                rest.send("PATCH", f"data/{held.id}/", HTTPStatus.OK, named)
            if held.workspace != wanted.workspace.id:
                rest.send("PATCH", f"data/{held.id}/assign/{wanted.workspace.id}", HTTPStatus.OK)
        except NoRightError as error:
            reason = f"record {held.id} was made by account {held.user_id}: is that the account that publishes?"
            raise NoRightError(f"{error}; {reason}") from error
        except PublishingError as error:
            if held.template == wanted.template.current:
                raise
            raise PublishingError(f"{error}; {self._older(held)}") from error

    def _hold_against_current_version(self, held: Record) -> None:
        """Stop where CDCS would only hold our bytes against the older version that a record follows."""
        template = self.wanted.template
        if held.template == template.current or held.xml_content == self.wanted.xml:
            return
        if found := template.findings(self.wanted.xml.encode()):
            raise PublishingError(
                f"the record {self.wanted.title} does not satisfy the current version, {template.current}, of the "
                f"template {template.title!r} of {self.contents.rest.server}: {found}"
            )

    def _older(self, held: Record) -> str:
        current = self.wanted.template.current
        return (
            f"record {held.id} follows version {held.template} of its template and the current one is {current}: have "
            "the administrator of CDCS migrate it, then requeue the session"
        )

    def _proven(self, held: list[Record]) -> Receipt:
        """Return the receipt of what CDCS says that it holds, and remove what a lost answer left beside it."""
        wanted, url = self.wanted, self.contents.rest.url
        if not held:
            raise UnexpectedAnswerError(f"CDCS at {url} accepted the record {wanted.title} and does not show it")
        kept, *others = held
        if not wanted.is_(kept):
            raise DisplacedError(
                f"CDCS at {url} holds something else than we sent as record {kept.id}, {wanted.title}: "
                f"its workspace is {kept.workspace} instead of {wanted.workspace.id}, or its XML differs"
            )
        for other in others:
            self._remove(other, kept)
        digest = sha256(kept.xml_content.encode())
        return Receipt(
            destination=self.destination, record_id=str(kept.id), url=f"{url}/data?id={kept.id}", sha256=digest
        )

    def _remove(self, other: Record, kept: Record) -> None:
        try:
            self.contents.rest.send("DELETE", f"data/{other.id}/", HTTPStatus.NO_CONTENT)
        except GoneError:
            return
        except PublishingError as error:
            log.warning("%s is also record %d, which is not ours to remove: %s", kept.title, other.id, error)
        else:
            log.warning("removed record %d, a second %s beside record %d", other.id, kept.title, kept.id)
