"""The template of records in a CDCS, known by what its current version says and not by being the first one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lxml import etree
from pydantic import BaseModel

from nexuslims_core.errors import PublishingError
from nexuslims_core.records.validation import parse
from nexuslims_core.schemas import NEXUS_EXPERIMENT, NEXUS_NAMESPACE, schema_path

ROOT = "Experiment"
_XSD = "{http://www.w3.org/2001/XMLSchema}"


class TemplateVersion(BaseModel):
    """One version of a template, in CDCS's words; CDCS never changes one."""

    id: int
    content: str


class Template(BaseModel):
    """All versions of one template, in CDCS's words; their ids come as text."""

    title: str
    current: int | None = None
    versions: list[int]
    is_disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTemplate:
    """The template that records follow.

    Attributes
    ----------
    title
        What CDCS calls it.
    current
        The version that a new record follows.
    versions
        Every version there was, that one too.
    content
        The schema of the current one.
    """

    title: str
    current: int
    versions: tuple[int, ...]
    content: str

    @property
    def is_ours(self) -> bool:
        """Whether its schema is the one that this release validates records against."""
        return _canonical(self.content) == _canonical(schema_path(NEXUS_EXPERIMENT).read_text("utf-8"))

    def findings(self, xml: bytes) -> str:
        """Return why the current version does not allow a record, or "" where it does or only CDCS can tell."""
        try:
            schema = etree.XMLSchema(parse(self.content.encode()))
        except etree.LxmlError:  # it includes others, which CDCS knows
            return ""
        try:
            schema.assertValid(parse(xml))
        except etree.LxmlError as error:
            return str(error)
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChoice:
    """Chooses among the templates of a CDCS.

    Attributes
    ----------
    server
        What sentences call the CDCS.
    read
        Asks CDCS for one version.
    known
        The versions that were read before, by number.
    """

    server: str
    read: Callable[[int], TemplateVersion]
    known: dict[int, str] = field(default_factory=dict)

    def the_one(self, templates: Iterable[Template], title: str | None) -> RecordTemplate:
        """Return the enabled template whose current version describes records.

        Parameters
        ----------
        title
            Narrows it where several do.

        Raises
        ------
        PublishingError
            If there is none, or several; the sentence names them.
        """
        enabled = [each for each in templates if not each.is_disabled and each.current is not None]
        asked = [each for each in enabled if title in (None, each.title)]
        fitting = [found for each in asked if (found := self._fitting(each))]
        if len(fitting) == 1:
            return fitting[0]
        raise PublishingError(f"{self.server} has {self._lack(fitting, title)}")

    def _fitting(self, template: Template) -> RecordTemplate | None:
        current = template.current
        if current is None:
            return None
        if current not in self.known:
            self.known[current] = self.read(current).content
        content = self.known[current]
        if not describes_records(content):
            return None
        return RecordTemplate(
            title=template.title, current=current, versions=tuple({*template.versions, current}), content=content
        )

    def _lack(self, fitting: list[RecordTemplate], title: str | None) -> str:
        if fitting:
            names = ", ".join(sorted(repr(each.title) for each in fitting))
            return f"several templates of records, {names}: name the one to use in NEXUSLIMS_CDCS_TEMPLATE"
        named = f" {title!r}" if title else ""
        return (
            f"no template{named} that is enabled and whose current version is a schema of {NEXUS_NAMESPACE} with the "
            f"element {ROOT}: have its administrator upload nexus-experiment.xsd as a global template"
        )


def describes_records(content: str) -> bool:
    """Return whether a template's text is an XML schema of records: their namespace, and the element at their root."""
    try:
        schema = parse(content.encode())
    except (etree.XMLSyntaxError, ValueError):
        return False
    named = {element.get("name") for element in schema.iterchildren(f"{_XSD}element")}
    return schema.tag == f"{_XSD}schema" and schema.get("targetNamespace") == NEXUS_NAMESPACE and ROOT in named


def is_record(xml: str) -> bool:
    """Return whether XML is a record of an experiment by its root."""
    try:
        return parse(xml.encode()).tag == f"{{{NEXUS_NAMESPACE}}}{ROOT}"
    except (etree.XMLSyntaxError, ValueError):
        return False


def _canonical(xsd: str) -> str:
    return etree.tostring(parse(xsd.encode()), method="c14n").decode().strip()
