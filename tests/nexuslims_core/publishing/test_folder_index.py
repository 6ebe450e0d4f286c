"""The index of a folder of records, as a browser shows it from a disk."""

import re
from pathlib import Path

import pytest
from lxml import etree

from nexuslims_core.publishing.folder_entries import Entry
from nexuslims_core.publishing.folder_index import index_page
from tests.servers.chromium import Browser

ENTRIES = (
    Entry(
        title="t1", heading="Grains <b>", start="2026-03-02T05:01:00-05:00", instrument="Titan", users=("Ada", "Lise")
    ),
    Entry(title="t2", heading="Strain", start="2026-03-03T05:01:00-05:00", instrument="Quanta", datasets=12),
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "index.html"
    path.write_bytes(index_page(ENTRIES, heading="Records"))
    return path


def _shown(dom: str) -> list[str]:
    tree = etree.fromstring(dom, etree.HTMLParser())
    return [str(row.xpath("string(td[2]/a)")) for row in tree.xpath("//tbody/tr[not(@hidden)]")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "titles"),
    [("", ["Strain", "Grains <b>"]), ("#titan%20ADA", ["Grains <b>"]), ("#2026-03-03", ["Strain"]), ("#xyz", [])],
    ids=["nothing", "words of two columns", "a date", "no record has it"],
)
def test_can_be_searched_without_a_server(browser: Browser, page: Path, words: str, titles: list[str]) -> None:
    dom = browser.dom(f"{page.as_uri()}{words}")

    assert _shown(dom) == titles
    assert re.search(r'id="told"[^>]*>([^<]*)<', dom)[1] == (f"{len(titles)} of 2 records" if words else "2 records")  # type: ignore[index]


@pytest.mark.slow
def test_is_dark_where_people_want_it_dark(browser: Browser, page: Path) -> None:
    light, dark = (browser.screenshot(page.as_uri(), height_px=400, dark=wish) for wish in (False, True))

    assert light.getpixel((5, 5)) == (0xF4, 0xF6, 0xF6)
    assert dark.getpixel((5, 5)) == (0x0F, 0x14, 0x16)


def test_says_without_scripts_who_when_on_what_and_how_much(page: Path) -> None:
    tree = etree.parse(page, etree.HTMLParser())

    first, second = (["".join(cell.itertext()).strip() for cell in row] for row in tree.xpath("//tbody/tr"))
    assert first == ["2026-03-03 05:01", "Straint2", "Quanta", "", "12", "XML of Strain"]
    assert second == ["2026-03-02 05:01", "Grains <b>t1", "Titan", "Ada, Lise", "0", "XML of Grains <b>"]
    assert tree.xpath("boolean(//form/@hidden)")  # nobody is offered what does nothing


def test_tells_a_screen_reader_what_is_what(page: Path) -> None:
    tree = etree.parse(page, etree.HTMLParser())

    assert tree.xpath("string(/html/@lang)") == "en"
    assert tree.xpath("count(//thead//th[@scope='col'])") == 6
    assert tree.xpath("string(//label/@for)") == tree.xpath("string(//input/@id)")
    assert tree.xpath("string(//*[@role='status']/@id)") == "told"


def test_asks_nothing_of_a_network(page: Path) -> None:
    text = page.read_text()

    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)=["']?(https?:|//)""", text)


def test_an_empty_folder_says_so() -> None:
    assert b"No record is here yet." in index_page((), heading="Records")


@pytest.mark.parametrize("start", ["", "yesterday", "2026-03-02T05:01:00", "0000-00-00"])
def test_a_start_that_cannot_be_read_breaks_nothing(start: str) -> None:
    page = index_page((*ENTRIES, Entry(title="odd", start=start)), heading="Records")

    assert page.count(b"<tr><td>") == 3
