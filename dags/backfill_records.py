"""
### Build the records of the past

Takes the sessions whose END lies in an interval, a day of UTC each, and builds them: those that wait, or with `rebuild`
all of them. One task builds a whole session, so that thousands of sessions take minutes of Airflow's work, not hours.

TO BE WRITTEN AFTER TRYING
"""

from datetime import UTC, datetime

from airflow.sdk import DAG, CronDataIntervalTimetable

from nexuslims_airflow.operators.build_session import BuildSessionOperator
from nexuslims_airflow.operators.past_sessions import PastSessionsOperator
from nexuslims_airflow.params import INSTRUMENTS, SESSIONS, rebuild
from nexuslims_airflow.tries import LONG, PATIENT

with DAG(
    "nexuslims_backfill_records",
    description="Sessions of the past become published records, day by day",
    doc_md=__doc__,
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=datetime(2000, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=PATIENT,
    params={
        "instruments": INSTRUMENTS,
        "sessions": SESSIONS,
        "rebuild": rebuild("Also build those again that have come to an end state"),
    },
    tags=["nexuslims"],
):
    sessions = PastSessionsOperator(task_id="past_sessions", execution_timeout=LONG)
    BuildSessionOperator.partial(task_id="build_session", execution_timeout=LONG).expand(due=sessions.output)
