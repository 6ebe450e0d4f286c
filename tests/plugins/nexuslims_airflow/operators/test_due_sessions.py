"""Task ``due_sessions``."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.operators.due_sessions import DueSessionsOperator
from nexuslims_airflow.operators.scan_storage import ScanStorageOperator

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow


def scanned(site: "Site") -> list[dict[str, Any]]:
    """Return what ``scan_storage`` returns of a folder that holds one file of today."""
    (site.store / "Titan" / "a.dm3").write_bytes(b"DM")
    return [ScanStorageOperator(task_id="t", instrument_pid="Titan-1").execute({"run_id": "r"})]


def due(scans: list[dict[str, Any]], limit: int | str = 100, sessions: str = "[]") -> list[dict[str, Any]]:
    return DueSessionsOperator(task_id="t", scans=scans, limit=limit, sessions=sessions).execute({})


def test_gives_label_identifier_and_scan_of_each(site: "Site") -> None:
    site.waits("s1")
    scans = scanned(site)

    assert due(scans) == [
        {"label": "Titan 2026-03-02 10:00 (ada)", "session_identifier": "s1", "scan": scans[0]},
    ]


@pytest.mark.parametrize("limit", [2, "2"], ids=["number", "rendered template"])
def test_takes_no_more_than_the_limit(site: "Site", limit: int | str) -> None:
    for identifier in ("s1", "s2", "s3"):
        site.waits(identifier)

    assert [each["session_identifier"] for each in due(scanned(site), limit)] == ["s1", "s2"]


def test_a_session_of_an_instrument_that_was_not_searched_is_left_for_the_next_run(site: "Site") -> None:
    site.waits("s1")

    assert due([]) == []


def test_a_session_that_came_after_the_search_is_left_for_the_next_run(site: "Site") -> None:
    scans = scanned(site)
    site.waits("s1")

    assert due(scans) == []
    assert "was not searched for its time yet" in site.database.findings("s1")[0].reason


def test_sessions_wait_while_the_file_share_is_not_mounted(site: "Site") -> None:
    site.waits("s1")
    site.store.joinpath("Titan").rmdir()
    absent = ScanStorageOperator(task_id="t", instrument_pid="Titan-1").execute({"run_id": "r"})

    assert due([absent]) == []


def test_a_label_fits_airflows_database_whatever_the_user_is_called(site: "Site") -> None:
    site.waits("s1", user="a\x1bda" * 200)

    label = due(scanned(site))[0]["label"]

    assert label.startswith("Titan 2026-03-02 10:00 (adaada")
    assert len(label) == 200


def test_a_session_that_is_named_is_due_whether_its_files_have_settled_or_not(site: "Site") -> None:
    now = datetime.now(UTC)
    site.database.start_session("Titan-1", "ada", now - timedelta(hours=1), "fresh")
    site.database.end_session("fresh", now - timedelta(minutes=1))
    site.waits("s1")
    scans = scanned(site)

    assert [each["session_identifier"] for each in due(scans)] == ["s1"]
    assert [each["session_identifier"] for each in due(scans, sessions='["fresh"]')] == ["fresh"]
