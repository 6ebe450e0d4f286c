"""Records of anything are valid, as two validators see it, by our schema and by the published one."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from nexuslims_core.datasets.models import DatasetType, Unreadable
from nexuslims_core.files.models import FoundFile
from nexuslims_core.records.building import assemble, record_title
from nexuslims_core.records.models import (
    Note,
    Parameter,
    Record,
    RecordActivity,
    RecordDataset,
    RecordSample,
    Summary,
)
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import Project, Reservation, Sample
from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.sessions.models import Session
from tests.nexuslims_core.records.hostile import RECORDS, TEXT, hostile, ingredients, sessions
from tests.nexuslims_core.records.validators import all_findings

NX = {"nx": NEXUS_NAMESPACE}
pytestmark = pytest.mark.slow


@given(record=RECORDS)
@hostile
def test_a_record_of_anything_is_valid(record: Record) -> None:
    xml = to_xml(record)

    found = all_findings(xml)

    assert found == []


@given(given_parts=ingredients())
@hostile
def test_whatever_was_found_makes_a_valid_record_the_same_each_time(given_parts: dict[str, Any]) -> None:
    xml = to_xml(assemble(**given_parts))

    found = all_findings(xml)

    assert found == []
    assert to_xml(assemble(**given_parts)) == xml


@given(record=RECORDS, given_parts=ingredients())
@hostile
def test_the_published_schema_agrees(published_schema: Path, record: Record, given_parts: dict[str, Any]) -> None:
    both = to_xml(record), to_xml(assemble(**given_parts))

    found = [all_findings(xml, published_schema) for xml in both]

    assert found == [[], []]


@given(session=sessions())
@hostile
def test_any_session_has_a_title_that_is_one_file_name(session: Session) -> None:
    title = record_title(session)

    assert title.isascii()
    assert title.isprintable()
    assert not set(title) & set('/\\:*?"<>| ')
    assert len(title) <= 200


@given(sample_id=TEXT)
@hostile
def test_activities_point_to_exactly_the_id_of_the_sample(sample_id: str) -> None:
    activity = RecordActivity(seqno=0, start=datetime(2020, 1, 1, tzinfo=UTC), sample_id=sample_id)
    summary = Summary(instrument="Titan", instrument_pid="Titan-1")
    samples = (RecordSample(sample_id=sample_id, sample=Sample()),)

    root = etree.fromstring(
        to_xml(Record(pid="p", title="t", record_id="1", summary=summary, samples=samples, activities=(activity,)))
    )

    assert root.xpath("string(//nx:sampleID)", namespaces=NX) == root.xpath("string(//nx:sample/@id)", namespaces=NX)


def saying_everywhere(text: str) -> Record:
    """Return a record with the same text in every place that takes one."""
    note = Note(source=text, paragraphs=(text,))
    value = Parameter(name=text, value=text, unit=text)
    dataset = RecordDataset(
        name=text, location="/a", dataset_type=DatasetType.MISC, file_format=text, descriptions=(text,), meta=(value,)
    )
    sample = Sample(name=text, ref=text, description=(text,), elements=(text,))
    return Record(
        pid=text,
        title=text,
        record_id=text,
        summary=Summary(
            instrument=text,
            instrument_pid=text,
            experimenters=(text,),
            collaborators=(text,),
            motivation=text,
            url=f"https://example.org/{text[:2000]}",
        ),
        samples=(RecordSample(sample_id=text, sample=sample),),
        projects=(Project(name=text, division=text, group=text, project_id=text, ref=text),),
        activities=(
            RecordActivity(
                seqno=0,
                start=datetime(2020, 1, 1, tzinfo=UTC),
                sample_id=text,
                setup=(value,),
                datasets=(dataset,),
                notes=(note,),
            ),
        ),
        notes=(note,),
    )


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "]]> " * 250_000, "\udc80\x00" * 500_000, "\t\n" * 500_000],
    ids=lambda text: repr(text[:4]),
)
def test_a_megabyte_in_every_place_is_valid_and_cut(text: str) -> None:
    xml = to_xml(saying_everywhere(text))

    found = all_findings(xml)

    assert found == []
    assert len(xml) < 400_000


def test_three_hundred_samples_are_all_there(
    assembled: Callable[..., Record], reservation: Reservation, found: Callable[..., FoundFile]
) -> None:
    many = tuple(Sample(name=f"wafer {i}", elements=("Si", "O")) for i in range(300))
    booked = Reservation(reservation_id="1", start=reservation.start, end=reservation.end, samples=many)

    xml = to_xml(assembled(Unreadable(file=found("a.dm3"), reason="no"), reservation=booked))

    assert all_findings(xml) == []
    assert etree.fromstring(xml).xpath("count(//nx:sample[nx:elements/nx:Si])", namespaces=NX) == 300


@pytest.mark.parametrize("blank", ["", " \t", "\x00\x01", "\udcff"])
def test_what_says_nothing_gives_way_to_what_is_known(
    assembled: Callable[..., Record], reservation: Reservation, blank: str
) -> None:
    booked = Reservation(
        reservation_id=blank, start=reservation.start, end=reservation.end, title=blank, experimenters=(blank,)
    )

    root = etree.fromstring(to_xml(assembled(reservation=booked)))

    told = [root.xpath(f"string({path})", namespaces=NX) for path in ("nx:title", "nx:id", "//nx:experimenter")]
    assert told == [
        "Experiment on the FEI Titan TEM on Wednesday Nov. 13, 2019",
        "1c3a6a8d-6038-41f5-b969-55fd02e12345",
        "ada",
    ]
