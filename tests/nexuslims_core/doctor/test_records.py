"""Records on the disk and in the books."""

from pathlib import Path

import pytest

from nexuslims_core.doctor.records import records
from nexuslims_core.publishing.base import Check
from tests.nexuslims_core.conftest import Build, Lab


@pytest.fixture
def built(lab: Lab, build: Build) -> Path:
    """Build a session; beside its record stand an earlier version and one that is not valid."""
    lab.spectrum("a.msa", 1)
    identifier = lab.waits()
    record = build(identifier, stores=()).record
    assert isinstance(record, Path)
    record.with_name(f"{record.stem}.v1.xml").write_bytes(record.read_bytes())
    record.with_name("another-invalid.xml").write_bytes(b"<no/>")
    return record


def _look(lab: Lab) -> Check:
    (check,) = records(lab.settings(), lab.database)
    return check


def test_books_and_folder_that_fit_are_said_to(lab: Lab, built: Path) -> None:
    check = _look(lab)

    assert (check.ok, check.warning) == (True, False)
    assert check.sentence == f"the books and {built.parent.parent} fit each other, 1 session has a record"


def test_a_facility_without_records_is_in_order(lab: Lab) -> None:
    assert _look(lab).sentence.endswith("fit each other, 0 sessions have a record")


def test_a_record_that_is_lost_is_named(lab: Lab, built: Path) -> None:
    built.unlink()

    check = _look(lab)

    assert check.warning
    assert f"1 record is in the books and not on the disk, such as {built}: restore" in check.sentence


def test_records_that_the_books_do_not_know_are_counted(lab: Lab, built: Path) -> None:
    for name in ("2026-03-02_Titan_1.xml", "2026-03-02_Titan_2.xml"):
        built.with_name(name).write_bytes(built.read_bytes())

    check = _look(lab)

    assert check.warning
    assert "2 records are in " in check.sentence
    assert "such as 2026-03-02_Titan_1.xml: the database is older" in check.sentence
