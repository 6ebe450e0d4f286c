"""A record as Nexus Experiment XML.

Text is made fit for XML and escaped in this one place; the order of elements is the schema's. The same record gives
the same bytes. Each part of the record is a tree of its own that goes once it is written, so that a record of tens of
thousands of datasets is never in memory as one.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

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
from nexuslims_core.records.texts import label, token
from nexuslims_core.records.times import xs_datetime
from nexuslims_core.reservations.models import Project
from nexuslims_core.schemas import NEXUS_NAMESPACE

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NX = f"{{{NEXUS_NAMESPACE}}}"
_File = Any
"""lxml's incremental file, whose class has no name."""


def to_xml(record: Record) -> bytes:
    """Return the record as an XML document in UTF-8."""
    document = BytesIO()
    with etree.xmlfile(document, encoding="UTF-8") as file:
        file.write_declaration()
        namespaces = {None: NEXUS_NAMESPACE, "xsi": _XSI}
        with file.element(f"{_NX}Experiment", {"pid": token(record.pid)}, nsmap=namespaces):
            _write(file, _head(record), 1)
            for activity in record.activities:
                _write_activity(file, activity)
            _write_notes(file, record.notes, 1)
            file.write("\n")
    return document.getvalue() + b"\n"


def _write(file: _File, elements: Iterable[etree._Element], depth: int) -> None:
    """Write elements on lines of their own.

    They are made without a namespace, and what they say stands in that of the root: otherwise lxml would repeat it
    in each of them.
    """
    for element in elements:
        etree.indent(element, level=depth)
        file.write("\n" + "  " * depth, element)


def _write_activity(file: _File, activity: RecordActivity) -> None:
    file.write("\n  ")
    with file.element(f"{_NX}acquisitionActivity", {"seqno": str(activity.seqno)}):
        _write(file, _activity_head(activity), 2)
        _write_notes(file, activity.notes, 2)
        _write(file, map(_dataset, activity.datasets), 2)
        file.write("\n  ")


def _write_notes(file: _File, notes: tuple[Note, ...], depth: int) -> None:
    outer, inner = ("\n" + "  " * each for each in (depth, depth + 1))
    for note in notes:
        file.write(outer)
        with file.element(f"{_NX}notes", {"source": token(note.source)}):
            file.write(inner)
            with file.element(f"{_NX}entry", {f"{{{_XSI}}}type": "TextEntry"}):
                _write(file, (_element("p", token(text)) for text in note.paragraphs or ("",)), depth + 2)
                file.write(inner)
            file.write(outer)


def _element(name: str, text: str | None = None, attributes: dict[str, str] | None = None) -> etree._Element:
    element = etree.Element(name, attributes)
    element.text = text
    return element


def _add(parent: etree._Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    etree.SubElement(parent, name, attributes).text = text


def _add_tokens(parent: etree._Element, name: str, texts: Iterable[str | None]) -> None:
    for text in texts:
        if text and (said := token(text)):
            _add(parent, name, said)


def _head(record: Record) -> Iterator[etree._Element]:
    yield _element("title", token(record.title))
    yield _element("id", token(record.record_id))
    yield _summary(record.summary)
    yield from map(_sample, record.samples)
    yield from map(_project, record.projects)


def _summary(summary: Summary) -> etree._Element:
    element = _element("summary")
    if summary.url and (address := web_address(summary.url)):
        element.set("ref", address)
    _add_tokens(element, "experimenter", summary.experimenters)
    _add_tokens(element, "collaborator", summary.collaborators)
    _add(element, "instrument", token(summary.instrument), {"pid": token(summary.instrument_pid)})
    if summary.reservation_start:
        _add(element, "reservationStart", xs_datetime(summary.reservation_start))
    if summary.reservation_end:
        _add(element, "reservationEnd", xs_datetime(summary.reservation_end))
    if summary.motivation:
        _add(element, "motivation", clean_text(summary.motivation))
    return element


def _sample(sample: RecordSample) -> etree._Element:
    element = _element("sample", None, {"id": token(sample.sample_id)})
    if sample.sample.ref:
        element.set("ref", token(sample.sample.ref))
    symbols, others = sort_out(sample.sample.elements)
    _add_tokens(element, "name", [sample.sample.name])
    _add_tokens(element, "description", sample.sample.description)
    _add_tokens(element, "description", [f"Named as an element, and none: {other}" for other in others])
    if symbols:
        table = etree.SubElement(element, "elements")
        for symbol in symbols:
            etree.SubElement(table, symbol)
    return element


def _project(project: Project) -> etree._Element:
    element = _element("project")
    _add_tokens(element, "name", [project.name])
    _add_tokens(element, "division", [project.division])
    _add_tokens(element, "group", [project.group])
    _add_tokens(element, "project_id", [project.project_id])
    if project.ref and (address := web_address(project.ref)):
        _add(element, "ref", address)
    return element


def _activity_head(activity: RecordActivity) -> Iterator[etree._Element]:
    yield _element("startTime", xs_datetime(activity.start))
    if activity.sample_id and (said := token(activity.sample_id)):
        yield _element("sampleID", said)
    if activity.setup:
        setup = _element("setup")
        for parameter in activity.setup:
            _add_parameter(setup, "param", parameter)
        yield setup


def _dataset(dataset: RecordDataset) -> etree._Element:
    element = _element("dataset", None, {"type": dataset.dataset_type.value, "role": dataset.role})
    _add(element, "name", token(dataset.name))
    _add(element, "location", fit_address(dataset.location))
    _add_tokens(element, "format", [dataset.file_format])
    for description in dataset.descriptions:
        _add(element, "description", clean_text(description))
    if dataset.preview:
        _add(element, "preview", fit_address(dataset.preview))
    for parameter in dataset.meta:
        _add_parameter(element, "meta", parameter)
    if dataset.metadata_file:
        _add(element, "meta", fit_address(dataset.metadata_file), {"name": "Metadata File"})
    return element


def _add_parameter(parent: etree._Element, kind: str, parameter: Parameter) -> None:
    attributes = {"name": label(parameter.name)}
    if parameter.unit and (unit := label(parameter.unit)):
        attributes["unit"] = unit
    if parameter.warning:
        attributes["warning"] = "true"
    _add(parent, kind, token(parameter.value), attributes)
