from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from nexuslims_core.datasets.models import DatasetType, Unreadable
from nexuslims_core.records.models import (
    Record,
    RecordActivity,
    RecordDataset,
    RecordSample,
    Summary,
)
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import Reservation, Sample
from nexuslims_core.schemas import NEXUS_NAMESPACE

NX = {"nx": NEXUS_NAMESPACE}
Assemble = Callable[..., Record]


def plain_record(**changes: Any) -> Record:
    summary = Summary(instrument="Titan", instrument_pid="Titan-1")
    return replace(Record(pid="session", title="Title", record_id="1", summary=summary), **changes)


def text_at(xml: bytes, path: str) -> str:
    found = etree.fromstring(xml).xpath(f"string({path})", namespaces=NX)
    return str(found)


def test_the_same_record_gives_the_same_bytes(assembled: Assemble, reservation: Reservation, read: Any) -> None:  # noqa: ANN401 - fixture
    outcomes = read("a.dm3", {"Voltage": 300}), read("b.dm3", {"Voltage": 300})

    twice = [to_xml(assembled(*outcomes, reservation=reservation)) for _ in range(2)]

    assert twice[0] == twice[1]


def test_the_order_of_outcomes_does_not_matter(assembled: Assemble, read: Any) -> None:  # noqa: ANN401 - fixture
    first, second = read("a.dm3", {"Spot": 1}), read("b.dm3", {"Spot": 2})
    files = (first.file, second.file)

    twice = [to_xml(assembled(*outcomes, files=files)) for outcomes in ((first, second), (second, first))]

    assert twice[0] == twice[1]


def test_text_is_escaped_once(assembled: Assemble, found: Any) -> None:  # noqa: ANN401 - fixture
    damaged = Unreadable(file=found("S&1 <x>.dm3"), reason="a < b & c")

    xml = to_xml(assembled(damaged))

    assert text_at(xml, "//nx:dataset/nx:name") == "S&1 <x>.dm3"
    assert text_at(xml, "//nx:dataset/nx:description") == "Could not be read: a < b & c"
    assert text_at(xml, "//nx:dataset/nx:location") == "/Titan/S%261%20%3Cx%3E.dm3"


def test_a_long_address_is_never_cut() -> None:
    location = "/" + "a" * 9000
    dataset = RecordDataset(name="a", location=location, dataset_type=DatasetType.MISC, metadata_file=location)
    activity = RecordActivity(seqno=0, start=datetime(2020, 1, 1, tzinfo=UTC), datasets=(dataset,))

    xml = to_xml(plain_record(activities=(activity,)))

    assert text_at(xml, "//nx:location") == text_at(xml, "//nx:meta[@name='Metadata File']") == location


def test_a_value_of_a_megabyte_is_cut_with_a_mark() -> None:
    title = "x" * 1_000_000

    xml = to_xml(plain_record(title=title))

    assert len(xml) < 10_000
    assert "(1000000 characters)" in text_at(xml, "//nx:title")


def test_elements_without_a_prefix_so_that_servers_can_query_by_name() -> None:
    xml = to_xml(plain_record())

    start = xml.split(b"<", 3)[2]

    assert start.startswith(b"Experiment xmlns=")


def test_no_reservation_leaves_no_empty_time_behind() -> None:
    xml = to_xml(plain_record())

    times = etree.fromstring(xml).xpath("//nx:reservationStart | //nx:reservationEnd", namespaces=NX)

    assert times == []


def test_a_name_that_is_no_element_is_kept_in_the_sample_as_text() -> None:
    sample = RecordSample(sample_id="sample-1", sample=Sample(elements=("Fe", "unobtainium")))

    xml = to_xml(plain_record(samples=(sample,)))

    assert etree.fromstring(xml).xpath("count(//nx:elements/nx:Fe)", namespaces=NX) == 1
    assert "unobtainium" in text_at(xml, "//nx:sample/nx:description")


def test_each_part_stands_in_the_schemas_namespace(assembled: Assemble, reservation: Reservation, read: Any) -> None:  # noqa: ANN401 - fixture
    xml = to_xml(assembled(read("a.dm3", {"Spot": 1}), reservation=reservation))

    names = {etree.QName(element).namespace for element in etree.fromstring(xml).iter()}

    assert names == {NEXUS_NAMESPACE}
    assert xml.count(b"xmlns") == 2


def test_every_element_stands_on_a_line_of_its_own(assembled: Assemble, reservation: Reservation, read: Any) -> None:  # noqa: ANN401 - fixture
    xml = to_xml(assembled(read("a.dm3", {"Spot": 1}), read("b.dm3", {"Spot": 2}), reservation=reservation))

    root = etree.fromstring(xml)
    etree.indent(root)

    assert etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n" == xml
