"""The group of tasks that turns one due session into a published record; the DAG maps over it."""

from typing import Any

from airflow.sdk import task_group

from nexuslims_airflow.operators.build_record import BuildRecordOperator
from nexuslims_airflow.operators.claim import ClaimOperator
from nexuslims_airflow.operators.cluster_activities import ClusterActivitiesOperator
from nexuslims_airflow.operators.extract_metadata import ExtractMetadataOperator
from nexuslims_airflow.operators.find_files import FindFilesOperator
from nexuslims_airflow.operators.finish import FinishOperator
from nexuslims_airflow.operators.harvest_reservation import HarvestReservationOperator
from nexuslims_airflow.operators.upload_record import UploadRecordOperator
from nexuslims_airflow.operators.validate_record import ValidateRecordOperator
from nexuslims_airflow.tries import LONG


@task_group(group_id="session")
def build_session(due: Any) -> None:  # noqa: ANN401 - a mapped argument
    """Build and publish the record of one session; what happens to one leaves the others alone."""
    claim = ClaimOperator(task_id="claim", due=due)
    claim.as_setup()  # type: ignore[no-untyped-call]  # Airflow's
    claimed = claim.output

    harvest = HarvestReservationOperator(task_id="harvest_reservation", claim=claimed)
    find = FindFilesOperator(task_id="find_files", claim=claimed)
    harvest >> find  # users may have to agree first, and until then nothing is read
    reservation, files = harvest.output, find.output
    activities = ClusterActivitiesOperator(task_id="cluster_activities", claim=claimed, files=files).output
    datasets = ExtractMetadataOperator(
        task_id="extract_metadata", claim=claimed, activities=activities, execution_timeout=LONG
    ).output
    ingredients = {"reservation": reservation, "files": files, "activities": activities, "datasets": datasets}
    record = BuildRecordOperator(task_id="build_record", claim=claimed, ingredients=ingredients).output
    valid = ValidateRecordOperator(task_id="validate_record", claim=claimed, record=record).output
    upload = UploadRecordOperator(task_id="upload_record", claim=claimed, record=valid)

    finish = FinishOperator(task_id="finish", claim=claimed)
    upload >> finish.as_teardown(setups=claim)  # the upload stays the leaf: where it did not happen, the run has failed
