"""The whole DAG, run by Airflow in processes of its own, from waiting sessions to records in a real CDCS."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from nexuslims_core.artefacts import sha256
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.cdcs import CdcsServer

pytest.importorskip("airflow", reason="Airflow is not installed")

if TYPE_CHECKING:
    from tests.dags.conftest import Night

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow, pytest.mark.long]

GOOD = "Titan 2026-03-02 10:00 ({{ 7 * 7 }})"
MANY = "Titan 2026-03-02 12:00 (many)"
EMPTY = "Titan 2026-03-02 14:00 (empty)"
REFUSED = "Quanta 2026-03-02 16:00 (refused)"
UNMENDED = "Nova 2026-03-02 20:00 (unmended)"
CLAIMED = "Titan 2026-03-02 18:00 (claimed)"


@pytest.mark.parametrize(
    ("session", "status"),
    [
        ("good", RecordStatus.COMPLETED),
        ("many", RecordStatus.COMPLETED),
        ("empty", RecordStatus.NO_FILES_FOUND),
        ("refused", RecordStatus.COMPLETED),
        ("unmended", RecordStatus.ERROR),
        ("claimed", RecordStatus.TO_BE_BUILT),
    ],
)
def test_every_session_ends_as_its_own_facts_have_it(night: "Night", session: str, status: RecordStatus) -> None:
    assert night.summary(session).status is status


def test_every_task_of_a_good_session_ends_well(night: "Night") -> None:
    states = night.first.tasks_of(GOOD)

    assert len(states) == 9
    assert set(states.values()) == {"success"}


def test_a_session_without_files_skips_the_rest_and_is_finished(night: "Night") -> None:
    states = night.first.tasks_of(EMPTY)

    skipped = {task for task, state in states.items() if state == "skipped"}
    assert skipped == {
        "find_files",
        "cluster_activities",
        "extract_metadata",
        "build_record",
        "validate_record",
        "upload_record",
    }
    assert states["finish"] == "success"


def test_a_refused_password_costs_no_record(night: "Night") -> None:
    (attempt,) = night.database.attempts("refused")

    assert set(night.first.tasks_of(REFUSED).values()) == {"success"}
    assert "password" in str(attempt.missing_reservation)


def test_a_calendar_without_address_fails_its_own_session_at_once_and_is_finished(night: "Night") -> None:
    states = night.first.tasks_of(UNMENDED)

    assert states["harvest_reservation"] == "failed"
    assert states["build_record"] == states["upload_record"] == "upstream_failed"
    assert states["finish"] == "success"


def test_what_a_person_must_mend_stands_in_the_books(night: "Night") -> None:
    assert "api_url" in str(night.summary("unmended").error_sentence)


def test_a_session_that_another_holder_builds_is_left_alone(night: "Night") -> None:
    states = night.first.tasks_of(CLAIMED)

    assert set(states.values()) == {"skipped"}
    assert [attempt.holder for attempt in night.database.attempts("claimed")] == ["another holder"]


def test_the_run_has_failed_where_a_session_has(night: "Night") -> None:
    assert night.first.state == "failed"
    assert not night.first.ended_well


def test_the_file_list_of_a_small_session_travels_in_the_xcom(night: "Night") -> None:
    shipped = night.first.xcoms["session.find_files", GOOD]

    assert [Path(file["path"]).name for file in shipped["value"]["files"]] == [f"good {i}.msa" for i in range(3)]


@pytest.mark.parametrize("task", ["find_files", "cluster_activities", "extract_metadata"])
def test_more_than_a_hundred_entries_travel_as_path_and_digest(night: "Night", task: str) -> None:
    shipped = night.first.xcoms[f"session.{task}", MANY]

    assert shipped == {"path": shipped["path"], "sha256": sha256(Path(shipped["path"]).read_bytes())}
    assert Path(shipped["path"]).is_relative_to(night.data / "work")


def test_the_path_of_the_record_travels_in_the_xcom(night: "Night") -> None:
    shipped = night.first.xcoms["session.validate_record", GOOD]["value"]

    assert Path(shipped["path"]) == night.summary("good").record_path
    assert shipped["sha256"] == sha256(Path(shipped["path"]).read_bytes())


def test_cdcs_shows_everybody_what_lies_in_the_file(night: "Night", cdcs: CdcsServer) -> None:
    record = night.summary("many").record_path
    assert record is not None

    query = {"query": {}, "title": record.stem, "all": True}
    found: list[dict[str, Any]] = requests.post(f"{cdcs.url}/rest/data/query/", json=query, timeout=30).json()

    assert [each["xml_content"].encode() for each in found] == [record.read_bytes()]


def test_a_second_run_has_nothing_to_build(night: "Night") -> None:
    sessions = {name for _, name in night.second.states if name is not None}

    assert sessions <= {CLAIMED}
    assert night.second.state == "success"
    assert [len(night.database.attempts(session)) for session in ("good", "many", "empty", "refused", "unmended")] == [
        1
    ] * 5


def test_a_harvest_that_fails_is_seen_and_stops_no_build(night: "Night") -> None:
    assert night.first.states["harvest_usage", None] == "failed"
    assert night.first.states["waiting_instruments", None] == "success"
    assert night.summary("good").status == "COMPLETED"


def test_a_task_that_never_ran_has_the_name_of_its_session_too(night: "Night") -> None:
    names, states = night.first.names, night.first.tasks_of(EMPTY)

    at = next(at for (task, at), name in names.items() if task == "session.claim" and name == EMPTY)
    assert states["upload_record"] == "skipped"
    assert {name for (task, number), name in names.items() if task.startswith("session.") and number == at} == {EMPTY}


def test_only_what_reads_the_files_of_an_instrument_with_a_pool_is_in_that_pool(night: "Night") -> None:
    at = next(at for (task, at), name in night.first.names.items() if task == "session.claim" and name == GOOD)
    other = next(at for (task, at), name in night.first.names.items() if task == "session.claim" and name == REFUSED)

    pools = night.first.pools
    assert pools["session.extract_metadata", at] == "nexuslims_Titan-1"
    assert {pools["session.build_record", at], pools["session.extract_metadata", other]} == {"default_pool"}
    searched = {
        name: pools["scan_storage", at] for (task, at), name in night.first.names.items() if task == "scan_storage"
    }
    assert searched["Titan-1"] == "nexuslims_Titan-1"
