import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree, html

from nexuslims_core.datasets.models import Extracted, Unreadable
from nexuslims_core.errors import InvalidRecordError
from nexuslims_core.records.models import Record
from nexuslims_core.records.page import detail_sheet, list_sheet, to_html
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import Reservation

NS = 'xmlns="https://data.nist.gov/od/dm/nexus/experiment/v1.0"'
Assemble = Callable[..., Record]
Read = Callable[..., Extracted]


def page_of(record: Record | bytes) -> Any:  # noqa: ANN401 - lxml.html's elements have no type
    xml = to_xml(record) if isinstance(record, Record) else record
    return html.document_fromstring(to_html(xml, preview_base="../..", dataset_base="https://files.example.org/raw/"))


def test_shows_title_people_purpose_sample_and_project(assembled: Assemble, reservation: Reservation) -> None:
    page = page_of(assembled(reservation=reservation))

    text = page.text_content()

    assert page.findtext(".//h1") == "Grain boundaries"
    for told in ("Ada Lovelace", "To see cobalt segregate.", "FeCo foil", "Boundaries", "13\xa0Nov\xa02019"):
        assert told in text


def test_links_raw_file_preview_and_json_below_their_bases(assembled: Assemble, read: Read) -> None:
    page = page_of(assembled(read("a 1.dm3"), read("b.dm3")))

    links = set(page.xpath("//a/@href")) | set(page.xpath("//img/@src"))

    assert {
        "https://files.example.org/raw/Titan/a%201.dm3",
        "../../Titan/a%201.dm3.thumb.png",
        "../../Titan/a%201.dm3.json",
    } <= links


def test_a_table_has_columns_for_what_varies_only(assembled: Assemble, read: Read) -> None:
    outcomes = read("a.dm3", {"Voltage": 300, "Spot": 1}), read("b.dm3", {"Voltage": 300, "Spot": 2})

    page = page_of(assembled(*outcomes))

    assert page.xpath("//table[@class='nx-table']/thead//th/text()") == ["Dataset", "Time", "Spot", "Files"]
    assert page.xpath("//table[@class='nx-pairs']//th/text()") == ["Voltage"]


def test_values_beyond_the_columns_fold_out_and_none_is_lost(assembled: Assemble, read: Read) -> None:
    many = {f"Value {number}": number for number in range(30)}
    others = {f"Value {number}": -1 - number for number in range(30)}

    page = page_of(assembled(read("a.dm3", dict(many)), read("b.dm3", dict(others))))

    shown = set(page.xpath("//table[@class='nx-table']/thead//th/text()"))
    (folded, _) = page.xpath("//tr//details/p")
    lines = dict(line.split(":\t") for line in folded.text_content().splitlines())
    assert many.keys() == (shown | lines.keys()) - {"Dataset", "Time", "Files"}
    assert all(lines[name] == str(many[name]) for name in lines)


def test_unreadable_files_are_in_sight_above_the_activities(assembled: Assemble, read: Read, found: Any) -> None:  # noqa: ANN401 - fixture
    damaged = Unreadable(file=found("b.dm3"), reason="it is empty")

    page = page_of(assembled(read("a.dm3"), damaged))

    (alert,) = page.xpath("//section[contains(@class, 'nx-alert')]")
    assert "1 file could not be read" in " ".join(alert.text_content().split())
    assert page.get_element_by_id(alert.xpath(".//a/@href")[0][1:]).text_content().count("it is empty") == 1


def test_unreliable_values_say_so_to_eyes_and_ears(assembled: Assemble, read: Read) -> None:
    outcomes = [read(name, {"Operator": "root"}, warnings=("Operator",)) for name in ("a.dm3", "b.dm3")]

    page = page_of(assembled(*outcomes))

    (marked,) = page.xpath("//td/span[@class='nx-warn']")
    assert marked.text_content() == "root⚠ (unreliable)"


def test_which_values_are_unreliable_is_said_above_the_activities(assembled: Assemble, read: Read) -> None:
    outcomes = [read(name, {"Operator": "root"}, warnings=("Operator",)) for name in ("a.dm3", "b.dm3")]

    page = page_of(assembled(*outcomes))

    (caution,) = page.xpath("//section[contains(@class, 'nx-caution')]")
    assert caution.findtext("h2") == "1 value is known to be unreliable"
    assert [item.text_content() for item in caution.iter("li")] == ["Operator 1"]


