"""What a CDCS holds, as far as publishing asks: its templates, its workspaces, the records of one title. Reads only."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from nexuslims_core.errors import PublishingError, UnexpectedAnswerError
from nexuslims_core.publishing.cdcs_rest import CdcsRest, GoneError

T = TypeVar("T")

_PAGES_LIMIT = 100


class Workspace(BaseModel):
    """A workspace, in CDCS's words."""

    id: int
    title: str
    is_public: bool = False


class Template(BaseModel):
    """All versions of one template, in CDCS's words; their ids come as text."""

    title: str
    current: int
    versions: list[int]
    is_disabled: bool = False


class Record(BaseModel):
    """A record, in CDCS's words."""

    id: int
    title: str
    template: int
    workspace: int | None = None
    xml_content: str


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
    """

    rest: CdcsRest

    def template(self, title: str) -> Template:
        """Return the template of this title.

        Raises
        ------
        PublishingError
            If there is none, or it is disabled.
        """
        known = self._read(list[Template], self.rest.get("template-version-manager/global/", title=title))
        return self._the_one(
            "template", title, [found for found in known if found.title == title and not found.is_disabled]
        )

    def workspace(self, title: str) -> Workspace:
        """Return the public workspace of this title.

        Raises
        ------
        PublishingError
            If there is none, or it is not public.
        """
        known = self._read(list[Workspace], self.rest.get("workspace/read_access"))
        return self._the_one(
            "public workspace", title, [found for found in known if found.title == title and found.is_public]
        )

    def records(self, title: str, template: Template) -> list[Record]:
        """Return the account's own records of this title, else other people's public ones, the lowest number first.

        Records that follow an older version of the template count too.
        """
        found = list(self._pages("GET", "data/", None, {"title": title}))
        if not found:
            query = {"query": {}, "title": title, "templates": [{"id": version} for version in template.versions]}
            found = list(self._pages("POST", "data/query/", query, {}))
        ours = [record for record in found if record.title == title and record.template in template.versions]
        return sorted(ours, key=lambda record: record.id)

    def record(self, number: str) -> Record | None:
        """Return the record of a number that the account can see; None if there is none."""
        if not re.fullmatch(r"[0-9]{1,18}", number):
            return None
        try:
            return self._read(Record, self.rest.get(f"data/{number}/"))
        except GoneError:
            return None

    def _the_one(self, kind: str, title: str, found: list[T]) -> T:
        if len(found) == 1:
            return found[0]
        count = "no" if not found else f"{len(found)} times a"
        raise PublishingError(f"CDCS at {self.rest.url} has {count} {kind} {title!r}: its administrator can mend that")

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
                f"CDCS at {self.rest.url} does not answer as a CDCS does: {where}: {fault['msg']}"
            ) from error
