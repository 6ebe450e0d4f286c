"""The tasks of a session, one after another: what one returns is what the next one takes."""

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk import BaseOperator

from nexuslims_airflow.operators.build_record import BuildRecordOperator
from nexuslims_airflow.operators.claim import ClaimOperator
from nexuslims_airflow.operators.cluster_activities import ClusterActivitiesOperator
from nexuslims_airflow.operators.due_sessions import DueSessionsOperator
from nexuslims_airflow.operators.extract_metadata import ExtractMetadataOperator
from nexuslims_airflow.operators.find_files import FindFilesOperator
from nexuslims_airflow.operators.finish import FinishOperator
from nexuslims_airflow.operators.harvest_reservation import HarvestReservationOperator
from nexuslims_airflow.operators.scan_storage import ScanStorageOperator
from nexuslims_airflow.operators.upload_record import UploadRecordOperator
from nexuslims_airflow.operators.validate_record import ValidateRecordOperator
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.writers.msa import write_msa

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

INSIDE = 1772447400.0  # 2026-03-02 10:30 UTC
CONTEXT = {"run_id": "r", "ti": SimpleNamespace(dag_id="d", run_id="r", map_index=0)}


def returned(kind: type[BaseOperator], **arguments: Any) -> Any:  # noqa: ANN401 - an XCom
    """Run a task and return its XCom as the next task gets it from Airflow's database."""
    return json.loads(json.dumps(kind(task_id="t", **arguments).execute(CONTEXT)))


def test_a_session_becomes_a_valid_record_that_waits_for_a_repository(site: "Site") -> None:
    site.waits("s1")
    for i in range(3):
        path = site.store / "Titan" / f"{i}.msa"
        write_msa(path, [1, 5, 2], header={"BEAMKV   -kV": 300.0}, mtime=INSIDE + 60 * i)

    scan = returned(ScanStorageOperator, instrument_pid="Titan-1")
    due = returned(DueSessionsOperator, scans=[scan], limit=1, sessions="[]")
    claim = returned(ClaimOperator, due=due[0])
    reservation = returned(HarvestReservationOperator, claim=claim)
    files = returned(FindFilesOperator, claim=claim)
    activities = returned(ClusterActivitiesOperator, claim=claim, files=files)
    datasets = returned(ExtractMetadataOperator, claim=claim, activities=activities)
    ingredients = {"reservation": reservation, "files": files, "activities": activities, "datasets": datasets}
    record = returned(BuildRecordOperator, claim=claim, ingredients=ingredients)
    valid = returned(ValidateRecordOperator, claim=claim, record=record)
    receipt = returned(UploadRecordOperator, claim=claim, record=valid)
    report = returned(FinishOperator, claim=claim)

    assert receipt is None
    assert report["status"] == RecordStatus.BUILT_NOT_EXPORTED
    assert report["record"] == valid["value"]["path"] == str(site.database.summary("s1").record_path)


def test_finish_says_the_same_a_second_time(site: "Site") -> None:
    claim = site.claimed()

    first, second = (returned(FinishOperator, claim=claim) for _ in range(2))

    assert first["status"] == second["status"] == RecordStatus.ERROR
    assert "did not finish" in first["reason"]