def test_values_folded_away_tell_that_one_is_unreliable(assembled: Assemble, read: Read) -> None:
    many = {f"Value {number}": number for number in range(30)}
    others = {f"Value {number}": -1 - number for number in range(30)}

    page = page_of(assembled(read("a.dm3", dict(many), warnings=("Value 29",)), read("b.dm3", dict(others))))

    summaries = [summary.text_content() for summary in page.xpath("//tr//summary")]
    assert summaries == ["20 further values⚠ (unreliable)", "20 further values"]


def test_pictures_have_alternatives_and_tables_have_headings(assembled: Assemble, read: Read) -> None:
    page = page_of(assembled(read("a.dm3", {"X": 1}), read("b.dm3", {"X": 2})))

    assert page.xpath("//img/@alt") == ["Preview of a.dm3", "Preview of b.dm3"]
    assert page.xpath("//table[not(caption)]") == []
    assert page.xpath("//tr[not(th)]") == []


def test_each_activity_is_on_the_timeline(assembled: Assemble, read: Read, reservation: Reservation) -> None:
    page = page_of(assembled(read("a.dm3"), reservation=reservation))

    (band,) = page.xpath("//nav//li")

    assert band.find("a").get("href") == "#activity-1"
    assert band.get("style").startswith("left:2.08%")


def test_the_page_loads_nothing_from_elsewhere(assembled: Assemble, read: Read) -> None:
    page = page_of(assembled(read("a.dm3")))

    loaded = page.xpath(
        "//script[@src] | //link | //iframe | //*[@src][not(self::img)] | //@*[starts-with(name(), 'on')]"
    )

    assert loaded == []


