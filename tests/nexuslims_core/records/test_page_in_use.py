"""What a person can do on a record's page, in Chromium, with and without its script."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from nexuslims_core.datasets.models import DatasetType, Extracted, Unreadable
from nexuslims_core.files.models import FoundFile
from nexuslims_core.records.models import Record
from nexuslims_core.records.page import to_html
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import Reservation
from tests.servers.axe import faults
from tests.servers.devtools import Tab

pytestmark = [pytest.mark.server, pytest.mark.slow]

HOSTILE = "<img src=x onerror=\"document.title='caught'\">'&\u202eback\u202c"
ROWS = "Array.from(document.querySelectorAll('.nx-set:not([hidden]) b')).map(each => each.textContent)"
FIGURES = "Array.from(document.querySelectorAll('figure:not([hidden]) figcaption')).map(each => each.textContent)"
FOCUSED = "document.activeElement.textContent.trim() || document.activeElement.id || document.activeElement.type"
SHOWN = "document.querySelector('.nx-shown').textContent"
AFTER_A_MOMENT = "new Promise(done => setTimeout(done, 150))"
Show = Callable[..., Tab]


@pytest.fixture
def show(tab: Tab, tmp_path: Path) -> Show:
    """Open a record's page: ``show(record, …what to_html takes)``; its previews lie beside it."""

    def opened(record: Record, **told: str) -> Tab:
        for dataset in (dataset for activity in record.activities for dataset in activity.datasets if dataset.preview):
            picture = tmp_path / "previews" / "Titan" / f"{dataset.name}.thumb.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (500, 500), (90, 120, 150)).save(picture)
        path = tmp_path / "page.html"
        path.write_bytes(to_html(to_xml(record), preview_base="previews", dataset_base="file:///srv/raw", **told))
        tab.open(path.as_uri())
        return tab

    return opened


@pytest.fixture
def rich(
    assembled: Callable[..., Record],
    read: Callable[..., Extracted],
    found: Callable[..., FoundFile],
    reservation: Reservation,
) -> Record:
    """Return a record of three images, two spectra and a file that could not be read, one value not to be trusted."""
    own = {"Note": HOSTILE, "Formula": "=1+1", "Defocus": -5}
    outcomes = [read(f"image {number}.dm3", {"Spot Size": number, **own}) for number in range(3)]
    outcomes += [
        read("spectrum 1.dm3", {"Spot Size": 7}, dataset_type=DatasetType.SPECTRUM, warnings=("Spot Size",)),
        read("spectrum 2.dm3", {"Spot Size": 8, "Long": "x" * 10_000}, dataset_type=DatasetType.SPECTRUM),
    ]
    return assembled(*outcomes, Unreadable(file=found("broken.dm3"), reason="it is empty"), reservation=reservation)


@pytest.fixture
def small(assembled: Callable[..., Record], read: Callable[..., Extracted]) -> Record:
    return assembled(read("a.dm3", {"Voltage": 300}))


def seek(tab: Tab, text: str) -> None:
    tab.run("document.querySelector('#nx-words').select()")
    tab.type(text)
    tab.run(AFTER_A_MOMENT)


def tick(tab: Tab, value: str) -> None:
    tab.run(f"document.querySelector('.nx-find input[value=\"{value}\"]').click()")
    tab.run(AFTER_A_MOMENT)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("SPECTRUM 2", ["spectrum 2.dm3"]),
        ("spot size 8", ["spectrum 2.dm3"]),
        ("spectrum.dm3", []),
        ("empty", ["broken.dm3"]),
        ("  ", ["image 0.dm3", "image 1.dm3", "image 2.dm3", "spectrum 1.dm3", "spectrum 2.dm3", "broken.dm3"]),
    ],
    ids=["name", "parameter and value", "no such name", "reason", "blanks"],
)
def test_a_search_leaves_what_holds_every_word(show: Show, rich: Record, text: str, left: list[str]) -> None:
    tab = show(rich)

    seek(tab, text)

    assert tab.run(ROWS) == left
    assert tab.run(FIGURES) == [name for name in left if name != "broken.dm3"]


