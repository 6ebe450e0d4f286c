"""How a record's page looks to a person, in Chromium."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from nexuslims_core.datasets.models import Extracted
from nexuslims_core.records.models import Record
from nexuslims_core.records.page import to_html
from nexuslims_core.records.xml import to_xml
from tests.servers.chromium import Browser

pytestmark = [pytest.mark.server, pytest.mark.slow]
RED, GREEN = (255, 0, 0), (0, 160, 0)
NAMES = ("S&1 <x> 50%.dm3", "größe#2?.dm3")


@pytest.fixture
def page(tmp_path: Path, assembled: Callable[..., Record], read: Callable[..., Extracted]) -> str:
    """Return the address of the page of a record with a red and a green preview, whose names need care."""
    for name, colour in zip(NAMES, (RED, GREEN), strict=True):
        preview = tmp_path / "Titan" / f"{name}.thumb.png"
        preview.parent.mkdir(exist_ok=True)
        Image.new("RGB", (500, 500), colour).save(preview)
    record = assembled(*(read(name) for name in NAMES))
    path = tmp_path / "records" / "2019" / "page.html"
    path.parent.mkdir(parents=True)
    path.write_bytes(to_html(to_xml(record), preview_base="../..", dataset_base="../../raw"))
    return path.as_uri()


def shares(picture: Image.Image) -> tuple[float, float]:
    """Return which parts of a picture are exactly red and exactly green."""
    pixels = picture.get_flattened_data()
    return tuple(sum(pixel == colour for pixel in pixels) / len(pixels) for colour in (RED, GREEN))  # type: ignore[return-value]


@pytest.mark.parametrize("width_px", [390, 1280], ids=["phone", "desktop"])
def test_previews_of_files_with_awkward_names_are_seen(browser: Browser, page: str, width_px: int) -> None:
    red, green = shares(browser.screenshot(page, width_px=width_px))

    assert min(red, green) > 0.005


def test_a_page_in_the_dark_is_dark(browser: Browser, page: str) -> None:
    corner = browser.screenshot(page, dark=True).getpixel((3, 3))

    assert max(corner) < 64


def test_the_page_asks_nothing_of_other_hosts(browser: Browser, page: str) -> None:
    dom = browser.dom(page)

    assert "S&amp;1 &lt;x&gt; 50%.dm3" in dom
    assert not any(f'{attribute}="http' in dom for attribute in ("src", "srcset"))
