"""The contact sheet: every file of a folder is on it, read or not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nexuslims_core.testing.writers.digital_micrograph import write_dm
from nexuslims_core.testing.writers.msa import write_msa
from tools import contact_sheet


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files, out = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("out")
    (files / "day <1>").mkdir()
    for i in range(14):
        write_dm(
            files / "day <1>" / f"image {i:02}.dm3", np.full((64, 64), i, np.uint16) + np.arange(64, dtype=np.uint16)
        )
    write_msa(files / "point.msa", [1, 5, 2, 1])
    (files / "broken.dm3").write_bytes(b"a shopping list")
    assert contact_sheet.main(["--files", str(files), "--out", str(out)]) == 0
    return out


def test_begins_each_format_in_a_row_of_its_own(sheets: Path) -> None:
    pages = sorted(path.name for path in sheets.glob("sheet-*.png"))

    assert pages == ["sheet-01.png", "sheet-02.png"]  # four rows of images, one of spectra


def test_shows_every_preview_and_every_reason(sheets: Path) -> None:
    page = (sheets / "index.html").read_text("utf-8")

    assert page.count("<img ") == 15
    assert "no DigitalMicrograph file" in page


def test_tells_what_each_file_took(sheets: Path) -> None:
    page = (sheets / "index.html").read_text("utf-8")

    assert page.count(" s CPU · peak ") == 16


def test_writes_names_as_text(sheets: Path) -> None:
    page = (sheets / "index.html").read_text("utf-8")

    assert "day &lt;1&gt;/image 00.dm3" in page
    assert "previews/day%20%3C1%3E/image%2000.dm3.thumb.png" in page


def test_puts_previews_on_the_sheets(sheets: Path) -> None:
    with Image.open(sheets / "sheet-01.png") as sheet:
        corner = sheet.crop((0, 0, 400, 400)).convert("L")

    assert len(set(corner.tobytes())) > 64


def test_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert contact_sheet.main(["--files", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]) == 2
