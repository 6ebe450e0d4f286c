"""Task ``requeue_late``."""

from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import translated


class RequeueLateOperator(BaseOperator):
    """Put sessions back whose files came after their record was built.

    :return: each session that the next run of the other DAG builds anew, and what came
    """

    @override
    def execute(self, context: Any) -> dict[str, str]:
        from nexuslims_core.stages.late_files import requeue_late

        late = translated(lambda: requeue_late(FacilityHook().facility()))
        return {each.session.session_identifier: str(each) for each in late}
