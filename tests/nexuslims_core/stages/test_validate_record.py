from collections.abc import Callable
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import InvalidRecordError
from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.finish import finish
from nexuslims_core.stages.validate_record import validate_record
from tests.nexuslims_core.conftest import Lab

Built = Callable[[str], BuiltRecord]
TITLE = "2026-03-02_FEI-Titan-TEM-635816_x"


@pytest.fixture
def built(tmp_path: Path) -> Built:
    """Write a record whose summary holds this."""

    def write(inside: str) -> BuiltRecord:
        xml = f'<Experiment xmlns="{NEXUS_NAMESPACE}"><title>x</title><summary>{inside}</summary></Experiment>'.encode()
        path = tmp_path / "record.xml"
        path.write_bytes(xml)
        return BuiltRecord(title=TITLE, path=path, sha256=sha256(xml))

    return write


def _names(lab: Lab) -> list[str]:
    return sorted(path.name.removeprefix(TITLE) for path in (lab.data / "records/2026").iterdir())


def test_a_valid_record_is_filed_by_its_year_with_its_page(lab: Lab, claimed: Claim, built: Built) -> None:
    filed = validate_record(lab.facility(), claimed, built("<experimenter>ada</experimenter>"))

    assert filed.path == lab.data / f"records/2026/{TITLE}.xml"
    assert _names(lab) == [".html", ".xml"]
    assert lab.database.attempt(claimed).record_sha256 == sha256(filed.path.read_bytes())


def test_an_invalid_record_is_kept_beside_its_findings_and_ends_the_session(
    lab: Lab, claimed: Claim, built: Built
) -> None:
    with pytest.raises(InvalidRecordError, match="the record does not satisfy the schema: line 1, "):
        validate_record(lab.facility(), claimed, built("<captain>ada</captain>"))

    assert _names(lab) == ["-findings.txt", "-invalid.xml"]
    told = (lab.data / f"records/2026/{TITLE}-findings.txt").read_text()
    assert told.startswith("line 1, /Experiment/summary/captain: ")
    assert finish(lab.facility(), claimed).status == "ERROR"


def test_a_valid_record_replaces_an_invalid_one(lab: Lab, claimed: Claim, built: Built) -> None:
    with pytest.raises(InvalidRecordError):
        validate_record(lab.facility(), claimed, built("<captain>ada</captain>"))

    validate_record(lab.facility(), claimed, built(""))

    assert _names(lab) == [".html", ".xml"]


def test_earlier_versions_are_numbered(lab: Lab, claimed: Claim, built: Built) -> None:
    for who in ("ada", "ben", "ben", "ada"):
        validate_record(lab.facility(), claimed, built(f"<experimenter>{who}</experimenter>"))

    kept = [lab.data / f"records/2026/{TITLE}{ending}" for ending in (".v1.xml", ".v2.xml", ".xml")]
    assert [b"ada" in path.read_bytes() for path in kept] == [True, False, True]
    assert _names(lab) == [".html", ".v1.xml", ".v2.xml", ".xml"]


def test_a_version_is_kept_once_when_the_filing_was_cut_short(lab: Lab, claimed: Claim, built: Built) -> None:
    first = validate_record(lab.facility(), claimed, built("<experimenter>ada</experimenter>"))
    first.path.with_name(f"{TITLE}.v1.xml").write_bytes(first.path.read_bytes())

    validate_record(lab.facility(), claimed, built("<experimenter>ben</experimenter>"))

    assert _names(lab) == [".html", ".v1.xml", ".xml"]


def test_a_record_that_stands_as_it_was_filed_is_not_filed_again(lab: Lab, claimed: Claim, built: Built) -> None:
    filed = validate_record(lab.facility(), claimed, built("<experimenter>ada</experimenter>"))
    before = [path.stat().st_ino for path in (filed.path, filed.path.with_suffix(".html"))]

    lab.facility().workbench.clear(claimed.session.session_identifier)
    again = validate_record(lab.facility(), claimed, built("<experimenter>ada</experimenter>"))

    assert again == filed
    assert [path.stat().st_ino for path in (filed.path, filed.path.with_suffix(".html"))] == before


@pytest.mark.parametrize("ending", [".xml", ".html"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"x")], ids=["gone", "changed"])
def test_what_is_missing_or_was_changed_is_filed_again(
    lab: Lab, claimed: Claim, built: Built, ending: str, damage: Callable[[Path], None]
) -> None:
    filed = validate_record(lab.facility(), claimed, built("<experimenter>ada</experimenter>"))
    whole = filed.path.with_suffix(ending).read_bytes()
    damage(filed.path.with_suffix(ending))

    lab.facility().workbench.clear(claimed.session.session_identifier)
    validate_record(lab.facility(), claimed, built("<experimenter>ada</experimenter>"))

    assert filed.path.with_suffix(ending).read_bytes() == whole
