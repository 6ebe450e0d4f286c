from pathlib import Path

from tests.nexuslims_core.cli.conftest import WriteRecord
from tests.nexuslims_core.conftest import Nexuslims


def test_a_valid_record_has_no_findings(write_record: WriteRecord, nexuslims: Nexuslims) -> None:
    path = write_record()

    said = nexuslims("validate", path, "--json")

    assert (said.code, said.document) == (0, [{"record": str(path), "valid": True, "findings": []}])


def test_every_finding_has_its_line_and_place(write_record: WriteRecord, nexuslims: Nexuslims) -> None:
    good, bad = write_record(), write_record("<captain>ada</captain>")

    said = nexuslims("validate", good, bad, "--json")

    (finding,) = said.document[1]["findings"]
    assert (said.code, said.document[0]["findings"]) == (1, [])
    assert (finding["line"], finding["xpath"]) == (2, "/Experiment/summary/captain")


def test_people_get_a_line_a_finding(write_record: WriteRecord, nexuslims: Nexuslims) -> None:
    good, bad = write_record(), write_record("<captain>ada</captain>")

    lines = nexuslims("validate", good, bad).out.splitlines()

    assert lines[0] == f"{good}: valid"
    assert lines[1].startswith(f"{bad}: line 2, /Experiment/summary/captain: Element 'captain'")


def test_a_file_that_cannot_be_read_leaves_the_others_their_answers(
    write_record: WriteRecord, nexuslims: Nexuslims, tmp_path: Path
) -> None:
    said = nexuslims("validate", tmp_path / "none.xml", write_record(), "--json")

    assert said.code == 1
    assert [told["valid"] for told in said.document] == [False, True]
    assert said.document[0]["findings"][0]["sentence"].endswith("none.xml cannot be read: No such file or directory")


def test_a_schema_that_is_none_is_named(write_record: WriteRecord, nexuslims: Nexuslims, tmp_path: Path) -> None:
    said = nexuslims("validate", write_record(), "--schema", tmp_path / "none.xsd")

    assert said.code == 1
    assert said.err.startswith(f"nexuslims: cannot read the schema {tmp_path}/none.xsd: ")
