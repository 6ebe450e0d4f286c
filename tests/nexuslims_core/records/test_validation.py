from collections.abc import Callable
from pathlib import Path

import pytest

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.records.models import Record
from nexuslims_core.records.validation import Finding, findings
from nexuslims_core.records.xml import to_xml

XSI = "http://www.w3.org/2001/XMLSchema-instance"
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


SUMMARY, DATASET = "<summary/>", "<acquisitionActivity>{}</acquisitionActivity>"


@pytest.mark.parametrize(
    ("content", "meaning"),
    [
        ("<summary/><title/>", "Here only <sample> or <project> or <acquisitionActivity> or <notes> may stand: move"),
        ("<title/>", "Something that must be in it is missing: add <id> or <summary>."),
        (SUMMARY + DATASET.format("<dataset><location/></dataset>"), "Here only <name> may stand"),
        (SUMMARY + DATASET.format("<dataset><name/></dataset>"), "is missing: add <location>."),
        ("<summary/><sample><elements><Xx/></elements></sample>", "Nothing of this name may stand here"),
        ("<summary><reservationStart/></summary>", "or leave the element out where no time is known"),
        (SUMMARY + DATASET.format("<setup><param warning='maybe'/></setup>"), "Write true or false."),
        ("<summary/><acquisitionActivity seqno='x'/>", "Write a whole number."),
        ("<summary ref='http://[x'/>", "percent-encoded"),
        (SUMMARY + DATASET.format("<dataset type='X'><name/><location/></dataset>"), "one of the values in the set"),
        ("<summary who='ada'/>", "Correct the attribute's name"),
        ("<summary>ada</summary>", "Put the text into one of its elements"),
        (f"<summary/><notes><entry xmlns:xsi='{XSI}' xsi:type='Sound'/></notes>", "is a TextEntry"),
    ],
)
def test_says_in_plain_words_what_to_do(content: str, meaning: str) -> None:
    xml = f"<Experiment {NS}>{content}</Experiment>".encode()

    (found,) = findings(xml)

    assert meaning in found.meaning
    assert str(found).endswith(f"{found.sentence} {found.meaning}")


@pytest.mark.parametrize(
    ("xml", "meaning"),
    [
        (b"<a><b>", "cut short"),
        (b"<a>S&1</a>", "write &amp; for &"),
        (b"<a>\x01</a>", "control character"),
        (b"<a>\xff</a>", "save it as UTF-8"),
        (b"<a> < </a>", "write &lt; for <"),
        (b"<a b='1' b='2'/>", "open it in an editor"),
        (b"<!DOCTYPE a><a/>", "Take the line with <!DOCTYPE out"),
    ],
)
def test_says_what_to_do_with_what_is_no_xml(xml: bytes, meaning: str) -> None:
    given_xml = xml

    (found,) = findings(given_xml)

    assert meaning in found.meaning


def test_names_the_values_that_a_word_must_be_one_of() -> None:
    xml = f"<Experiment {NS}>{SUMMARY}{DATASET.format('<dataset role=%sX%s/>')}</Experiment>" % ("'", "'")

    found = findings(xml.encode())[0]

    assert "{'Experimental', 'MasterCalibration', 'UserCalibration', 'Derived'}" in found.sentence


@pytest.mark.parametrize(
    ("element", "xpath"),
    [
        ("<n:notes xmlns:n='urn:x'/>", "/Experiment/notes"),
        ("<notes xmlns=''/>", "/Experiment/notes"),
        ("<notes/><n:notes xmlns:n='urn:x'/>", "/Experiment/notes"),
    ],
    ids=["other namespace", "no namespace", "beside one of ours"],
)
def test_finds_the_place_whatever_the_namespace(element: str, xpath: str) -> None:
    xml = f"<Experiment {NS}>{SUMMARY}{element}</Experiment>".encode()

    (found,) = findings(xml)

    assert found.xpath == xpath


@pytest.mark.slow
def test_twenty_thousand_findings_are_all_placed() -> None:
    datasets = "\n".join("<dataset type='X'><name>n</name><location>l</location></dataset>" for _ in range(20_000))
    xml = f"<Experiment {NS}>{SUMMARY}<acquisitionActivity>\n{datasets}</acquisitionActivity></Experiment>".encode()

    found = findings(xml)

    assert len(found) == 20_000
    assert (found[-1].line, found[-1].xpath) == (20_001, "/Experiment/acquisitionActivity/dataset[20000]")


@pytest.mark.parametrize("fault", ["<place/>", "<location>l</location><meta warning='x'/>", "<location\n\n/><extra/>"])
def test_tells_lines_beyond_65535(fault: str) -> None:
    datasets = "\n" * 70_000 + f"<dataset>\n<name>n</name>{fault}</dataset>"
    xml = f"<Experiment {NS}>{SUMMARY}<acquisitionActivity>{datasets}</acquisitionActivity></Experiment>".encode()

    (found,) = findings(xml)

    assert found.line == 70_002 + fault.count("\n")


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
