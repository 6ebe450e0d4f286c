"""Whether XML is a valid record: every finding with its line, its place and a sentence."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from lxml import etree
from typing_extensions import override

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.records.lines import LOST, element_lines
from nexuslims_core.records.meanings import meaning, meaning_of_broken
from nexuslims_core.schemas import NEXUS_EXPERIMENT, schema_path

_NAMESPACE = re.compile(r"\{\w+:[^{}']*\}")
_STEP = re.compile(r"([^\[@]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason why a document is not a valid record.

    Attributes
    ----------
    line
        Counted from 1; 0 where the parser does not tell.
    xpath
        The element, such as ``/Experiment/acquisitionActivity[2]/dataset[1]/name``; empty where there is no tree.
    sentence
        What is wrong there, in the XML library's words.
    meaning
        What that means and what to do, in plain words; empty where there is no more to say.
    """

    line: int
    xpath: str
    sentence: str
    meaning: str = ""

    @override
    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "unknown line"
        said = f"{self.sentence} {self.meaning}" if self.meaning else self.sentence
        return f"{place}, {self.xpath}: {said}" if self.xpath else f"{place}: {said}"


def findings(xml: bytes, schema: Path | None = None) -> tuple[Finding, ...]:
    """Return all that keeps ``xml`` from being a valid record, in the order of the document; nothing when it is one.

    Parameters
    ----------
    schema
        An XML schema to hold it against; ours where none is given.

    Raises
    ------
    ConfigurationError
        If the schema cannot be read.
    """
    path = schema or schema_path(NEXUS_EXPERIMENT)
    try:
        root = parse(xml)
    except etree.XMLSyntaxError as error:
        return (_not_well_formed(error),)
    tree = root.getroottree()
    if tree.docinfo.doctype:  # type: ignore[attr-defined] # the stubs forget it
        sentence = "it declares a document type, which a record does not need."
        return (Finding(line=1, xpath="", sentence=sentence, meaning="Take the line with <!DOCTYPE out."),)
    compiled = _compiled(path, _modified(path))
    compiled.validate(tree)
    return tuple(_schema_findings(compiled, tree, xml))


def parse(xml: bytes) -> etree._Element:
    """Parse XML that may be hostile: no entities, no document type is loaded, no network.

    Raises
    ------
    lxml.etree.XMLSyntaxError
        If it is not well-formed.
    """
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _not_well_formed(error: etree.XMLSyntaxError) -> Finding:
    said = clean_text(str(error.msg).partition(", line ")[0])
    return Finding(
        line=error.lineno or 0, xpath="", sentence=f"not well-formed XML: {said}.", meaning=meaning_of_broken(said)
    )


def _schema_findings(compiled: etree.XMLSchema, tree: etree._ElementTree, xml: bytes) -> Iterator[Finding]:
    places = _Places(tree, xml)
    for entry in compiled.error_log:  # type: ignore[attr-defined] # the stubs forget that a log is iterable
        said = clean_text(_NAMESPACE.sub("", entry.message))
        yield Finding(
            line=places.line(entry.path) if entry.line == LOST else entry.line,
            xpath=places.named(entry.path),
            sentence=said,
            meaning=meaning(entry.type_name, said),
        )


class _Places:
    """The elements of a document by libxml2's paths, with their names and lines; what is found once is kept.

    A record may have tens of thousands of findings, each among as many siblings: counting those anew for each finding
    would take minutes.
    """

    def __init__(self, tree: etree._ElementTree, xml: bytes) -> None:
        self._tree, self._xml = tree, xml
        self._children: dict[etree._Element, list[etree._Element]] = {}
        self._steps: dict[etree._Element, dict[etree._Element, str]] = {}

    def line(self, path: str | None) -> int:
        """Return the line of an element that libxml2 has lost; 0 where it cannot be told."""
        element = self._element(path) if path else None
        return 0 if element is None else self._lines.get(element, 0)

    @cached_property
    def _lines(self) -> dict[etree._Element, int]:
        return dict(zip(self._tree.getroot().iter("{*}*"), element_lines(self._xml), strict=False))

    def named(self, path: str | None) -> str:
        """Return a path as people read it: ``/Experiment/acquisitionActivity[2]``; empty where it leads nowhere."""
        element = self._element(path) if path else None
        if element is None:
            return ""
        steps = [self._step(each) for each in (element, *element.iterancestors())]
        return "/" + "/".join(reversed(steps))

    def _element(self, path: str) -> etree._Element | None:
        element: etree._Element | None = self._tree.getroot()
        for step in path.split("/")[2:]:
            if element is not None:
                element = self._child(element, step)
        return element

    def _child(self, parent: etree._Element, step: str) -> etree._Element | None:
        """Return the child of a step: ``*[2]`` counts all elements, ``x:name[2]`` those of that name."""
        match = _STEP.fullmatch(step)
        if match is None:
            return None
        if parent not in self._children:
            self._children[parent] = _elements(parent)
        children = self._children[parent]
        if match[1] != "*":
            children = [child for child in children if _as_written(child) == match[1]]
        number = int(match[2] or 1)
        return children[number - 1] if number <= len(children) else None

    def _step(self, element: etree._Element) -> str:
        parent = element.getparent()
        if parent is None:
            return etree.QName(element).localname
        if parent not in self._steps:
            self._steps[parent] = _numbered(parent)
        return self._steps[parent][element]


def _elements(parent: etree._Element) -> list[etree._Element]:
    return list(parent.iterchildren("{*}*"))


def _as_written(element: etree._Element) -> str:
    name = etree.QName(element).localname
    return f"{element.prefix}:{name}" if element.prefix else name


def _numbered(parent: etree._Element) -> dict[etree._Element, str]:
    """Return the children with their names, numbered where several have the same."""
    children = _elements(parent)
    several, so_far = Counter(child.tag for child in children), Counter[str]()
    steps = {}
    for child in children:
        so_far[child.tag] += 1
        number = f"[{so_far[child.tag]}]" if several[child.tag] > 1 else ""
        steps[child] = etree.QName(child).localname + number
    return steps


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise ConfigurationError(f"cannot read the schema {path}: {error.strerror or error}") from error


@lru_cache(maxsize=8)
def _compiled(path: Path, _modified_ns: int) -> etree.XMLSchema:
    try:
        return etree.XMLSchema(
            etree.fromstring(path.read_bytes(), etree.XMLParser(no_network=True), base_url=path.resolve().as_uri())
        )
    except (OSError, etree.LxmlError) as error:
        raise ConfigurationError(f"cannot read the schema {path}: {error}") from error
