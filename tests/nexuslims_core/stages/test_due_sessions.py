from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nexuslims_core.stages.due_sessions import DueSessions, due_sessions
from nexuslims_core.stages.scan_storage import scan_storage
from tests.nexuslims_core.conftest import Lab

Sort = Callable[..., DueSessions]


@pytest.fixture
def sort(lab: Lab) -> Sort:
    """Sort the one waiting session so long after its end."""
    lab.waits("s1")
    session = lab.database.session("s1")

    def sort(after: timedelta) -> DueSessions:
        now: datetime = session.dt_to + after
        facility = replace(lab.facility(), now=lambda: now)
        return due_sessions(facility, (session,), {lab.titan.instrument_pid: scan_storage(facility, lab.titan)})

    return sort


def test_a_session_whose_files_stand_still_is_due(lab: Lab, sort: Sort) -> None:
    lab.spectrum("a.msa", 100)

    assert len(sort(timedelta(minutes=1)).due) == 1


def test_one_whose_file_was_just_written_waits(lab: Lab, sort: Sort) -> None:
    lab.spectrum("a.msa", 119.9)

    (waiting,) = sort(timedelta(seconds=10)).waiting

    assert waiting.reason == "1 of its files are still being written, such as a.msa"


def test_one_without_files_waits_for_them(sort: Sort) -> None:
    (waiting,) = sort(timedelta(days=1)).waiting

    assert waiting.reason == "no files yet; they may still come for 2 days after its end"


def test_after_the_delay_it_is_due_with_or_without_files(sort: Sort) -> None:
    assert len(sort(timedelta(days=2)).due) == 1


def test_one_whose_folder_is_absent_waits_however_long(lab: Lab, sort: Sort) -> None:
    (lab.store / "Titan").rmdir()

    (waiting,) = sort(timedelta(days=1000)).waiting

    assert "correct its filestore_path, or mend the folder" in waiting.reason
