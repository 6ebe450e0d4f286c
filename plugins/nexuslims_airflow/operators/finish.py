"""Task ``finish``, the teardown of a session's group."""

from typing import Any

from typing_extensions import override

from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_core import codec
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import finish


class FinishOperator(StageOperator):
    """Close the attempt with the state that the books prove; runs whatever became of the tasks before it.

    :return: the report of the attempt
    """

    @override
    def work(self, facility: Facility, claim: Claim) -> dict[str, Any]:
        report: dict[str, Any] = codec.encode(finish(facility, claim))
        return report
