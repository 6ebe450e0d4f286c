"""
### Look after records that are not what they should be

Publishes records that no destination took when they were built; puts sessions back whose record lacks its reservation,
since the calendar was away, or lacks files, since they came later. What is put back is built by the next run of
`nexuslims_build_records`, as a new version of the same record. Sends alerts that could not be sent when they were
written, and writes those that nobody wrote, since the task that should have was killed too.

**When it runs**: every ten minutes. A destination that did not answer is asked again after 5 minutes, then after twice
as long each time, up to 6 hours.

**What it writes**: one attempt for each record that it sends, and the state and the reason of each session that it puts
back. It builds nothing by itself, and raw data is only read.

**Safe to run twice**: yes. A record is sent under a claim and looked up before, and a session is put back once for what
it lacks.

**If it fails**: open the red task and read the last line of its log, which says what to do. Records that still wait are
not a failure of it: `nexuslims sessions list --status BUILT_NOT_EXPORTED` lists them, and `nexuslims sessions why ID`
says when each is tried again. Alerts that cannot be sent are none either: `nexuslims alerts` says
why they wait. `nexuslims housekeeping` does the same by hand.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, DeltaTriggerTimetable

from nexuslims_airflow.notifications.callbacks import run_ended
from nexuslims_airflow.operators.complete_reservations import CompleteReservationsOperator
from nexuslims_airflow.operators.publish_pending import PublishPendingOperator
from nexuslims_airflow.operators.requeue_late import RequeueLateOperator
from nexuslims_airflow.operators.tell_people import TellPeopleOperator
from nexuslims_airflow.tries import LONG, QUICK

with DAG(
    "nexuslims_housekeeping",
    description="Records are published, completed and kept up with their files",
    doc_md=__doc__,
    schedule=DeltaTriggerTimetable(timedelta(minutes=10)),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=QUICK,
    on_failure_callback=run_ended,
    on_success_callback=run_ended,
    tags=["nexuslims"],
):
    PublishPendingOperator(task_id="publish_pending", execution_timeout=LONG)
    CompleteReservationsOperator(task_id="complete_reservations")
    RequeueLateOperator(task_id="requeue_late", execution_timeout=LONG)
    TellPeopleOperator(task_id="tell_people")
