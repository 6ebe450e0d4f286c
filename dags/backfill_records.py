r"""
### Build the records of the past

Takes the sessions whose END lies in a day of UTC and builds those that wait, or with `rebuild` all of them: after
`nexuslims db adopt`, after days on which nothing could be built, or to make records anew with a newer release. One task
builds a whole session, so that Airflow does as little as it can beside the building.

**When it runs**: when somebody asks for days of the past, and every midnight for the day before, as a net. Unpause it
first: a backfill of a paused DAG waits. Unpausing begins one run, for yesterday.

    airflow backfill create --dag-id nexuslims_backfill_records --from-date 2026-03-02 --to-date 2026-03-04 \
        --max-active-runs 2 --dag-run-conf '{"rebuild": true, "instruments": ["FEI-Titan-TEM-635816"]}'

does the second to the fourth of March, both included; in Airflow's pages, Trigger and then Backfill do the same. The
parameters: `rebuild` also builds what has come to an end state, as a new version of the same record; `instruments` and
`sessions` leave all others. There is one backfill of a DAG at a time; a second is refused until the first is marked as
complete, which takes up to half a minute after its last run.

**Days that have run before** are treated as *reprocess behavior* says:

| | days that succeeded | days that failed |
|---|---|---|
| `none`, the default | are not run again | are not run again |
| `failed` | are not run again | run again |
| `completed` | run again | run again |

A day that runs again builds what waits then; what is built already is skipped, and built anew with `rebuild` only. A
session that ended in ERROR is built again when it was requeued, or with `rebuild`.

**What it writes**: the same as `nexuslims_build_records`. `past_sessions` lists every session of its day; the task of
one that is not built is skipped, and the first line of its log says why: it is built already, has no files, is held by
another, or was not chosen.

**Safe to run twice**: yes. A session is claimed by one run at a time, so that the everyday DAG may run beside it; an
upload that may have arrived is looked up first.

**If it fails**: open the red task of the session and read the last line of its log, which says what to do. A share that
is not mounted, a database or a server that does not answer is tried six times within about half an hour, a task that
was killed too; all else fails at once. When it is mended, `nexuslims sessions requeue --status ERROR --since T
--until T` puts the sessions back, and a backfill with `failed` builds them, unless the everyday DAG was faster.
"""

from datetime import UTC, datetime

from airflow.sdk import DAG, CronDataIntervalTimetable

from nexuslims_airflow.notifications.callbacks import run_ended
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
    on_failure_callback=run_ended,
    on_success_callback=run_ended,
    params={
        "instruments": INSTRUMENTS,
        "sessions": SESSIONS,
        "rebuild": rebuild("Also build those again that have come to an end state"),
    },
    tags=["nexuslims"],
):
    sessions = PastSessionsOperator(task_id="past_sessions", execution_timeout=LONG)
    BuildSessionOperator.partial(task_id="build_session", execution_timeout=LONG).expand(due=sessions.output)
