"""A run of the DAG that builds records, asked for by a person."""

import logging

from airflow.api.common.trigger_dag import trigger_dag
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.sdk.exceptions import AirflowException
from airflow.utils.types import DagRunTriggeredByType
from sqlalchemy.exc import SQLAlchemyError

from nexuslims_airflow.api.login import BUILDING

log = logging.getLogger(__name__)


def build_now(session_identifier: str, user: BaseUser) -> bool:
    """Ask for a run that builds one session, and return whether there will be one.

    The session waits in the database already, where the DAG's timer finds it: what goes wrong here is only logged.
    """
    try:
        run = trigger_dag(
            BUILDING,
            triggered_by=DagRunTriggeredByType.UI,
            triggering_user_name=user.get_name(),
            conf={"sessions": [session_identifier]},
        )
    except (SQLAlchemyError, AirflowException, ValueError) as error:
        log.warning("session %s: no run could be started for it, the timer will: %s", session_identifier, error)
        return False
    return run is not None
