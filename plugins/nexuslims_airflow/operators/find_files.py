"""Task ``find_files``."""

from typing import Any

from typing_extensions import override

from nexuslims_airflow.operators.stage import StageOperator
from nexuslims_airflow.xcom import receive, ship
from nexuslims_core.files.models import Scan
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.find_files import STAGE, find_files


class FindFilesOperator(StageOperator):
    """Take the session's files out of its instrument's scan; without any, the rest of the session is skipped.

    :return: the files, or where their list is
    """

    asks_services = False

    @override
    def work(self, facility: Facility, claim: Claim) -> dict[str, Any]:
        files = find_files(facility, claim, receive(self.claim["scan"], Scan))
        kept = facility.workbench.result_path(claim.session.session_identifier, STAGE)
        return ship(files, kept, entries=len(files.files))
