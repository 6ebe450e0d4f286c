from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.ui.records import address_of, media_type

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("records/2026/a.html", "text/html; charset=utf-8"),
        ("records/2026/a.xml", "application/xml"),
        ("records/2026/a-ro-crate-metadata.json", "application/json"),
        ("Titan/a.dm3.thumb.png", "image/png"),
        ("Titan/a.dm3.json", "application/json"),
    ],
)
def test_what_a_record_shows_is_served(path: str, kind: str) -> None:
    assert media_type(path.split("/")) == kind


@pytest.mark.parametrize(
    "path",
    [
        "nexuslims.sqlite",
        "work/0123/find_files.json",
        "Titan/page.html",
        "Titan/picture.svg",
        "records/2026/a.svg",
        "records/../nexuslims.json",
        "records//a.xml",
        ".hidden/a.json",
        "Titan/.env.json",
        "",
    ],
)
def test_nothing_else_is_served(path: str) -> None:
    assert media_type(path.split("/")) is None


def test_a_record_elsewhere_has_no_page_here(tmp_path: Path) -> None:
    own, other = tmp_path / "data" / "records" / "a b.xml", tmp_path / "other" / "a.xml"
    for path in (own, other):
        path.parent.mkdir(parents=True)
        path.with_suffix(".html").touch()

    assert address_of(own, tmp_path / "data") == "data/records/a%20b.html"
    assert address_of(other, tmp_path / "data") is None
    assert address_of(own.with_name("gone.xml"), tmp_path / "data") is None
