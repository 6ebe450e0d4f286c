from datetime import UTC, datetime

import pytest

from nexuslims_core.artefacts import sha256
from tests.nexuslims_core.conftest import Lab, Nexuslims

pytestmark = pytest.mark.usefixtures("lab")


@pytest.fixture
def rebuilt(lab: Lab, nexuslims: Nexuslims) -> str:
    """A session whose record was built, and built again when a file more had come."""
    lab.image("a.dm3", 1)
    lab.image("b.dm3", 2)
    identifier = lab.waits("s1")
    nexuslims("build", identifier, "--no-upload")
    lab.image("late.dm3", 3)
    nexuslims("build", identifier, "--no-upload", "--rebuild")
    return identifier


def test_lists_the_versions_with_what_changed(lab: Lab, nexuslims: Nexuslims, rebuilt: str) -> None:
    said = nexuslims("sessions", "show", rebuilt, "--json")

    first, second = said.document["versions"]
    files = [(lab.data / each["path"]).read_bytes() for each in (first, second)]
    assert [each["sha256"] for each in (first, second)] == [sha256(xml) for xml in files]
    assert [(each["number"], each["current"]) for each in (first, second)] == [(1, False), (2, True)]
    assert (first["changed"], second["changed"][0]) == ([], "1 dataset more: late.dm3")


def test_says_so_to_people(nexuslims: Nexuslims, rebuilt: str) -> None:
    said = nexuslims("sessions", "show", rebuilt)

    today = f"{datetime.now(UTC):%Y-%m-}"
    lines = said.out.partition("versions\n")[2].splitlines()
    assert lines[0].startswith(f"  1  {today}")
    assert lines[1].endswith(", which stands now")
    assert lines[2] == "     1 dataset more: late.dm3"


def test_a_session_without_a_record_has_no_versions(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.waits("s1")

    said = nexuslims("sessions", "show", "s1", "--json")

    assert said.document["versions"] == []
    assert said.code == 0


def test_a_version_that_cannot_be_read_is_said_and_the_rest_is_shown(
    lab: Lab, nexuslims: Nexuslims, rebuilt: str
) -> None:
    (kept,) = (lab.data / "records/2026").glob("*.v1.xml")
    kept.unlink()
    kept.mkdir()

    said = nexuslims("sessions", "show", rebuilt, "--json")

    assert (said.code, said.document["versions"], said.document["session_identifier"]) == (1, None, "s1")
    assert "v1.xml cannot be read: Is a directory" in said.err