def test_the_count_of_what_is_shown_is_announced(show: Show, rich: Record) -> None:
    tab = show(rich)

    seek(tab, "spectrum")

    assert tab.run(SHOWN) == "2 of 6 datasets shown"
    assert tab.run("document.querySelector('.nx-shown').role") == "status"


@pytest.mark.parametrize(
    ("value", "left"),
    [("Spectrum", ["spectrum 1.dm3", "spectrum 2.dm3"]), ("nx-bad", ["broken.dm3"]), ("nx-doubt", ["spectrum 1.dm3"])],
    ids=["type", "unreadable", "unreliable"],
)
def test_a_filter_leaves_its_kind(show: Show, rich: Record, value: str, left: list[str]) -> None:
    tab = show(rich)

    tick(tab, value)

    assert tab.run(ROWS) == left


def test_show_all_brings_everything_back(show: Show, rich: Record) -> None:
    tab = show(rich)
    tick(tab, "Spectrum")
    seek(tab, "nothing has this")

    tab.run("document.querySelector('button[type=reset]').click()")
    tab.run(AFTER_A_MOMENT)

    assert (len(tab.run(ROWS)), len(tab.run(FIGURES)), tab.run(SHOWN)) == (6, 5, "6 datasets")
    assert tab.run("document.querySelectorAll('.nx-activity[hidden], .nx-part[hidden], .nx-fold[hidden]').length") == 0


def test_a_link_to_what_a_search_hides_brings_it_back(show: Show, rich: Record) -> None:
    tab = show(rich)
    seek(tab, "spectrum")

    tab.run("document.querySelector('.nx-alert a').click()")
    tab.run(AFTER_A_MOMENT)

    assert "broken.dm3" in tab.run(ROWS)


def test_the_keyboard_reaches_search_filters_previews_and_files(show: Show, rich: Record) -> None:
    tab = show(rich)
    reached = []

    for _ in range(60):
        tab.press("Tab")
        reached.append(tab.run(FOCUSED))

    assert reached[0] == "Skip to the datasets"
    for stop in ("nx-words", "checkbox", "image 0.dm3", "Raw", "PNG", "JSON", "Table of all values (CSV)"):
        assert stop in reached


def test_what_has_the_focus_can_be_seen(show: Show, rich: Record) -> None:
    tab = show(rich)
    unseen = []

    for _ in range(40):
        tab.press("Tab")
        if tab.run("getComputedStyle(document.activeElement).outlineStyle") == "none":
            unseen.append(tab.run("document.activeElement.outerHTML.slice(0, 80)"))

    assert unseen == []


def test_previews_are_turned_over_with_the_arrow_keys(show: Show, rich: Record) -> None:
    tab = show(rich)
    tab.run("document.querySelectorAll('.nx-gallery figure > a')[3].focus()")

    for key in ("Enter", "ArrowRight"):
        tab.press(key)
        tab.run(AFTER_A_MOMENT)
    seen = tab.run("[document.querySelector('dialog h2').textContent, document.querySelector('dialog img').src]")
    tab.press("Escape")
    tab.run(AFTER_A_MOMENT)

    assert (seen[0], seen[1].rpartition("/")[2]) == ("spectrum 2.dm3", "spectrum%202.dm3.thumb.png")
    assert tab.run("document.activeElement.closest('figure').textContent") == "spectrum 2.dm3"


def test_the_table_to_take_home_has_every_value_of_what_is_shown(show: Show, rich: Record) -> None:
    tab = show(rich)
    seek(tab, "image 1.dm3")

    text = tab.run(
        "new Promise(done => { URL.createObjectURL = blob => { blob.text().then(done); return 'blob:none'; };"
        "HTMLAnchorElement.prototype.click = () => {};"
        "document.querySelector('.nx-csv').dispatchEvent(new Event('click')); })"
    )

    (names, row) = text.lstrip("\ufeff").splitlines()
    assert '"Spot Size"' in names
    assert row.startswith('"image 1.dm3","Image","1",')
    assert HOSTILE.replace('"', '""') in row
    assert '"\'=1+1"' in row
    assert '"-5"' in row
    assert row.endswith('"/srv/raw/Titan/image 1.dm3"')


