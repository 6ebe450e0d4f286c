"""Task ``find_files``."""

import os
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowSkipException

from nexuslims_airflow.operators.find_files import FindFilesOperator
from nexuslims_airflow.operators.scan_storage import ScanStorageOperator
from nexuslims_airflow.xcom import receive
from nexuslims_core.files.models import FileList

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

INSIDE = 1772447400.0  # 2026-03-02 10:30 UTC


def claimed_with(site: "Site", count: int) -> dict[str, Any]:
    """Return the claim of a session with as many files."""
    for i in range(count):
        path = site.store / "Titan" / f"{i:03d}.dm3"
        path.write_bytes(b"DM")
        os.utime(path, (INSIDE + i, INSIDE + i))
    (site.store / "Titan" / "of today.dm3").write_bytes(b"DM")
    site.waits()
    scan = ScanStorageOperator(task_id="t", instrument_pid="Titan-1").execute({"run_id": "r"})
    return site.claimed() | {"scan": scan}


@pytest.mark.parametrize(("count", "how"), [(100, {"value"}), (101, {"path", "sha256"})])
def test_finds_the_files_of_the_session(site: "Site", count: int, how: set[str]) -> None:
    shipped = FindFilesOperator(task_id="t", claim=claimed_with(site, count)).execute({})

    assert set(shipped) == how
    assert [file.path.name for file in receive(shipped, FileList).files] == [f"{i:03d}.dm3" for i in range(count)]


def test_without_files_the_rest_of_the_session_is_skipped_and_the_books_say_why(site: "Site") -> None:
    claim = claimed_with(site, 0)

    with pytest.raises(AirflowSkipException, match="no file in"):
        FindFilesOperator(task_id="t", claim=claim).execute({})

    assert site.database.attempts("s1")[-1].error_type == "NoFilesFoundError"
