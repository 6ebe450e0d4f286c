"""What the tasks of one session have in common: the claim they work under, and what their errors mean to Airflow.

Operators import a stage that needs numpy, lxml or the readers only when their task runs: whoever reads the DAG, every
half minute, does not need them.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.metrics import timed
from nexuslims_airflow.operators.session import SessionOperator
from nexuslims_core import codec
from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.errors import (
    ClaimedElsewhereError,
    NexusLimsError,
    NoConsentError,
    NoFilesFoundError,
    NotDueError,
    may_pass,
)
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility

T = TypeVar("T")
SKIPS = (ClaimedElsewhereError, NoFilesFoundError, NoConsentError, NotDueError)
"""Ends of a session that are nobody's fault: the rest of its tasks is skipped."""
LONGEST_LABEL = 200
"""Letters of a task's name in the grid; Airflow's database has room for 250."""


def translated(work: Callable[[], T]) -> T:
    """Call ``work`` and say in Airflow's terms what its errors mean: skip, fail for good, or try again."""
    try:
        return work()
    except SKIPS as error:
        raise AirflowSkipException(str(error)) from error
    except NexusLimsError as error:
        if may_pass(error):
            raise
        raise AirflowFailException(str(error)) from error


def holder(ti: Any) -> str:  # noqa: ANN401 - a task instance
    """Return in whose name a task claims its session; the same at each try."""
    return f"{ti.dag_id}/{ti.run_id}/{ti.map_index}"


def to_build(label: str, session_identifier: str, scan: dict[str, Any] | None) -> dict[str, Any]:
    """Return what a mapped task needs to know of its session; ``scan`` says where its instrument's scan is."""
    return {"label": clean_text(label)[:LONGEST_LABEL], "session_identifier": session_identifier, "scan": scan}


class StageOperator(SessionOperator):
    """Run one stage of one session.

    :param claim: the XCom of the claim task (templated)
    """

    template_fields: Sequence[str] = ("claim",)
    ui_color = "#eaf2fb"
    asks_services: ClassVar[bool] = True
    """Whether the stage needs calendars or destinations."""

    def __init__(self, *, claim: Any, **kwargs: Any) -> None:  # noqa: ANN401 - an XComArg
        super().__init__(map_index_template="{{ task.claim['label'] }}", **kwargs)
        self.claim = claim

    @abstractmethod
    def work(self, facility: Facility, claim: Claim) -> Any:  # noqa: ANN401 - an XCom
        """Run the stage and return its XCom."""

    @override
    def execute(self, context: Any) -> Any:
        claim = codec.decode(Claim, self.claim["claim"])
        return translated(lambda: self._timed_work(self._facility(claim), claim))

    def _timed_work(self, facility: Facility, claim: Claim) -> Any:  # noqa: ANN401 - an XCom
        with timed(self.task_id.rpartition(".")[2], claim.session.instrument.instrument_pid):
            return self.work(facility, claim)

    def _facility(self, claim: Claim) -> Facility:
        hook = FacilityHook()
        workshop = hook.workshop()
        return hook.equipped(workshop, [claim.session.instrument.harvester]) if self.asks_services else workshop
