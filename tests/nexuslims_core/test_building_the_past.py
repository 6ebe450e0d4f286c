"""A session of the past: nobody comes later, so one builder tries as often as it helps."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nexuslims_core.errors import ConfigurationError, NotDueError, SessionStateError, StorageError
from nexuslims_core.pipeline import build_past_session, scan_all
from nexuslims_core.publishing.folder import FolderStore
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import BuildReport
from tests.nexuslims_core.conftest import BEGUN, Lab


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The folder of a static site."""
    return tmp_path / "site"


def facility(lab: Lab, site: Path) -> Facility:
    opened = lab.facility()
    store = FolderStore(root=site, data_path=lab.data, url="", dataset_base="file:///", preview_base="")
    return replace(opened, stores=(store,))


def built(lab: Lab, site: Path, identifier: str, **given: Any) -> BuildReport:
    working = facility(lab, site)
    session = working.database.session(identifier)
    (scan,) = scan_all(working, (session,)).values()
    chosen = {"rebuild": False, "comes_again": False, **given}
    return build_past_session(working, session, scan, "backfill/0", **chosen)


def test_a_record_is_built_and_published(lab: Lab, site: Path) -> None:
    lab.spectrum("point.msa", 1)

    report = built(lab, site, lab.waits("s"))

    assert report.status is RecordStatus.COMPLETED


def test_what_may_pass_is_raised_and_the_next_try_goes_on_with_the_same_attempt(lab: Lab, site: Path) -> None:
    lab.spectrum("point.msa", 1)
    lab.waits("s")
    site.write_text("a file where the folder should be")

    with pytest.raises(StorageError):
        built(lab, site, "s", comes_again=True)
    site.unlink()
    report = built(lab, site, "s", comes_again=True)

    assert (report.status, report.attempt) == (RecordStatus.COMPLETED, 1)


def test_the_last_try_ends_with_a_state(lab: Lab, site: Path) -> None:
    lab.spectrum("point.msa", 1)
    site.write_text("a file where the folder should be")

    report = built(lab, site, lab.waits("s"))

    assert report.status is RecordStatus.BUILT_NOT_EXPORTED
    assert str(site) in str(report.reason)


def test_what_a_person_must_mend_ends_at_once_whatever_tries_are_left(lab: Lab, site: Path) -> None:
    lab.spectrum("point.msa", 1)
    lab.database.add_instrument(replace(lab.titan, harvester="sharepoint", api_url="https://cal.example.org/x"))

    report = built(lab, site, lab.waits("s"), comes_again=True)

    assert report.status is RecordStatus.ERROR
    assert lab.database.attempts("s")[0].error_type == ConfigurationError.__name__


def test_a_folder_that_is_away_is_an_error_that_may_pass_and_changes_nothing(lab: Lab, site: Path) -> None:
    lab.waits("s")
    shutil.rmtree(lab.store / "Titan")

    with pytest.raises(StorageError, match="s waits"):
        built(lab, site, "s")

    assert lab.database.attempts("s") == ()


def test_a_folder_that_is_back_is_searched_again(lab: Lab, site: Path) -> None:
    working, identifier = facility(lab, site), lab.waits("s")
    session = working.database.session(identifier)
    shutil.rmtree(lab.store / "Titan")
    (absent,) = scan_all(working, (session,)).values()
    lab.spectrum("point.msa", 1)

    report = build_past_session(working, session, absent, "backfill/0", rebuild=False, comes_again=True)

    assert report.status is RecordStatus.COMPLETED


def test_one_whose_files_may_still_come_is_not_due(lab: Lab, site: Path) -> None:
    now = datetime.now(UTC)
    lab.database.start_session(lab.titan.instrument_pid, "ada", now - timedelta(hours=2), "s")
    lab.database.end_session("s", now - timedelta(hours=1))

    with pytest.raises(NotDueError, match="may still come"):
        built(lab, site, "s")


def test_rebuild_builds_what_is_completed_and_without_it_that_is_refused(lab: Lab, site: Path) -> None:
    lab.spectrum("point.msa", 1)
    first = built(lab, site, lab.waits("s", begun=BEGUN))

    with pytest.raises(SessionStateError, match="COMPLETED"):
        built(lab, site, "s")
    again = built(lab, site, "s", rebuild=True)

    assert (first.attempt, again.attempt, again.status) == (1, 2, RecordStatus.COMPLETED)
