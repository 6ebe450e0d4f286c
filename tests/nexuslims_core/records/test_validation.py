from collections.abc import Callable
from pathlib import Path

import pytest

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.records.models import Record
from nexuslims_core.records.validation import Finding, findings
from nexuslims_core.records.xml import to_xml

NS = 'xmlns="https://data.nist.gov/od/dm/nexus/experiment/v1.0"'


def test_a_record_of_ours_has_no_findings(assembled: Callable[..., Record]) -> None:
    xml = to_xml(assembled())

    found = findings(xml)

    assert found == ()


def test_says_line_place_and_fault() -> None:
    activities = "<acquisitionActivity/>\n<acquisitionActivity><startTime>soon</startTime></acquisitionActivity>"
    xml = f"<Experiment {NS}>\n<summary/>\n{activities}</Experiment>".encode()

    (found,) = findings(xml)

    assert (found.line, found.xpath) == (4, "/Experiment/acquisitionActivity[2]/startTime")
    assert "'soon' is not a valid value of the atomic type 'xs:dateTime'" in found.sentence


def test_lists_every_finding() -> None:
    activities = '<acquisitionActivity seqno="x"/>' * 3
    xml = f"<Experiment {NS}><summary/>{activities}</Experiment>".encode()

    found = findings(xml)

    assert {finding.xpath for finding in found} == {f"/Experiment/acquisitionActivity[{i}]" for i in (1, 2, 3)}


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        (b"", "not well-formed"),
        (b"<Experiment", "not well-formed"),
        (b"\xff\xfe\x00", "not well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "not well-formed"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "document type"),
        (b"<Experiment/>", "No matching global declaration"),
    ],
    ids=["empty", "cut off", "no text", "unknown encoding", "external entity", "no namespace"],
)
def test_what_is_no_record_at_all_is_a_finding_too(xml: bytes, sentence: str) -> None:
    given_xml = xml

    found = findings(given_xml)

    assert len(found) == 1
    assert sentence in found[0].sentence


def test_reads_as_one_line() -> None:
    finding = Finding(line=3, xpath="/Experiment/summary", sentence="something is missing.")

    text = str(finding)

    assert text == "line 3, /Experiment/summary: something is missing."


def test_another_schema_can_be_given(tmp_path: Path) -> None:
    schema = tmp_path / "own.xsd"
    schema.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>')

    found = findings(b"<a/>", schema)

    assert found == ()


@pytest.mark.parametrize("content", [None, "no schema", "<a/>"], ids=["absent", "no XML", "other XML"])
def test_a_schema_that_cannot_be_read_is_said_to_be_so(tmp_path: Path, content: str | None) -> None:
    schema = tmp_path / "broken.xsd"
    if content is not None:
        schema.write_text(content)

    with pytest.raises(ConfigurationError, match="cannot read the schema"):
        findings(b"<a/>", schema)
