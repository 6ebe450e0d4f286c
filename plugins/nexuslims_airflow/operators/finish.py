"""Task ``finish``, the teardown of a session's group."""

from typing import Any

from typing_extensions import override

from nexuslims_airflow.metrics import attempt_ended
from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_core import codec
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import finish


class FinishOperator(StageOperator):
    """Close the attempt with the state that the books prove, and tell people; runs whatever became of the tasks before.

    :return: the report of the attempt
    """

    @override
    def work(self, facility: Facility, claim: Claim) -> dict[str, Any]:
        from nexuslims_core.stages.telling import tell_of_end

        was_open = facility.database.attempt(claim).is_open
        report: dict[str, Any] = codec.encode(finish(facility, claim))
        if was_open:  # a second try of this task counts nothing twice
            attempt_ended(facility.database, claim.session.session_identifier)
        tell_of_end(facility, claim)
        return report
