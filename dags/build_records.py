"""
### Build the records of finished sessions

Looks for sessions that wait (`TO_BE_BUILT` in the database of sessions) and turns each into a validated experiment
record in CDCS: its reservation, its files, their activities, metadata and previews, the XML, the upload.

**When it runs**: as soon as a session ends over HTTP (asset `nexuslims_session_ended`), and every two minutes for all
others. Usage events of NEMO are brought in first, as sessions. One run at a time builds all that waits, so that many
ends at once start one run, not many.

**What it writes**: previews, metadata, records and work files under `NEXUSLIMS_DATA_PATH`, one attempt a session in the
database, one record a session in CDCS. Raw data is only read.

**By hand**: Trigger takes parameters. `sessions` builds only those, whether their files have settled or not, with
`rebuild` also those that are built already; `instruments` leaves all others for the next run; `limit` is the most
sessions of one run, the oldest first. For all sessions of some days there is `nexuslims_backfill_records`.

**Safe to run twice**: yes. A session is claimed by one run at a time; a task that is run again uses what was whole
before; an upload that may have arrived is looked up first. What may pass (a network, a lock, a server's 5xx, a share
that went away) is tried three times within minutes; what a person must mend fails at once.

**If it fails**: open the red task of the session (its name is the instrument, the start and the user) and read the last
line of its log, which says what to do; the same sentence stands in `nexuslims sessions why ID`. When it is mended, run
`nexuslims sessions requeue ID`. Sessions that wait because a file share is not mounted say so in the log of
`due_sessions`. A red `harvest_usage` names the NEMO that could not be asked; the next run asks it again, and nothing is
lost meanwhile.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, AssetOrTimeSchedule, DeltaTriggerTimetable, TriggerRule

from nexuslims_airflow.assets import SESSION_ENDED
from nexuslims_airflow.build_group import build_session
from nexuslims_airflow.notifications.callbacks import run_ended
from nexuslims_airflow.operators.due_sessions import DueSessionsOperator
from nexuslims_airflow.operators.harvest_usage import HarvestUsageOperator
from nexuslims_airflow.operators.scan_storage import ScanStorageOperator
from nexuslims_airflow.operators.waiting_instruments import WaitingInstrumentsOperator
from nexuslims_airflow.params import INSTRUMENTS, LIMIT, SESSIONS, rebuild
from nexuslims_airflow.tries import LONG, QUICK

with DAG(
    "nexuslims_build_records",
    description="Waiting sessions become published records",
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(timetable=DeltaTriggerTimetable(timedelta(minutes=2)), assets=[SESSION_ENDED]),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=QUICK,
    on_failure_callback=run_ended,
    on_success_callback=run_ended,
    params={
        "instruments": INSTRUMENTS,
        "sessions": SESSIONS,
        "rebuild": rebuild("Put the named sessions back first, whatever their state"),
        "limit": LIMIT,
    },
    tags=["nexuslims"],
):
    usage = HarvestUsageOperator(task_id="harvest_usage", retries=0, execution_timeout=timedelta(minutes=5))
    instruments = WaitingInstrumentsOperator(task_id="waiting_instruments", trigger_rule=TriggerRule.ALL_DONE)
    usage >> instruments  # a NEMO that is down shows red, and what waits is built all the same
    scans = ScanStorageOperator.partial(
        task_id="scan_storage", map_index_template="{{ task.instrument_pid }}", execution_timeout=LONG
    ).expand(instrument_pid=instruments.output)
    due = DueSessionsOperator(task_id="due_sessions", scans=scans.output)
    build_session.expand(due=due.output)
