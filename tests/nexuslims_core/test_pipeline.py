"""A waiting session to its end, through the real stages, files, database, CDCS and calendar."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexuslims_core.errors import ClaimedElsewhereError, SessionStateError
from nexuslims_core.pipeline import Watch
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.sessions.states import RecordStatus
from tests.nexuslims_core.conftest import BEGUN, Build, Lab, Public, ReadOut

DYING_BUILDER = Path(__file__).with_name("dying_builder.py")
ANY_TOKEN = {"token": "sesame"}
STAGES = (
    "claim",
    "harvest_reservation",
    "find_files",
    "cluster_activities",
    "extract_metadata",
    "build_record",
    "validate_record",
    "upload_record",
    "finish",
)


@pytest.mark.server
@pytest.mark.usefixtures("published")
def test_a_session_ends_as_a_public_record(lab: Lab, build: Build, public: Public, read_out: ReadOut) -> None:
    lab.two_activities()

    report = build(lab.waits())

    xml = report.record.read_bytes()
    assert report.status is RecordStatus.COMPLETED
    assert public(report.record.stem) == [xml.decode()]
    assert len(read_out(xml, "//nx:acquisitionActivity")) == report.activities == 2


def test_every_stage_is_timed_in_its_order(lab: Lab, build: Build) -> None:
    lab.image("image.dm3", 1)
    watch = Watch()

    build(lab.waits(), watch=watch)

    assert tuple(watch.seconds) == STAGES


def test_sessions_that_overlap_name_each_other_in_their_records(lab: Lab, build: Build, read_out: ReadOut) -> None:
    lab.two_activities()
    identifiers = (lab.waits("early"), lab.waits("late", begun=BEGUN + timedelta(hours=1)))

    first = [build(identifier).record.read_bytes() for identifier in identifiers]
    for identifier in identifiers:
        lab.database.requeue(identifier, "look again", datetime.now(UTC))
    again = [build(identifier).record.read_bytes() for identifier in identifiers]

    notes = [" ".join(read_out(xml, "//nx:notes[@source='Session logs']//nx:p")) for xml in first]
    assert ("the instrument, late, ran from" in notes[0], "the instrument, early, ran from" in notes[1]) == (True, True)
    assert again == first


def test_what_all_files_of_an_activity_share_is_its_setup(lab: Lab, build: Build, read_out: ReadOut) -> None:
    for i, voltage_v in enumerate((300000.0, 300000.0, 80000.0)):
        lab.image(f"image {i}.dm3", i, voltage_v=voltage_v)

    record = build(lab.waits()).record.read_bytes()

    assert "Voltage" not in read_out(record, "//nx:setup/nx:param/@name")
    assert read_out(record, "//nx:setup/nx:param[@name='Microscope']") == ["FEI Titan"]
    assert read_out(record, "//nx:dataset/nx:meta[@name='Voltage']") == ["300", "300", "80"]


@pytest.mark.server
@pytest.mark.usefixtures("published")
def test_building_again_changes_nothing_on_the_server(lab: Lab, build: Build, public: Public) -> None:
    lab.two_activities()
    identifier = lab.waits()
    first = build(identifier)
    before = first.record.read_bytes()
    lab.database.requeue(identifier, "look again", datetime.now(UTC))

    again = build(identifier)

    assert (again.status, again.attempt) == (RecordStatus.COMPLETED, 2)
    assert again.record.read_bytes() == before
    assert again.receipt == first.receipt
    assert public(first.record.stem) == [before.decode()]


@pytest.mark.server
@pytest.mark.usefixtures("published")
def test_a_changed_file_gives_the_next_version_of_the_one_record(lab: Lab, build: Build, public: Public) -> None:
    lab.two_activities()
    identifier = lab.waits()
    before = build(identifier).record.read_bytes()
    lab.image("image 0.dm3", 0.01, voltage_v=80000.0)
    lab.database.requeue(identifier, "a file was changed", datetime.now(UTC))

    again = build(identifier)

    assert again.record.with_name(f"{again.record.stem}.v1.xml").read_bytes() == before
    assert again.record.read_bytes() != before
    assert public(again.record.stem) == [again.record.read_text()]


@pytest.mark.server
@pytest.mark.usefixtures("published")
def test_a_record_waits_for_a_repository_that_is_down(lab: Lab, build: Build, public: Public, closed_port: int) -> None:
    lab.image("image.dm3", 1)
    identifier = lab.waits()
    away = CdcsStore(url=f"http://127.0.0.1:{closed_port}", **ANY_TOKEN, pauses_s=())
    down = build(identifier, stores=(away,))
    lab.database.requeue(identifier, "the server is back", datetime.now(UTC))

    up = build(identifier)

    assert (down.status, up.status) == (RecordStatus.BUILT_NOT_EXPORTED, RecordStatus.COMPLETED)
    assert down.reason.startswith("CDCS at http://127.0.0.1:")
    assert public(down.record.stem) == [down.record.read_text()]


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["find_files", *STAGES[4:]])
def test_a_killed_build_is_finished_by_another_holder(lab: Lab, build: Build, stage: str) -> None:
    lab.two_activities()
    identifier = lab.waits()
    dead = subprocess.run([sys.executable, DYING_BUILDER, identifier, stage], env=os.environ | lab.env, check=False)
    watch = Watch()

    report = build(identifier, now=lambda: datetime.now(UTC) + timedelta(hours=2), watch=watch)

    first, second = lab.database.attempts(identifier)
    assert (dead.returncode, first.outcome, second.outcome) == (-signal.SIGKILL, "taken over", report.status)
    assert report.status is RecordStatus.BUILT_NOT_EXPORTED
    assert (report.activities, report.datasets, second.files) == (2, 6, 6)
    assert report.record.read_bytes() == _untouched_build(lab, build)


def _untouched_build(lab: Lab, build: Build) -> bytes:
    """The record of the same session when nobody is killed."""
    identifier = lab.database.sessions()[0].session_identifier
    lab.database.requeue(identifier, "to compare", datetime.now(UTC))
    xml: bytes = build(identifier).record.read_bytes()
    return xml


def test_what_a_killed_build_had_read_is_not_read_again(lab: Lab, build: Build) -> None:
    lab.two_activities()
    identifier = lab.waits()
    subprocess.run([sys.executable, DYING_BUILDER, identifier, "build_record"], env=os.environ | lab.env, check=False)
    read: list[object] = []

    build(identifier, now=lambda: datetime.now(UTC) + timedelta(hours=2), watch=Watch(read=read.append))

    assert read == []


def test_a_session_that_is_being_built_is_left_alone(lab: Lab, build: Build) -> None:
    lab.image("image.dm3", 1)
    identifier = lab.waits()
    lab.facility().database.claim(identifier, "somebody else", datetime.now(UTC), timedelta(hours=1))

    with pytest.raises(ClaimedElsewhereError, match="is being built by somebody else, who holds it until"):
        build(identifier)

    assert len(lab.database.attempts(identifier)) == 1


def test_a_completed_session_is_not_built_again(lab: Lab, build: Build) -> None:
    lab.image("image.dm3", 1)
    identifier = lab.waits()
    build(identifier)

    with pytest.raises(SessionStateError, match="is BUILT_NOT_EXPORTED, not waiting to be built"):
        build(identifier)


def test_a_holder_that_was_too_slow_says_so_and_changes_nothing(lab: Lab, build: Build) -> None:
    lab.image("image.dm3", 1)
    identifier = lab.waits()
    later = datetime.now(UTC) + timedelta(hours=2)

    def somebody_takes_over(stage: str) -> None:
        if stage == "build_record":
            lab.database.claim(identifier, "somebody else", later, timedelta(hours=1))

    report = build(identifier, watch=Watch(started=somebody_takes_over))

    assert (report.status, report.record) == (RecordStatus.TO_BE_BUILT, None)
    assert report.reason is not None
    assert report.reason.startswith("attempt 1 was taken over")


def test_an_empty_folder_is_no_files_found(lab: Lab, build: Build) -> None:
    report = build(lab.waits())

    assert report.status is RecordStatus.NO_FILES_FOUND
    assert report.reason.startswith(f"no file in {lab.store}/Titan was modified between 2026-03-02T10:00:00+00:00 and")
    assert not (lab.data / "records").exists()


def test_an_unreadable_file_is_listed_with_its_reason(lab: Lab, build: Build, read_out: ReadOut) -> None:
    lab.image("good.dm3", 1)
    lab.broken("bad.dm3", 2)

    report = build(lab.waits())

    record = report.record.read_bytes()
    assert (report.datasets, report.unreadable) == (1, 1)
    assert read_out(record, "//nx:dataset/nx:name") == ["good.dm3", "bad.dm3"]
    (told,) = read_out(record, "//nx:dataset[nx:name='bad.dm3']/nx:description")
    assert told.startswith("Could not be read: ")


def test_a_record_of_unreadable_files_alone_says_so(lab: Lab, build: Build, read_out: ReadOut) -> None:
    for i in range(3):
        lab.broken(f"bad {i}.dm3", i)

    report = build(lab.waits())

    told = read_out(report.record.read_bytes(), "//nx:dataset/nx:description")
    assert report.status is RecordStatus.BUILT_NOT_EXPORTED
    assert (report.datasets, report.unreadable, len(told)) == (0, 3, 3)
