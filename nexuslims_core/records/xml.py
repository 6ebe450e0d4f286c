"""A record as Nexus Experiment XML.

Text is made fit for XML and escaped in this one place; the order of elements is the schema's. The same record gives
the same bytes.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.records.addresses import fit_address, web_address
from nexuslims_core.records.chemistry import sort_out
from nexuslims_core.records.models import (
    Note,
    Parameter,
    Record,
    RecordActivity,
    RecordDataset,
    RecordSample,
    Summary,
)
from nexuslims_core.records.times import xs_datetime
from nexuslims_core.reservations.models import Project
from nexuslims_core.schemas import NEXUS_NAMESPACE

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_BLANKS = re.compile("[ \t\r\n]+")
_NX = f"{{{NEXUS_NAMESPACE}}}"


def to_xml(record: Record) -> bytes:
    """Return the record as an XML document in UTF-8."""
    namespaces = {None: NEXUS_NAMESPACE, "xsi": _XSI}
    root = etree.Element(f"{_NX}Experiment", nsmap=namespaces)  # type: ignore[arg-type] # None is the default one
    root.set("pid", _token(record.pid))
    _add(root, "title", _token(record.title))
    _add(root, "id", _token(record.record_id))
    _add_summary(root, record.summary)
    for sample in record.samples:
        _add_sample(root, sample)
    for project in record.projects:
        _add_project(root, project)
    for activity in record.activities:
        _add_activity(root, activity)
    _add_notes(root, record.notes)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _token(text: str) -> str:
    """Return text as ``xs:token`` has it: one line, single blanks."""
    return _BLANKS.sub(" ", clean_text(text))


@lru_cache(maxsize=1024)
def _label(text: str) -> str:
    """Return a name or unit as a token; a record says the same few of them thousands of times."""
    return _token(text)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, _NX + name)
    element.text = text
    return element


def _add_tokens(parent: etree._Element, name: str, texts: Iterable[str | None]) -> None:
    for text in texts:
        if text and (token := _token(text)):
            _add(parent, name, token)


def _add_summary(root: etree._Element, summary: Summary) -> None:
    element = _add(root, "summary")
    if summary.url and (address := web_address(summary.url)):
        element.set("ref", address)
    _add_tokens(element, "experimenter", summary.experimenters)
    _add_tokens(element, "collaborator", summary.collaborators)
    _add(element, "instrument", _token(summary.instrument)).set("pid", _token(summary.instrument_pid))
    if summary.reservation_start:
        _add(element, "reservationStart", xs_datetime(summary.reservation_start))
    if summary.reservation_end:
        _add(element, "reservationEnd", xs_datetime(summary.reservation_end))
    if summary.motivation:
        _add(element, "motivation", clean_text(summary.motivation))


def _add_sample(root: etree._Element, sample: RecordSample) -> None:
    element = _add(root, "sample")
    element.set("id", _token(sample.sample_id))
    if sample.sample.ref:
        element.set("ref", _token(sample.sample.ref))
    symbols, others = sort_out(sample.sample.elements)
    _add_tokens(element, "name", [sample.sample.name])
    _add_tokens(element, "description", sample.sample.description)
    _add_tokens(element, "description", [f"Named as an element, and none: {other}" for other in others])
    if symbols:
        table = _add(element, "elements")
        for symbol in symbols:
            _add(table, symbol)


def _add_project(root: etree._Element, project: Project) -> None:
    element = _add(root, "project")
    _add_tokens(element, "name", [project.name])
    _add_tokens(element, "division", [project.division])
    _add_tokens(element, "group", [project.group])
    _add_tokens(element, "project_id", [project.project_id])
    if project.ref and (address := web_address(project.ref)):
        _add(element, "ref", address)


def _add_activity(root: etree._Element, activity: RecordActivity) -> None:
    element = _add(root, "acquisitionActivity")
    element.set("seqno", str(activity.seqno))
    _add(element, "startTime", xs_datetime(activity.start))
    _add_tokens(element, "sampleID", [activity.sample_id])
    if activity.setup:
        setup = _add(element, "setup")
        for parameter in activity.setup:
            _add_parameter(setup, "param", parameter)
    _add_notes(element, activity.notes)
    for dataset in activity.datasets:
        _add_dataset(element, dataset)


def _add_dataset(activity: etree._Element, dataset: RecordDataset) -> None:
    element = _add(activity, "dataset")
    element.set("type", dataset.dataset_type.value)
    element.set("role", dataset.role)
    _add(element, "name", _token(dataset.name))
    _add(element, "location", fit_address(dataset.location))
    if dataset.file_format:
        _add(element, "format", _token(dataset.file_format))
    for description in dataset.descriptions:
        _add(element, "description", clean_text(description))
    if dataset.preview:
        _add(element, "preview", fit_address(dataset.preview))
    for parameter in dataset.meta:
        _add_parameter(element, "meta", parameter)
    if dataset.metadata_file:
        _add(element, "meta", fit_address(dataset.metadata_file)).set("name", "Metadata File")


def _add_parameter(parent: etree._Element, kind: str, parameter: Parameter) -> None:
    element = _add(parent, kind, _token(parameter.value))
    element.set("name", _label(parameter.name))
    if parameter.unit:
        element.set("unit", _label(parameter.unit))
    if parameter.warning:
        element.set("warning", "true")


def _add_notes(parent: etree._Element, notes: tuple[Note, ...]) -> None:
    for note in notes:
        element = _add(parent, "notes")
        element.set("source", _token(note.source))
        entry = _add(element, "entry")
        entry.set(f"{{{_XSI}}}type", "TextEntry")
        for paragraph in note.paragraphs or ("",):
            _add(entry, "p", _token(paragraph))
