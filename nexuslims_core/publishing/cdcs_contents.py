"""What a CDCS holds, as far as publishing asks: its templates, its workspaces, the records of one title. Reads only."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from nexuslims_core.errors import PublishingError, UnexpectedAnswerError
from nexuslims_core.publishing.cdcs_refusals import GoneError, NoRightError
from nexuslims_core.publishing.cdcs_rest import CdcsRest
from nexuslims_core.publishing.cdcs_templates import (
    RecordTemplate,
    Template,
    TemplateChoice,
    TemplateVersion,
    is_record,
)

T = TypeVar("T")

_PAGES_LIMIT = 100


class Workspace(BaseModel):
    """A workspace, in CDCS's words."""

    id: int
    title: str
    is_public: bool = False


class Record(BaseModel):
    """A record, in CDCS's words."""

    id: int
    title: str
    template: int
    workspace: int | None = None
    user_id: str | int | None = None
    xml_content: str

    def is_of(self, template: RecordTemplate) -> bool:
        """Whether it is a record of an experiment: of this template, or of one that it replaced."""
        return self.template in template.versions or is_record(self.xml_content)


class _Page(BaseModel):
    """Some records, and whether more follow."""

    next: str | None = None
    results: list[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class CdcsContents:
    """The reading side of one CDCS.

    Attributes
    ----------
    rest
        Its REST interface, as the account that publishes.
    known_templates
        Schemas that were read before, by the number of their version.
    """

    rest: CdcsRest
    known_templates: dict[int, str] = field(default_factory=dict)

    def template(self, title: str | None) -> RecordTemplate:
        """Return the template of records, among several the one of this title.

        Raises
        ------
        PublishingError
            If there is none, or several.
        """
        choice = TemplateChoice(server=self.rest.server, read=self._template_version, known=self.known_templates)
        narrowed = {} if title is None else {"title": title}
        return choice.the_one(
            self._read(list[Template], self.rest.get("template-version-manager/global/", **narrowed)), title
        )

    def workspace(self, title: str) -> Workspace:
        """Return the public workspace of this title.

        Raises
        ------
        PublishingError
            If there is none, or it is not public.
        """
        known = self._read(list[Workspace], self.rest.get("workspace/read_access"))
        found = [each for each in known if each.title == title and each.is_public]
        if len(found) == 1:
            return found[0]
        count = "no" if not found else f"{len(found)} times a"
        raise PublishingError(
            f"{self.rest.server} has {count} public workspace {title!r}: have its administrator mend that, or correct "
            "NEXUSLIMS_CDCS_WORKSPACE"
        )

    def own_records(self, title: str, template: RecordTemplate) -> list[Record]:
        """Return the account's own records of this title, private ones too, the lowest number first.

        Records that follow an older version of the template count too, and those of a template that was replaced.
        """
        found = self._pages("GET", "data/", None, {"title": title})
        return self._of_experiments(found, title, template)

    def public_records(self, title: str, template: RecordTemplate) -> list[Record]:
        """Return everybody's records of this title that the account can see, the lowest number first."""
        query = {"query": {}, "title": title, "templates": [{"id": version} for version in template.versions]}
        return self._of_experiments(self._pages("POST", "data/query/", query, {}), title, template)

    def _of_experiments(self, found: Iterable[Record], title: str, template: RecordTemplate) -> list[Record]:
        ours = [record for record in found if record.title == title and record.is_of(template)]
        return sorted(ours, key=lambda record: record.id)

    def record(self, number: str) -> Record | None:
        """Return the record of a number; None if there is none that the account can see."""
        if not re.fullmatch(r"[0-9]{1,18}", number):
            return None
        try:
            return self._read(Record, self.rest.get(f"data/{number}/"))
        except (GoneError, NoRightError):
            return None

    def _template_version(self, number: int) -> TemplateVersion:
        return self._read(TemplateVersion, self.rest.get(f"template/{number}/"))

    def _pages(
        self, method: str, path: str, query: Mapping[str, object] | None, parameters: Mapping[str, str]
    ) -> Iterator[Record]:
        for number in range(1, _PAGES_LIMIT + 1):
            asked: dict[str, str | int] = {**parameters, "page": number}
            page = self._read(_Page, self.rest.send(method, path, HTTPStatus.OK, query, asked))
            yield from page.results
            if page.next is None:
                return

    def _read(self, kind: type[T], document: object) -> T:
        try:
            return TypeAdapter(kind).validate_python(document)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"])) or "the answer"
            raise UnexpectedAnswerError(
                f"{self.rest.server} does not answer as a CDCS does: {where}: {fault['msg']}"
            ) from error
