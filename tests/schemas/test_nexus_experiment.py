"""The schema accepts and refuses what the published Nexus Experiment schema does, as two validators see it."""

from functools import cache

import pytest
import xmlschema
from lxml import etree

from nexuslims_core.records.validation import findings
from nexuslims_core.schemas import NEXUS_EXPERIMENT, NEXUS_NAMESPACE, schema_path

XS = {"xs": "http://www.w3.org/2001/XMLSchema"}
DATASET = "<dataset><name>n</name><location>l</location>{}</dataset>"
ENTRY = '<notes source="s"><entry xsi:type="{}">{}</entry></notes>'


@cache
def second_opinion() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(schema_path(NEXUS_EXPERIMENT)))


def experiment(content: str, attributes: str = "") -> bytes:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f'<Experiment xmlns="{NEXUS_NAMESPACE}" {xsi} {attributes}>{content}</Experiment>'.encode()


def activity(content: str) -> str:
    return f"<summary/><acquisitionActivity>{content}</acquisitionActivity>"


VALID = {
    "least": "<summary/>",
    "head": "<title>t</title><id>i</id><summary/>",
    "whole summary": '<summary ref="https://x.org"><experimenter>a</experimenter><experimenter>b</experimenter>'
    '<collaborator>c</collaborator><instrument pid="p" ref="https://x.org">i</instrument><instrument/>'
    "<reservationStart>2020-01-01T10:00:00Z</reservationStart><reservationEnd>2020-01-01T11:00:00+01:00</reservationEnd>"
    "<motivation>a\nb</motivation></summary>",
    "two samples": '<summary/><sample id="1" ref="any text"><name>n</name><description>d</description>'
    "<description>e</description><notes/><elements><Og/><H/></elements></sample><sample/>",
    "project": "<summary/><project><name>n</name><division>d</division><group>g</group><project_id>p</project_id>"
    "<ref>https://x.org</ref></project><project/>",
    "activity": activity(
        '<startTime>2020-01-01T10:00:00</startTime><sampleID>1</sampleID><setup><param name="n" unit="u" '
        f'warning="true">v</param><param/></setup><notes/>{DATASET.format("")}'
    ),
    "whole dataset": activity(
        '<dataset type="SpectrumImage" role="Derived"><name>n</name><location>l</location><format>f</format>'
        "<description>d</description><description>e</description><preview>p</preview><preview>q</preview>"
        '<meta name="n">v</meta><curation><rating>3</rating><featured>true</featured></curation></dataset>'
    ),
    "text note": "<summary/>" + ENTRY.format("TextEntry", "<p>a</p><p>b</p>"),
    "image note": "<summary/>" + ENTRY.format("ImageEntry", "<imageURL>https://x.org/a.png</imageURL>"),
    "table note": "<summary/>"
    + ENTRY.format(
        "TableEntry",
        '<table><title>t</title><header><column id="a">A</column></header>'
        '<rows><row seqno="1"><cell colid="a">1</cell></row></rows></table>',
    ),
    "empty note": "<summary/><notes><entry/></notes><notes/>",
}

INVALID = {
    "no summary": "<title>t</title>",
    "wrong order": "<summary/><title>t</title>",
    "activity before sample": "<summary/><acquisitionActivity/><sample/>",
    "two titles": "<title>t</title><title>t</title><summary/>",
    "empty time": "<summary><reservationStart/></summary>",
    "time without T": "<summary><reservationStart>2020-01-01 10:00:00</reservationStart></summary>",
    "unknown element": "<summary/><sample><elements><Xx/></elements></sample>",
    "element twice": "<summary/><sample><elements><H/><H/></elements></sample>",
    "dataset without location": activity("<dataset><name>n</name></dataset>"),
    "dataset without name": activity("<dataset><location>l</location></dataset>"),
    "unknown type": activity('<dataset type="Movie"><name>n</name><location>l</location></dataset>'),
    "unknown role": activity('<dataset role="Other"><name>n</name><location>l</location></dataset>'),
    "warning that is no boolean": activity('<setup><param warning="maybe">v</param></setup>'),
    "seqno that is no number": '<summary/><acquisitionActivity seqno="first"/>',
    "meta in a setup": activity("<setup><meta>v</meta></setup>"),
    "rating in words": activity(DATASET.format("<curation><rating>good</rating></curation>")),
    "text note without text": "<summary/>" + ENTRY.format("TextEntry", ""),
    "image note without image": "<summary/>" + ENTRY.format("ImageEntry", ""),
    "table without rows": "<summary/>" + ENTRY.format("TableEntry", "<table><header/></table>"),
    "text where elements belong": "<summary>text</summary>",
    "something else": "<summary/><extra/>",
}


@pytest.mark.parametrize("content", VALID.values(), ids=VALID)
def test_accepts(content: str) -> None:
    xml = experiment(content, 'pid="x"')

    found = findings(xml), list(second_opinion().iter_errors(xml.decode()))

    assert found == ((), [])


@pytest.mark.parametrize("content", INVALID.values(), ids=INVALID)
def test_refuses(content: str) -> None:
    xml = experiment(content)

    found = findings(xml), list(second_opinion().iter_errors(xml.decode()))

    assert all(found)


def test_refuses_a_kind_of_note_that_it_does_not_know() -> None:
    xml = experiment("<summary/>" + ENTRY.format("SoundEntry", ""))

    found = findings(xml)  # xmlschema raises a KeyError of its own here

    assert found


@pytest.mark.parametrize("attribute", ['seqno="1"', 'PID="x"'])
def test_refuses_attributes_that_it_does_not_know(attribute: str) -> None:
    xml = experiment("<summary/>", attribute)

    found = findings(xml)

    assert len(found) == 1


def test_says_where_it_comes_from() -> None:
    schema = etree.parse(schema_path(NEXUS_EXPERIMENT))

    comment = schema.xpath("string(/comment())")

    assert "Origin: written for this project" in str(comment)


def test_every_type_says_what_it_is_for() -> None:
    schema = etree.parse(schema_path(NEXUS_EXPERIMENT))

    undocumented = schema.xpath(
        "/xs:schema/*[self::xs:complexType or self::xs:simpleType][not(.//xs:documentation)]/@name", namespaces=XS
    )

    assert undocumented == []