def test_a_whole_page_forbids_every_script_but_its_own(assembled: Assemble, read: Read) -> None:
    page = page_of(assembled(read("a.dm3")))

    (rules,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (script,) = page.xpath("//script/text()")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert rules.startswith(f"default-src 'none'; script-src 'sha256-{digest}'; ")


def test_the_record_and_its_crate_are_linked_where_they_can_be_had(assembled: Assemble, read: Read) -> None:
    xml = to_xml(assembled(read("a.dm3")))
    told = {"record_url": "a%20b.xml", "crate_url": "https://x.example.org/?a=1&b=2"}

    page = html.document_fromstring(to_html(xml, preview_base="", dataset_base="", **told))

    assert page.xpath("//ul[@class='nx-downloads']/li[not(@hidden)]/a/@href") == list(told.values())


def test_nothing_is_offered_that_needs_the_script_before_it_runs(assembled: Assemble, read: Read) -> None:
    page = page_of(assembled(read("a.dm3"), read("b.dm3")))

    controls = page.xpath("//button | //input | //select")

    assert controls
    assert [each for each in controls if not each.xpath("ancestor-or-self::*[@hidden]")] == []


@pytest.mark.parametrize(("count", "parts"), [(60, [60]), (61, [60, 1])])
def test_long_tables_and_galleries_come_in_parts(assembled: Assemble, read: Read, count: int, parts: list[int]) -> None:
    page = page_of(assembled(*(read(f"{number}.dm3", {"X": number}) for number in range(count))))

    assert [len(table.xpath("tbody/tr")) for table in page.xpath("//table[@class='nx-table']")] == parts
    assert [len(part) for part in page.find_class("nx-gallery")] == parts


def test_each_preview_leads_to_its_dataset(assembled: Assemble, read: Read) -> None:
    page = page_of(assembled(read("a.dm3", {"X": 1}), read("b.dm3", {"X": 2})))

    led = {link.text: link.get("href")[1:] for link in page.xpath("//figcaption/a")}

    assert {name: page.get_element_by_id(id_).xpath("th/b/text()") for name, id_ in led.items()} == {
        "a.dm3": ["a.dm3"],
        "b.dm3": ["b.dm3"],
    }


@pytest.mark.parametrize(
    "hostile",
    [
        '<summary ref="javascript:alert(1)"><reservationStart>x</reservationStart></summary>',
        '<summary/><sample ref="javascript:alert(1)"/>',
        "<summary/><project><ref>javascript:alert(1)</ref></project>",
        "<summary/><acquisitionActivity><dataset><name>a</name><location>javascript:alert(1)</location>"
        "<preview>javascript:alert(1)</preview></dataset></acquisitionActivity>",
    ],
    ids=["reservation", "sample", "project", "dataset"],
)
def test_no_address_of_a_record_becomes_a_script(hostile: str) -> None:
    record = f"<Experiment {NS}>{hostile}</Experiment>".encode()

    page = page_of(record)

    assert not [link for link in page.xpath("//@href | //@src") if link.startswith("javascript:")]


def test_markup_in_a_record_stays_text() -> None:
    record = f"<Experiment {NS}><title>&lt;script&gt;alert(1)&lt;/script&gt;</title><summary/></Experiment>".encode()

    page = page_of(record)

    assert page.findtext(".//h1") == "<script>alert(1)</script>"
    assert page.xpath("//script") == []


def test_an_empty_base_means_beside_the_page_and_never_another_host() -> None:
    record = (
        f"<Experiment {NS}><summary/><acquisitionActivity><dataset><name>a</name>"
        "<location>//elsewhere.example.org/x</location></dataset></acquisitionActivity></Experiment>"
    ).encode()

    page = html.document_fromstring(to_html(record, preview_base="", dataset_base=""))

    assert page.xpath("//p[@class='nx-links']/a/@href") == [".//elsewhere.example.org/x"]


def test_a_minimal_record_has_a_page() -> None:
    record = f"<Experiment {NS}><summary/></Experiment>".encode()

    page = page_of(record)

    assert page.findtext(".//h1") == "Experiment record"


def test_what_is_no_xml_has_no_page() -> None:
    broken = b"<Experiment"

    with pytest.raises(InvalidRecordError, match="no page can be made"):
        to_html(broken, preview_base="", dataset_base="")


def test_the_sheet_for_cdcs_needs_no_parameters_and_makes_a_fragment(assembled: Assemble, read: Read) -> None:
    sheet = detail_sheet(preview_base="https://p.example.org", dataset_base="https://r.example.org/it's")
    xml = to_xml(assembled(read("a.dm3")))

    fragment = str(etree.XSLT(etree.fromstring(sheet))(etree.fromstring(xml)))

    assert fragment.startswith('<article class="nx">')
    assert 'href="https://r.example.org/it\'s/Titan/a.dm3"' in fragment
    assert 'src="https://p.example.org/Titan/a.dm3.thumb.png"' in fragment


def listed(record: Record | bytes) -> Any:  # noqa: ANN401 - lxml.html's elements have no type
    sheet = etree.XSLT(etree.fromstring(list_sheet(preview_base="https://p.example.org/")))
    return html.fragment_fromstring(
        str(sheet(etree.fromstring(record if isinstance(record, bytes) else to_xml(record))))
    )


def test_a_record_in_a_list_tells_what_and_who_and_how_much(
    assembled: Assemble,
    read: Read,
    reservation: Reservation,
    found: Any,  # noqa: ANN401 - fixture
) -> None:
    damaged = Unreadable(file=found("b.dm3"), reason="it is empty")

    item = listed(assembled(read("a.dm3"), damaged, reservation=reservation))

    text = " ".join(item.text_content().split())
    for told in (
        "Grain boundaries",
        "FEI Titan TEM",
        "Ada Lovelace",
        "Image: 1",
        "1 file could not be read",
        "FeCo foil",
    ):
        assert told in text
    assert item.xpath(".//img/@src") == ["https://p.example.org/Titan/a.dm3.thumb.png"]


def test_a_record_in_a_list_has_few_previews_and_no_script(assembled: Assemble, read: Read) -> None:
    item = listed(assembled(*(read(f"{number}.dm3") for number in range(30))))

    assert len(item.xpath(".//img")) == 4
    assert item.xpath(".//script | .//a | .//@*[starts-with(name(), 'on')]") == []


def test_a_minimal_record_has_a_place_in_a_list() -> None:
    record = f"<Experiment {NS}><title>&lt;b&gt;</title><summary/></Experiment>".encode()

    item = listed(record)

    assert " ".join(item.text_content().split()).endswith("} <b>No datasets")
