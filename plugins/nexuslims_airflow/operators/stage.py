"""What the tasks of one session have in common: the claim they work under, and what their errors mean to Airflow.

Operators import a stage that needs numpy, lxml or the readers only when their task runs: whoever reads the DAG, every
half minute, does not need them.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from airflow.sdk import BaseOperator, BaseOperatorLink
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.session_link import SessionLink
from nexuslims_core import codec
from nexuslims_core.errors import ClaimedElsewhereError, NexusLimsError, NoConsentError, NoFilesFoundError
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility

T = TypeVar("T")
SKIPS = (ClaimedElsewhereError, NoFilesFoundError, NoConsentError)
"""Ends of a session that are nobody's fault: the rest of its tasks is skipped."""


def translated(work: Callable[[], T]) -> T:
    """Call ``work`` and say in Airflow's terms what its errors mean: skip, fail for good, or try again."""
    try:
        return work()
    except SKIPS as error:
        raise AirflowSkipException(str(error)) from error
    except NexusLimsError as error:
        if error.retryable:
            raise
        raise AirflowFailException(str(error)) from error


class StageOperator(BaseOperator):
    """Run one stage of one session.

    :param claim: the XCom of the claim task (templated)
    """

    template_fields: Sequence[str] = ("claim",)
    operator_extra_links: Sequence[BaseOperatorLink] = (SessionLink(),)
    ui_color = "#eaf2fb"

    def __init__(self, *, claim: Any, **kwargs: Any) -> None:  # noqa: ANN401 - an XComArg
        super().__init__(map_index_template="{{ task.claim['label'] }}", **kwargs)
        self.claim = claim

    @abstractmethod
    def work(self, facility: Facility, claim: Claim) -> Any:  # noqa: ANN401 - an XCom
        """Run the stage and return its XCom."""

    @override
    def execute(self, context: Any) -> Any:
        claim = codec.decode(Claim, self.claim["claim"])
        return translated(lambda: self.work(FacilityHook().facility(), claim))
