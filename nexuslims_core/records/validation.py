"""Whether XML is a valid record: every finding with its line, its place and a sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lxml import etree
from typing_extensions import override

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.schemas import NEXUS_EXPERIMENT, schema_path

_NAMESPACE = re.compile(r"\{[^{}]*\}")


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
        What is wrong there.
    """

    line: int
    xpath: str
    sentence: str

    @override
    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "unknown line"
        return f"{place}, {self.xpath}: {self.sentence}" if self.xpath else f"{place}: {self.sentence}"


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
        return (
            Finding(
                line=error.lineno or 0,
                xpath="",
                sentence=f"not well-formed XML: {clean_text(str(error.msg).partition(', line ')[0])}",
            ),
        )
    tree = root.getroottree()
    if tree.docinfo.doctype:  # type: ignore[attr-defined] # the stubs forget it
        return (Finding(line=1, xpath="", sentence="it declares a document type, which a record does not need"),)
    compiled = _compiled(path, _modified(path))
    compiled.validate(tree)
    return tuple(_schema_findings(compiled, tree))


def parse(xml: bytes) -> etree._Element:
    """Parse XML that may be hostile: no entities, no document type is loaded, no network.

    Raises
    ------
    lxml.etree.XMLSyntaxError
        If it is not well-formed.
    """
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _schema_findings(compiled: etree.XMLSchema, tree: etree._ElementTree) -> Iterator[Finding]:
    for entry in compiled.error_log:  # type: ignore[attr-defined] # the stubs forget that a log is iterable
        element = _element(tree, entry.path)
        yield Finding(
            line=entry.line,
            xpath="" if element is None else _xpath(element),
            sentence=clean_text(_NAMESPACE.sub("", entry.message)),
        )


def _element(tree: etree._ElementTree, path: str | None) -> etree._Element | None:
    found = tree.xpath(path) if path else []
    return found[0] if isinstance(found, list) and found and etree.iselement(found[0]) else None


def _xpath(element: etree._Element) -> str:
    steps = [_step(each) for each in (element, *element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def _step(element: etree._Element) -> str:
    name = etree.QName(element).localname
    parent = element.getparent()
    same = [] if parent is None else list(parent.iterchildren(element.tag))
    return f"{name}[{same.index(element) + 1}]" if len(same) > 1 else name


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
