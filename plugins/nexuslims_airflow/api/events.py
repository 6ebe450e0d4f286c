"""What the scheduler hears when a session ends."""

import logging

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.assets.manager import asset_manager
from airflow.configuration import conf
from airflow.sdk.exceptions import AirflowException
from airflow.serialization.definitions.assets import SerializedAssetUniqueKey
from airflow.utils.session import create_session
from sqlalchemy.exc import SQLAlchemyError

from nexuslims_airflow.assets import SESSION_ENDED

log = logging.getLogger(__name__)


def announce_end(session_identifier: str, instrument_pid: str, user: BaseUser) -> None:
    """Post the event that starts a build at once, as Airflow's own ``POST /api/v2/assets/events`` does.

    The end is in the database already, and the DAG's timer finds it there: what goes wrong here is only logged.
    """
    extra = {"session": session_identifier, "instrument": instrument_pid}
    try:
        with create_session(scoped=False) as transaction:
            event = asset_manager.register_asset_change(
                asset=SerializedAssetUniqueKey(name=SESSION_ENDED.name, uri=SESSION_ENDED.uri),
                extra=extra,
                source_is_api=True,
                api_user_teams=_teams(user),
                session=transaction,
            )
    except (SQLAlchemyError, AirflowException) as error:
        log.warning("session %s: its end starts no build at once, the timer will: %s", session_identifier, error)
        return
    if event is None:
        log.warning(
            "session %s: its end starts no build at once, since no DAG that Airflow knows waits for %s",
            session_identifier,
            SESSION_ENDED.name,
        )


def _teams(user: BaseUser) -> set[str]:
    """Return the teams of a user where this Airflow has teams."""
    return get_auth_manager().get_authorized_teams(user=user) if conf.getboolean("core", "multi_team") else set()
