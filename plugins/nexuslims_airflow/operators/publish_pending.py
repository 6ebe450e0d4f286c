"""Task ``publish_pending``."""

from typing import Any

from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.lineage import NOTHING, TracedOperator, of_report
from nexuslims_airflow.metrics import attempt_ended
from nexuslims_airflow.operators.stage import translated
from nexuslims_core.sessions.states import RecordStatus


class PublishPendingOperator(TracedOperator):
    """Publish the records that no destination took when they were built, and that are due for another try.

    :return: each session that was tried, and where it stands now
    """

    @override
    def execute(self, context: Any) -> dict[str, str]:
        from nexuslims_core.housekeeping import publish_pending

        holder = f"{context['run_id']}/{self.task_id}"
        facility = translated(FacilityHook().facility)
        reports = translated(lambda: publish_pending(facility, holder))
        done = [report for report in reports if report.status is RecordStatus.COMPLETED]
        for report in done:
            attempt_ended(facility.database, report.session_identifier)
        self.trace = sum((of_report(report, facility) for report in done), start=NOTHING)
        return {report.session_identifier: report.status.value for report in reports}
