"""Task ``publish_pending``."""

from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import translated


class PublishPendingOperator(BaseOperator):
    """Publish the records that no destination took when they were built, and that are due for another try.

    :return: each session that was tried, and where it stands now
    """

    @override
    def execute(self, context: Any) -> dict[str, str]:
        from nexuslims_core.housekeeping import publish_pending

        holder = f"{context['run_id']}/{self.task_id}"
        reports = translated(lambda: publish_pending(FacilityHook().facility(), holder))
        return {report.session_identifier: report.status.value for report in reports}
