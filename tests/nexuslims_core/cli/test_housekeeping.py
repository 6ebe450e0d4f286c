from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexuslims_core.publishing.folder import FolderStore
from nexuslims_core.stages.facility import utc_now

if TYPE_CHECKING:
    from tests.nexuslims_core.conftest import Build, Lab, Nexuslims

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings under which files settle at once and sessions are looked at for years."""
    monkeypatch.setenv("NEXUSLIMS_SETTLE", "0")
    monkeypatch.setenv("NEXUSLIMS_LATE", "100000")


@pytest.mark.usefixtures("lab")
def test_says_that_nothing_was_to_be_done(nexuslims: "Nexuslims") -> None:
    said = nexuslims("housekeeping")

    assert (said.code, said.out) == (0, "Nothing was to be done.\n")


def test_a_late_file_puts_its_session_back(nexuslims: "Nexuslims", lab: "Lab", build: "Build") -> None:
    lab.spectrum("first.msa", 10)
    build(lab.waits("s1"))
    lab.spectrum("late.msa", 20)

    said = nexuslims("housekeeping", "--json")

    came = "1 file came after it was built, such as 'late.msa'"
    assert (said.code, said.document) == (0, {"published": {}, "completed": [], "late": {"s1": came}, "told": 0})
    assert lab.database.summary("s1").status == "TO_BE_BUILT"


@pytest.fixture
def site(lab: "Lab", build: "Build", monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file where the site is to be, since an hour ago when a record could not be published into it."""
    path = lab.store.parent / "site"
    path.write_text("in the way")
    monkeypatch.setenv("NEXUSLIMS_SITE_PATH", str(path))
    lab.spectrum("first.msa", 10)
    build(
        lab.waits("s1"),
        stores=(FolderStore(root=path, data_path=lab.data),),
        now=lambda: utc_now() - timedelta(hours=1),
    )
    return path


def test_a_record_that_no_destination_took_is_published(nexuslims: "Nexuslims", site: Path) -> None:
    site.unlink()

    said = nexuslims("housekeeping")

    assert (said.code, said.out) == (0, "s1 is COMPLETED\n")
    assert (site / "index.html").is_file()


@pytest.mark.usefixtures("site")
def test_a_destination_that_is_still_away_is_said(nexuslims: "Nexuslims", lab: "Lab") -> None:
    said = nexuslims("housekeeping", "--json")

    assert (said.code, said.document["published"]) == (1, {"s1": "BUILT_NOT_EXPORTED"})
    assert said.err.startswith("nexuslims: session s1: ")
    assert lab.database.publications_of("s1")[0].tries == 2
