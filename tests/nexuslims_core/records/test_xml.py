from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from nexuslims_core.datasets.models import DatasetType, Unreadable
from nexuslims_core.records.models import (
    Note,
    Parameter,
    Record,
    RecordActivity,
    RecordDataset,
    RecordSample,
    Summary,
)
from nexuslims_core.records.validation import findings
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import Project, Reservation, Sample
from nexuslims_core.schemas import NEXUS_EXPERIMENT, NEXUS_NAMESPACE, schema_path

NX = {"nx": NEXUS_NAMESPACE}
Assemble = Callable[..., Record]

ANY_CHARACTER = st.characters(exclude_categories=())
SPICE = st.sampled_from(
    ["]]>", "<a href='x'>&amp;", "\x00\x0b\ufffe", "\udcff", "\r\n\t  ", "<!--", "%", "\U0001f600", "é" * 5000]
)
TEXT = st.one_of(st.text(ANY_CHARACTER, max_size=12), SPICE, st.builds(str.__add__, SPICE, SPICE))
ADDRESS = st.one_of(TEXT, TEXT.map("https://example.org/".__add__), TEXT.map("https://".__add__))
OFFSETS = st.timedeltas(min_value=timedelta(hours=-23), max_value=timedelta(hours=23))
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis puts the zone in
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - hypothesis puts the zone in
    timezones=OFFSETS.map(timezone),
)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


NOTES = st.builds(Note, source=TEXT, paragraphs=some(TEXT))
PARAMETERS = st.builds(Parameter, name=TEXT, value=TEXT, unit=st.none() | TEXT, warning=st.booleans())
DATASETS = st.builds(
    RecordDataset,
    name=TEXT,
    location=TEXT,
    dataset_type=st.sampled_from(DatasetType),
    file_format=st.none() | TEXT,
    descriptions=some(TEXT),
    preview=st.none() | TEXT,
    metadata_file=st.none() | TEXT,
    meta=some(PARAMETERS),
)
ACTIVITIES = st.builds(
    RecordActivity,
    seqno=st.integers(0, 10**20),
    start=MOMENTS,
    sample_id=st.none() | TEXT,
    setup=some(PARAMETERS),
    datasets=some(DATASETS),
    notes=some(NOTES),
)
SAMPLES = st.builds(
    Sample,
    name=st.none() | TEXT,
    ref=st.none() | ADDRESS,
    description=some(TEXT),
    elements=some(TEXT | st.sampled_from(["Fe", "fe", "Xx"])),
)
SUMMARIES = st.builds(
    Summary,
    instrument=TEXT,
    instrument_pid=TEXT,
    experimenters=some(TEXT),
    collaborators=some(TEXT),
    reservation_start=st.none() | MOMENTS,
    reservation_end=st.none() | MOMENTS,
    motivation=st.none() | TEXT,
    url=st.none() | ADDRESS,
)
PROJECTS = st.builds(
    Project,
    name=st.none() | TEXT,
    division=st.none() | TEXT,
    group=st.none() | TEXT,
    project_id=st.none() | TEXT,
    ref=st.none() | ADDRESS,
)
RECORDS = st.builds(
    Record,
    pid=TEXT,
    title=TEXT,
    record_id=TEXT,
    summary=SUMMARIES,
    samples=some(st.builds(RecordSample, sample_id=TEXT, sample=SAMPLES)),
    projects=some(PROJECTS),
    activities=some(ACTIVITIES),
    notes=some(NOTES),
)


@cache
def second_opinion() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(schema_path(NEXUS_EXPERIMENT)))


def plain_record(**changes: Any) -> Record:
    summary = Summary(instrument="Titan", instrument_pid="Titan-1")
    return replace(Record(pid="session", title="Title", record_id="1", summary=summary), **changes)


def text_at(xml: bytes, path: str) -> str:
    found = etree.fromstring(xml).xpath(f"string({path})", namespaces=NX)
    return str(found)


@given(record=RECORDS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_a_record_of_anything_is_valid_for_two_validators(record: Record) -> None:
    xml = to_xml(record)

    found = findings(xml), [str(error) for error in second_opinion().iter_errors(xml.decode())]

    assert found == ((), [])


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
