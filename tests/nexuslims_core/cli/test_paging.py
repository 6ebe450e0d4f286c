from pathlib import Path

from tests.nexuslims_core.cli.conftest import WriteRecord
from tests.nexuslims_core.conftest import Nexuslims


def test_a_record_becomes_a_page(write_record: WriteRecord, nexuslims: Nexuslims, tmp_path: Path) -> None:
    said = nexuslims("page", write_record(), "-o", tmp_path / "new/page.html")

    assert (said.code, said.out) == (0, f"{tmp_path}/new/page.html\n")
    assert "Grains" in (tmp_path / "new/page.html").read_text()


def test_what_is_no_record_leaves_no_page(nexuslims: Nexuslims, tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<a>")

    said = nexuslims("page", tmp_path / "x.xml", "-o", tmp_path / "page.html")

    assert (said.code, said.err.startswith("nexuslims: no page can be made of this record: ")) == (1, True)
    assert not (tmp_path / "page.html").exists()


def test_a_page_that_cannot_be_written_is_named(
    write_record: WriteRecord, nexuslims: Nexuslims, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    said = nexuslims("page", write_record(), "-o", tmp_path / "file/page.html")

    assert (said.code, said.err) == (1, f"nexuslims: cannot write {tmp_path}/file/page.html: File exists\n")
