"""Task ``cluster_activities``."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_airflow.xcom import receive, ship
from nexuslims_core.files.models import FileList
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility


class ClusterActivitiesOperator(StageOperator):
    """Group the session's files into acquisition activities.

    :param files: the XCom of ``find_files`` (templated)
    :return: the activities, or where their list is
    """

    template_fields: Sequence[str] = ("claim", "files")
    asks_services = False

    def __init__(self, *, files: Any, **kwargs: Any) -> None:  # noqa: ANN401 - an XComArg
        super().__init__(**kwargs)
        self.files = files

    @override
    def work(self, facility: Facility, claim: Claim) -> dict[str, Any]:
        from nexuslims_core.stages.cluster_activities import STAGE, cluster_activities

        files = receive(self.files, FileList)
        grouping = cluster_activities(facility, claim, files)
        kept = facility.workbench.result_path(claim.session.session_identifier, STAGE)
        return ship(grouping, kept, entries=len(files.files))
