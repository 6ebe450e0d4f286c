import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility, utc_now
from nexuslims_core.stages.finish import BuildReport
from nexuslims_core.stages.late_files import find_late, requeue_late
from tests.nexuslims_core.conftest import BEGUN, Lab

Build = Callable[..., BuildReport]
HOUR = timedelta(hours=1)


@pytest.fixture
def later(lab: Lab) -> Callable[..., Facility]:
    """The facility an hour from now, when all that was written has settled; it looks back for years."""

    def later(**settings: Any) -> Facility:
        return replace(lab.facility(**{"late_days": 100_000.0} | settings), now=lambda: utc_now() + HOUR)

    return later


@pytest.fixture
def built(lab: Lab, build: Build) -> str:
    """A session with a record of one file."""
    identifier = lab.waits("s1")
    lab.spectrum("first.msa", 10)
    build(identifier)
    return identifier


def names(facility: Facility) -> list[list[str]]:
    return [[file.path.name for file in late.files] for late in find_late(facility)]


@pytest.mark.usefixtures("built")
def test_a_record_that_has_all_files_is_left_alone(later: Callable[..., Facility]) -> None:
    assert requeue_late(later()) == ()


@pytest.mark.parametrize("name", ["late.msa", "gr\udcf6sse 1.msa", "new\nline % µ.msa"], ids=ascii)
def test_a_file_that_came_afterwards_is_in_the_next_version(
    name: str, lab: Lab, built: str, build: Build, later: Callable[..., Facility]
) -> None:
    lab.spectrum(name, 20)

    (late,) = requeue_late(later())
    again = build(built)

    assert (late.session.session_identifier, [file.path.name for file in late.files]) == (built, [name])
    assert (again.datasets, requeue_late(later())) == (2, ())
    assert again.record is not None
    assert b'<notes source="Late files">' in again.record.read_bytes()
    assert again.record.with_suffix(".v1.xml").exists()


def test_the_books_say_why_it_was_put_back(lab: Lab, built: str, later: Callable[..., Facility]) -> None:
    lab.spectrum("late.msa", 20)

    requeue_late(later())

    assert lab.database.summary(built).status is RecordStatus.TO_BE_BUILT
    assert "1 file came after it was built, such as 'late.msa'" in lab.database.findings(built)[-1].reason


def test_a_session_without_files_is_built_when_they_come(
    lab: Lab, build: Build, later: Callable[..., Facility]
) -> None:
    build(lab.waits("s1"))
    before = lab.database.summary("s1").status
    lab.spectrum("late.msa", 20)

    requeue_late(later())

    assert (before, build("s1").datasets) == (RecordStatus.NO_FILES_FOUND, 1)


@pytest.mark.usefixtures("built")
def test_files_outside_the_session_or_of_no_known_format_are_not_late(lab: Lab, later: Callable[..., Facility]) -> None:
    lab.spectrum("of another session.msa", 1_000)
    lab.broken("notes.unheard-of", 20)

    assert names(later()) == []


@pytest.mark.usefixtures("built")
def test_while_files_are_still_coming_the_record_waits_for_all_of_them(
    lab: Lab, later: Callable[..., Facility]
) -> None:
    lab.spectrum("late.msa", 20)

    now, an_hour_on = names(replace(later(), now=utc_now)), names(later())

    assert (now, an_hour_on) == ([], [["late.msa"]])


@pytest.mark.usefixtures("built")
def test_a_new_mode_makes_no_file_late(lab: Lab, later: Callable[..., Facility]) -> None:
    (lab.store / "Titan" / "first.msa").chmod(0o400)

    assert names(later()) == []


def test_a_file_that_came_before_the_record_was_published_once_more_is_late(
    lab: Lab, built: str, later: Callable[..., Facility]
) -> None:
    lab.spectrum("late.msa", 20)
    (attempt,) = lab.database.attempts(built)
    published = lab.database.claim_publication(attempt, "publisher", utc_now(), HOUR)
    lab.database.close(published, RecordStatus.BUILT_NOT_EXPORTED, utc_now())

    assert names(later()) == [["late.msa"]]


@pytest.mark.usefixtures("built")
def test_after_some_days_nobody_looks_any_more(lab: Lab, later: Callable[..., Facility]) -> None:
    lab.spectrum("late.msa", 20)
    age_days = (time.time() - BEGUN.timestamp()) / 86_400

    assert names(later(late_days=age_days - 1)) == []
    assert names(later(late_days=age_days + 1)) == [["late.msa"]]


@pytest.mark.usefixtures("built")
def test_while_the_file_store_is_not_mounted_nothing_is_late(lab: Lab, later: Callable[..., Facility]) -> None:
    lab.spectrum("late.msa", 20)
    lab.store.rename(lab.store.with_name("unmounted"))

    assert names(later()) == []


def test_a_record_that_is_gone_is_not_built_anew_for_it(
    lab: Lab, built: str, later: Callable[..., Facility], caplog: pytest.LogCaptureFixture
) -> None:
    lab.spectrum("late.msa", 20)
    path = lab.database.summary(built).record_path
    assert path is not None
    path.unlink()

    assert names(later()) == []
    assert "cannot be read to look for late files" in caplog.text


def test_a_session_that_somebody_puts_back_meanwhile_is_theirs(
    lab: Lab, built: str, later: Callable[..., Facility]
) -> None:
    lab.spectrum("late.msa", 20)
    lab.database.requeue(built, "by hand", utc_now())

    assert requeue_late(later()) == ()
