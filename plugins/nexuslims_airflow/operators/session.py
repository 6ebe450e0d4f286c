"""What every task of one session has: its links, the session's name in each line of its log."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, BaseOperatorLink
from structlog.contextvars import bind_contextvars
from typing_extensions import override

from nexuslims_airflow.operators.session_link import SessionLink, session_of

SESSION_ID = "session_id"
"""Key of the session's identifier in the lines of a task's log."""


class SessionOperator(BaseOperator):
    """Works on one session, which its ``claim`` or ``due`` names."""

    operator_extra_links: Sequence[BaseOperatorLink] = (SessionLink(),)

    @override
    def pre_execute(self, context: Any) -> None:
        """Name the session in all that this process logs from now on, whoever logs it.

        ``execute`` runs in a copy of the context of these names, so what is bound there is lost where Airflow logs how
        the task ended.
        """
        identifier = session_of(self)
        if identifier is not None:
            bind_contextvars(**{SESSION_ID: identifier})
