"""Task ``complete_reservations``."""

from typing import Any

from airflow.sdk import BaseOperator
from typing_extensions import override

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_airflow.operators.stage import translated


class CompleteReservationsOperator(BaseOperator):
    """Put sessions back whose records were built while their calendar was away, if it answers again.

    :return: the sessions that the next run of the other DAG builds anew
    """

    @override
    def execute(self, context: Any) -> list[str]:
        from nexuslims_core.housekeeping import complete_reservations

        return list(translated(lambda: complete_reservations(FacilityHook().facility())))