def test_the_locations_of_what_is_shown_are_copied(show: Show, rich: Record) -> None:
    tab = show(rich)
    tick(tab, "Spectrum")

    text = tab.run(
        "new Promise(done => { Object.defineProperty(navigator, 'clipboard', { value: { writeText: async text =>"
        "setTimeout(() => done([text, document.querySelector('.nx-told').textContent]), 50) } });"
        "document.querySelector('.nx-paths').click(); })"
    )

    assert text == ["/srv/raw/Titan/spectrum 1.dm3\n/srv/raw/Titan/spectrum 2.dm3", "2 locations copied."]


def test_hostile_text_is_shown_and_not_run(show: Show, rich: Record) -> None:
    tab = show(rich)

    tab.run("document.querySelectorAll('.nx-gallery figure > a')[0].click()")

    assert HOSTILE in tab.run("document.querySelector('dialog dl').textContent")
    assert (tab.run("document.title"), tab.said) == ("Grain boundaries", [])


def test_nothing_is_asked_of_the_network(show: Show, rich: Record) -> None:
    tab = show(rich)

    tab.run("document.querySelectorAll('.nx-gallery figure > a')[0].click()")
    seek(tab, "spectrum")

    assert [address for address in tab.asked if not address.startswith(("file:", "about:"))] == []


def test_without_the_script_all_is_there_and_no_control_that_does_nothing(show: Show, tab: Tab, rich: Record) -> None:
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    show(rich)

    (row, *controls) = tab.run(
        "['.nx-set', '.nx-find', '.nx-csv', '.nx-paths'].map(each => document.querySelector(each).checkVisibility())"
    )

    assert row
    assert not any(controls)
    assert len(tab.run(ROWS)) == 6


@pytest.mark.parametrize("width_px", [390, 1280], ids=["phone", "desktop"])
def test_the_page_is_as_wide_as_the_window_and_nothing_moves(show: Show, tab: Tab, rich: Record, width_px: int) -> None:
    tab.show(width_px=width_px)
    show(rich)

    moved = tab.run(
        "new Promise(done => { let sum = 0; const watch = new PerformanceObserver(list => list.getEntries()"
        ".forEach(each => { sum += each.value; })); watch.observe({ type: 'layout-shift', buffered: true });"
        "scrollTo(0, 9999); setTimeout(() => done(sum), 300); })"
    )

    assert tab.run("[innerWidth, document.documentElement.scrollWidth]") == [width_px, width_px]
    assert moved < 0.1


def test_on_paper_folds_are_open_previews_stay_and_controls_go(show: Show, tab: Tab, rich: Record) -> None:
    tab.show(printed=True)
    show(rich)

    seen = tab.run(
        "Object.fromEntries(['.nx-words', '.nx-downloads', '.nx-skip', '.nx-set details p', '.nx-gallery img']"
        ".map(each => [each, document.querySelector(each).checkVisibility({ contentVisibilityAuto: true })]))"
    )

    assert seen == {
        ".nx-words": False,
        ".nx-downloads": False,
        ".nx-skip": False,
        ".nx-set details p": True,
        ".nx-gallery img": True,
    }


@pytest.mark.parametrize(
    "window",
    [{}, {"dark": True}, {"width_px": 390, "height_px": 844}, {"width_px": 390, "height_px": 844, "dark": True}],
    ids=["desktop", "dark", "phone", "dark phone"],
)
@pytest.mark.parametrize("kind", ["small", "rich"])
def test_axe_finds_no_fault(
    show: Show, tab: Tab, request: pytest.FixtureRequest, kind: str, window: dict[str, int]
) -> None:
    tab.show(**window)
    show(request.getfixturevalue(kind), record_url="x.xml", crate_url="x.zip")

    assert faults(tab) == []


def test_axe_finds_no_fault_in_an_open_preview(show: Show, tab: Tab, rich: Record) -> None:
    show(rich)

    tab.run("document.querySelector('.nx-gallery figure > a').click()")

    assert tab.run("document.querySelector('dialog').open")
    assert faults(tab) == []


def test_axe_would_find_a_fault(show: Show, tab: Tab, small: Record) -> None:
    show(small)

    tab.run("document.querySelector('.nx-gallery img').removeAttribute('alt')")

    assert "image-alt" in {fault.split(":")[0] for fault in faults(tab)}
