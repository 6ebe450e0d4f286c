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
        claim = getattr(operator, "claim", None)
        try:
            identifier = claim["claim"]["session"]["session_identifier"]  # type: ignore[index]  # the XCom of claim
        except (KeyError, TypeError):  # it was not made
            return ""
        return page_in_airflow(str(conf.get("api", "base_url", fallback="")), identifier)
