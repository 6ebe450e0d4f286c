"""How records show in a real CDCS, whose own pages miss what they load from elsewhere."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
import requests
from lxml import html

from nexuslims_core.datasets.models import Extracted
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.records.models import Record
from nexuslims_core.records.xml import to_xml
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.servers.devtools import Tab

pytestmark = [pytest.mark.server, pytest.mark.slow]

Assemble = Callable[..., Record]
Read = Callable[..., Extracted]


def logged_in(cdcs: CdcsServer) -> requests.Session:
    """Return a browser's session of the ordinary account."""
    session = requests.Session()
    token = hidden(session.get(f"{cdcs.url}/login", timeout=60).text, "csrfmiddlewaretoken")
    told = {"username": cdcs.user, "password": cdcs.password, "next_page": "/", "csrfmiddlewaretoken": token}
    session.post(f"{cdcs.url}/login", data=told, timeout=60)
    return session


def hidden(page: str, name: str) -> str:
    (value,) = html.document_fromstring(page).xpath(f"(//input[@name='{name}'])[1]/@value")
    return str(value)


def search(cdcs: CdcsServer, word: str) -> str:
    """Return the first page of what CDCS's keyword search finds, as its page gets it."""
    session, address = logged_in(cdcs), f"{cdcs.url}/explore/keyword/"
    page = session.get(address, timeout=60).text
    told = {name: hidden(page, name) for name in ("csrfmiddlewaretoken", "query_id", "user_id")}
    templates = html.document_fromstring(page).xpath("//input[@name='global_templates']/@value")
    session.post(address, data=told | {"keywords": word, "global_templates": templates}, timeout=60)
    found = session.get(f"{cdcs.url}/explore/common/data-source-results/{told['query_id']}/0", timeout=60)
    return str(found.json()["results"])


def test_a_records_page_can_be_searched_in_cdcs(cdcs: CdcsServer, tab: Tab, assembled: Assemble, read: Read) -> None:
    xml = to_xml(assembled(read("image.dm3", {"X": 1}), read("map.dm3", {"X": 2})))
    receipt = CdcsStore(url=cdcs.url, token=cdcs.token).put(f"page {uuid4()}", xml)

    tab.open(receipt.url)
    tab.run("document.querySelector('#nx-words').focus()")
    tab.type("map.dm3")

    said = tab.run("new Promise(done => setTimeout(() => done(document.querySelector('.nx-shown').textContent), 300))")
    assert said == "1 of 2 datasets shown"
    assert tab.run("document.querySelectorAll('.nx-set:not([hidden])').length") == 1


def test_a_records_page_links_its_xml_in_cdcs(cdcs: CdcsServer, tab: Tab, assembled: Assemble, read: Read) -> None:
    xml = to_xml(assembled(read("image.dm3"), read("map.dm3")))
    receipt = CdcsStore(url=cdcs.url, token=cdcs.token).put(f"page {uuid4()}", xml)

    tab.open(receipt.url)

    link = tab.run("document.querySelector('.nx-xml:not([hidden]) a').href")
    assert requests.get(link, timeout=60).content == xml


def test_ten_records_that_are_found_show_with_the_list_sheet(cdcs: CdcsServer, assembled: Assemble, read: Read) -> None:
    word = f"orichalcum{uuid4().hex}"
    store = CdcsStore(url=cdcs.url, token=cdcs.token)
    for number in range(11):
        store.put(f"{word} {number}", to_xml(assembled(read("a.dm3", {"Alloy": word}), read(f"{number}.dm3"))))

    page = html.fragment_fromstring(search(cdcs, word), create_parent="div")

    items = [re.sub(r"\s+", " ", item.xpath("string(div)")) for item in page.find_class("nx-item")]
    assert len(items) == 10
    assert all("FEI Titan TEM" in item and "Image: 2" in item for item in items)
    assert len(page.xpath("//img[@src='/data/Titan/a.dm3.thumb.png']")) == 10
