"""From a task in Airflow's pages to the session that it works on."""

from typing import Any

from airflow.sdk import BaseOperator, BaseOperatorLink
from airflow.sdk.configuration import conf
from typing_extensions import override

from nexuslims_core.sessions.page_links import page_in_airflow


class SessionLink(BaseOperatorLink):
    """Leads to the page of the session, where its record is too."""

    @property
    @override
    def name(self) -> str:
        return "Session"

    @override
    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """Return the link for Airflow to keep; it asks in the task's process, once the task has ended."""
        identifier = session_of(operator)
        return page_in_airflow(str(conf.get("api", "base_url", fallback="")), identifier) if identifier else ""


def session_of(operator: BaseOperator) -> str | None:
    """Return the session that a task was given, as its claim or as one that is due; None before it was."""
    claim, due = getattr(operator, "claim", None), getattr(operator, "due", None)
    try:
        given = due if claim is None else claim["claim"]["session"]
        return str(given["session_identifier"]) if given else None
    except (KeyError, TypeError):  # it was not rendered, or the task before it made none
        return None
