import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nexuslims_core.sessions.models import FindingKind
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.due_sessions import DueSessions, due_sessions
from nexuslims_core.stages.facility import utc_now
from nexuslims_core.stages.scan_storage import scan_storage
from tests.nexuslims_core.conftest import BEGUN, Lab

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


def _no_file_yet(lab: Lab) -> Callable[[], object]:
    return lambda: lab.spectrum("late.msa", 100)


def _file_still_growing(lab: Lab) -> Callable[[], object]:
    path = lab.spectrum("growing.msa", 119.9)
    return lambda: os.utime(path, (0, BEGUN.timestamp() + 60))


def _instrument_folder_absent(lab: Lab) -> Callable[[], object]:
    lab.spectrum("a.msa", 100)
    hidden = (lab.store / "Titan").rename(lab.store / "elsewhere")
    return lambda: hidden.rename(lab.store / "Titan")


def _file_store_not_mounted(lab: Lab) -> Callable[[], object]:
    lab.spectrum("a.msa", 100)
    hidden = lab.store.rename(lab.store.with_name("unmounted"))
    lab.store.mkdir()
    return lambda: (lab.store.rmdir(), hidden.rename(lab.store))


@pytest.mark.parametrize(
    "obstacle", [_no_file_yet, _file_still_growing, _instrument_folder_absent, _file_store_not_mounted]
)
def test_a_session_stays_to_be_built_until_what_it_waits_for_has_come(
    lab: Lab, sort: Sort, obstacle: Callable[[Lab], Callable[[], object]]
) -> None:
    mend = obstacle(lab)
    before = [sort(timedelta(seconds=seconds)).due for seconds in (10, 20, 30)]
    state = lab.database.summary("s1").status

    mend()

    assert (before, state, lab.database.attempts("s1")) == ([(), (), ()], RecordStatus.TO_BE_BUILT, ())
    assert len(sort(timedelta(seconds=40)).due) == 1


def test_one_whose_folder_was_not_searched_waits_however_long(lab: Lab) -> None:
    lab.waits("s1")
    session = lab.database.session("s1")

    (waiting,) = due_sessions(lab.facility(), (session,), {}).waiting

    assert waiting.reason == f"the folder of {lab.titan.instrument_pid} was not searched"
    assert lab.database.summary("s1").status is RecordStatus.TO_BE_BUILT


def test_one_that_came_after_the_search_waits_for_the_next(lab: Lab) -> None:
    scan = scan_storage(lab.facility(), lab.titan, [])
    lab.waits("s1")
    session = lab.database.session("s1")

    (waiting,) = due_sessions(lab.facility(), (session,), {lab.titan.instrument_pid: scan}).waiting

    assert waiting.reason == f"{lab.store / 'Titan'} was not searched for its time yet; the next search includes it"


def test_one_whose_file_is_being_copied_with_an_old_time_waits(lab: Lab) -> None:
    lab.waits("s1")
    lab.spectrum("copied.msa", 100)
    session = replace(lab.database.session("s1"), dt_to=utc_now())
    facility = lab.facility()

    scan = scan_storage(facility, lab.titan)
    (waiting,) = due_sessions(facility, (session,), {lab.titan.instrument_pid: scan}).waiting

    assert waiting.reason == "1 of its files are still being written, such as copied.msa"


def test_one_that_ends_in_the_future_waits_for_its_end(lab: Lab, sort: Sort) -> None:
    lab.spectrum("a.msa", 1)

    (waiting,) = sort(timedelta(minutes=-1)).waiting

    assert waiting.reason == "it ends at 2026-03-02T07:00:00-05:00, which is still to come"


def test_why_it_waits_is_in_the_books(lab: Lab, sort: Sort) -> None:
    sort(timedelta(days=1))

    (finding,) = lab.database.findings("s1")

    assert (finding.kind, finding.reason[:12]) == (FindingKind.WAITING, "no files yet")
