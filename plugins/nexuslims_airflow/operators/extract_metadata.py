"""Task ``extract_metadata``."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_airflow.xcom import receive, refer
from nexuslims_core.activities.models import Grouping
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility


class ExtractMetadataOperator(StageOperator):
    """Read every file in child processes with limits: metadata, JSON and preview; one bad file fails nothing.

    :param activities: the XCom of ``cluster_activities`` (templated)
    :return: where the datasets are listed
    """

    template_fields: Sequence[str] = ("claim", "activities")
    asks_services = False

    def __init__(self, *, activities: Any, **kwargs: Any) -> None:  # noqa: ANN401 - an XComArg
        super().__init__(**kwargs)
        self.activities = activities

    @override
    def work(self, facility: Facility, claim: Claim) -> dict[str, Any]:
        from nexuslims_core.stages.extract_metadata import STAGE, extract_metadata

        extract_metadata(facility, claim, receive(self.activities, Grouping))
        return refer(facility.workbench.result_path(claim.session.session_identifier, STAGE))
